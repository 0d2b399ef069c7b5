"""The outside of production: processes, HTTP checks, deploy runs."""
