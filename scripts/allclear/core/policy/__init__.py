"""What the owner of a repository decides: runbook, settings, services, deploy systems, addresses."""
