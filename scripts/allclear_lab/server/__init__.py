"""The lab: the embedded GitHub and its runner as a server, for people and for other people's tools."""
