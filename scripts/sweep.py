"""Look at every open incident, and do whatever is due. Started by sweep.yml."""

import os

from allclear.app import sweep

raise SystemExit(sweep(os.environ))
