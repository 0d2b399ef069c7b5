"""What stops a release."""


class ReleaseError(Exception):
    """A release cannot be built or read. The message says what to do, in whole sentences."""


class DownloadError(ReleaseError):
    """The packages of the lock cannot be had: the package index does not answer, or has other files."""
