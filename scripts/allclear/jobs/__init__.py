"""One pass each: over one incident, over all of them, over a post-mortem. Read, plan, apply."""
