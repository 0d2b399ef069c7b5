"""What the post-mortems add up to: numbers by incident and by month, and the index of the reports."""
