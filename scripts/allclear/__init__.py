"""Allclear: incident response inside a GitHub repository."""
