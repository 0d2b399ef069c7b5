"""Issues, comments, labels, reactions and their events."""
