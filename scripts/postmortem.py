"""Write the post-mortems of the incidents in ALLCLEAR_ISSUES. Started by postmortem.yml and by the other workflows."""

import os

from allclear.app import postmortem

raise SystemExit(postmortem(os.environ))
