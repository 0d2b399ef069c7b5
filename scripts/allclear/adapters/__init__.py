"""Acts. One file = one outside system."""
