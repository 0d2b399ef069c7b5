"""Accounts, what they may do, and what they do."""
