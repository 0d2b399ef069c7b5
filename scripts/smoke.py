"""Look whether a service is well. smoke.yml and rollback-production.yml start it, by ALLCLEAR_STEP."""

import os

from allclear.app import smoke

raise SystemExit(smoke(os.environ))
