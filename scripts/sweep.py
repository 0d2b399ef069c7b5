"""Look at every open incident, and do whatever is due. Started by sweep.yml."""

from allclear.single_run import once

once("sweep")
