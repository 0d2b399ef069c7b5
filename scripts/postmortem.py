"""Write the post-mortems of the incidents in ALLCLEAR_ISSUES. postmortem.yml and others start it."""

from allclear.single_run import once

once("postmortem")
