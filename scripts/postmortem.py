"""Write the post-mortems of the incidents in ALLCLEAR_ISSUES. postmortem.yml and others start it."""

import os

from allclear.app import postmortem

raise SystemExit(postmortem(os.environ))
