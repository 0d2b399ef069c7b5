"""The embedded GitHub, a runner of its workflows, drills, and all of it as a server. Beside the product, for
people and tests: server -> drill -> runner -> github.
"""
