"""Objects, refs, contents and commit statuses."""
