"""The runbook language: the file that a team writes, and what it becomes for the engine."""
