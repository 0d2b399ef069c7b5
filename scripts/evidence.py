"""Keep the evidence of an incident. evidence.yml starts it, once for each of ALLCLEAR_STEP."""

from allclear.single_run import once

once("evidence")
