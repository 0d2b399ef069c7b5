"""The drill:
a scripted incident, played by the real doors against the embedded GitHub, shown and written down.
"""
