"""What stops a release."""


class ReleaseError(Exception):
    """A release cannot be built or read. The message says what to do, in whole sentences."""
