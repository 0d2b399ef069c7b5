"""Deployments, and the environments that guard them."""
