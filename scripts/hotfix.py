"""Open the hotfixes of the incidents in ALLCLEAR_ISSUES. respond.yml and sweep.yml start it."""

import os

from allclear.app import hotfix

raise SystemExit(hotfix(os.environ))
