"""Workflows, their runs, artifacts and logs."""
