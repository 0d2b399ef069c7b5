"""Look whether a service is well. smoke.yml and rollback-production.yml start it, by ALLCLEAR_STEP."""

from allclear.single_run import once

once("smoke")
