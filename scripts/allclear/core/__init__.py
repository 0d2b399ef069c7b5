"""Decides. No network, files, clock, environment or randomness in here: everything comes in as an argument."""
