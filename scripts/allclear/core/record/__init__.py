"""What happened: entries, their chain, and the incident that they add up to.

Facts stand by topic, each file with its facts, their union and the arms that fold them: life, people,
findings, progress, production, postmortem, audit. ``facts`` joins the unions to the one that an entry holds;
``fold`` asks each topic, and is the only way to an incident.
"""
