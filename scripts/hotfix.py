"""Open the hotfixes of the incidents in ALLCLEAR_ISSUES. respond.yml and sweep.yml start it."""

from allclear.single_run import once

once("hotfix")
