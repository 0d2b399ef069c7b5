"""The numbers of severities that name none themselves."""

from __future__ import annotations

from allclear.core.language.document import LimitBySeverity
from allclear.core.model.frozen import Frozen


class Numbers(Frozen):
    """By severity, as in a runbook: how long a fix is watched, how long nobody may be silent, when the
    post-mortem is due.
    """

    watch: LimitBySeverity
    silence: LimitBySeverity
    review: LimitBySeverity
