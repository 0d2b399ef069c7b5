"""Execute a rollback or an action, once. rollback-production.yml starts it for steps of its jobs:
ALLCLEAR_STEP.
"""

import os

from allclear.app import rollback

raise SystemExit(rollback(os.environ))
