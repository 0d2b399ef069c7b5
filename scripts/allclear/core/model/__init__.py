"""What everything speaks of: people, times, what GitHub shows, operations, effects. Knows no other room."""
