"""A runner that plays workflow files: expressions, jobs, uploads."""
