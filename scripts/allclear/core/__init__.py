"""Decides. No network, files, clock, environment or randomness: everything comes in as an argument."""
