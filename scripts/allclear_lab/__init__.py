"""The embedded GitHub, a runner of its workflows, and drills. For people and tests, beside the product."""
