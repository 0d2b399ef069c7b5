"""GitHub over its API. client is the only importer of PyGithub."""
