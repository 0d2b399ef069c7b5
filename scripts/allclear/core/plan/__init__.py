"""One pass over one incident, decided: from a snapshot to the effects that make it true."""
