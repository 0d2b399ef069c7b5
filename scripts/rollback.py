"""Execute a rollback or an action, once. rollback-production.yml starts it for steps of its jobs:
ALLCLEAR_STEP.
"""

from allclear.single_run import once

once("rollback")
