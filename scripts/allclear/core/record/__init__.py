"""What happened: entries, their chain, and the incident that they add up to."""
