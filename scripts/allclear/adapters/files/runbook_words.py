"""The end of the reference page of runbooks: words that mean the same under every key."""

from __future__ import annotations

from allclear.core.language.done import ALONE
from allclear.core.language.markdown import flat, table
from allclear.core.language.wording import FOR_THE_PUBLIC, PUBLIC, STAND_INS
from allclear.core.policy.checklists import MOMENTS

TOLD = f"""\
**Severities.** Where severities are named, an id, `major` (the two worst), `minor` (the others), `worst` or
`all` may stand, or a list of these. Where a value differs by severity, names such as these stand before each
value; `none` means: not at all.

**Moments.** `{"`, `".join(MOMENTS)}`, in this order. Texts of voices also stand at `update`.

**Time.** `15m` and `2h` elapse; `3d`, `2w`, `3mo` are days of the calendar. `2h office` counts only while the
calendar `office` is open, `5 office days` ends with the fifth open day, `next office day 10:00` is then,
and `next maintenance` is its next opening. How often: `15m`, `0m, then 5m`, `15m, then 1h after 4h`, or
`by hand`. The names `response`, `update`, `watch`, `evidence` and `review` stand for the severity's own
numbers.

**People.** A title is any name that stands in `chains`, as `primary` or `backup` of a role, or in `contacts`;
`responders` are those who wrote in the incident, `All hands` is everybody in the settings. The settings say
whose login a title is. Where people are told or invited, a role's id may stand as well.

**Done.** What ticks a step: a moment, `{"`, `".join(ALONE)}`, or with names behind it `told
Manager`, `role ic, tech`, `said team.update`, `evidence logs`.

**Texts** name values as `{{{{ name }}}}`, and hold nothing else: no conditions, no filters. The id of each
role is a value too (`-` is written `_`). A value that is not known yet prints what stands here; a line with a
value that the severity never has falls away. A `public` voice may name those of the last column only."""


def words_everywhere() -> str:
    """Severities, moments, what ticks a step, people, and the values of texts."""
    values = [
        (f"`{name}`", stand_in, "yes" if name in FOR_THE_PUBLIC else "")
        for name, stand_in in {**STAND_INS, **PUBLIC}.items()
    ]
    known = "\n".join(table(("Value", "Until it is known", "For the public"), values))
    parts = ["## Words that mean the same everywhere", *map(flat, TOLD.split("\n\n")), known]
    return "\n\n".join(parts) + "\n"
