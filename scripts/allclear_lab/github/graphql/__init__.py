"""The embedded GitHub's GraphQL: reads of the same state, and changes by the routes of REST."""
