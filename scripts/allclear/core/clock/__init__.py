"""What is due and what has to hold: deadlines, checklist, gates, durations."""
