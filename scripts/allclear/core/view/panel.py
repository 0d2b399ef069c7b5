"""The panel: the bot's one status comment. A view for people, and a checkpoint for the next run.

It is a cache. Deleted, edited or stale: it is rebuilt from the entries, to the byte: nothing in it depends on
when it is written. Hidden first line: whose panel it is. Hidden last line: checkpoint, and a sum over all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from allclear.core.model.errors import TextError
from allclear.core.model.neutral import Renderer, inline
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.snapshot import Repository
from allclear.core.model.structs import replace
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.settings import Settings
from allclear.core.record.checkpoint import Checkpoint, pack, sealed
from allclear.core.record.incident import Incident
from allclear.core.record.panel_text import first_line
from allclear.core.record.seal import COMMAND, Keyring
from allclear.core.view.panel_values import CUTS, alerts, view
from allclear.core.view.reply import ROOM, SEPARATOR, size

_BOX = lazy_regex(
    r"^[ \t]{0,3}[-*+] \[([ xX])\] .{0,2000}\(`([a-z][a-z0-9-]{0,40})`\)[ \t]{0,3}\r?$", re.MULTILINE
)
_GAP = lazy_regex(r"\n{3,}")


def render_panel(  # noqa: PLR0913 - everything the panel shows is an argument, so that it can be rebuilt
    incident: Incident,
    runbook: Runbook,
    settings: Settings,
    checkpoint: Checkpoint,
    *,
    renderer: Renderer,
    zone: ZoneInfo,
    repository: Repository,
    issue_url: str,
    trouble: Sequence[str],
    waiting: Sequence[str],
    broken: Sequence[str],
    keys: Keyring | None = None,
    quiet: str = "",
) -> str:
    """The panel's whole body, at most 60,000 UTF-16 units. ``quiet``: the hidden line of core.plan.quiet.

    ``trouble`` (settings), ``waiting`` (commands that wait for GitHub), ``broken`` (comments that are no
    record): lines of neutral Markdown. ``keys`` sign it; without them it says that nobody does. Too long:
    first the state of the record goes (every run then reads all comments), then the visible parts, least
    needed first (I3), and at last the settings that are kept for a day on which theirs cannot be read.
    """
    first = first_line(repository.id, incident.number)
    values = panel_values(
        incident,
        runbook,
        settings,
        zone=zone,
        repository=repository,
        issue_url=issue_url,
        trouble=trouble,
        waiting=waiting,
        broken=broken,
        keys=keys,
    )

    def body_of(packed: str) -> str:
        visible = _visible(first, values, renderer) + (f"{quiet}\n" if quiet else "")
        return sealed(visible, packed, repository.id, incident.number, keys)

    body = body_of(pack(checkpoint))
    packed = pack(replace(checkpoint, state=None)) if size(body) > ROOM else ""
    cuts = iter(({}, *({name: instead, "shortened": True} for name, instead in CUTS.items())))
    while size(body) > ROOM and (cut := next(cuts, None)) is not None:
        values |= cut
        body = body_of(packed)
    return body if size(body) <= ROOM else body_of("")


def panel_values(  # noqa: PLR0913 - see render_panel
    incident: Incident,
    runbook: Runbook,
    settings: Settings,
    *,
    zone: ZoneInfo,
    repository: Repository,
    issue_url: str,
    trouble: Sequence[str],
    waiting: Sequence[str],
    broken: Sequence[str],
    keys: Keyring | None,
) -> dict[str, object]:
    """The values of ``panel.md.j2``, for the arguments of ``render_panel``."""
    return view(incident, runbook, settings, zone, repository) | {
        "alerts": alerts(broken, trouble, waiting),
        "issue_url": issue_url,
        "shortened": False,
        "signing": COMMAND if keys is None else "",
    }


def _visible(first: str, values: dict[str, object], renderer: Renderer) -> str:
    try:
        shown = renderer.file("panel.md.j2", values)
    except TextError as error:
        shown = _bare(values, error)
    return f"{first}\n{_GAP.sub(SEPARATOR, shown).strip()}{SEPARATOR}"


def _bare(values: dict[str, object], error: TextError) -> str:
    """What stands there while the template cannot be rendered: which incident it is, and what is wrong."""
    alerted: list[dict[str, list[str]]] = values["alerts"]  # type: ignore[assignment]  # made by alerts()
    wrong = (
        f"`templates/panel.md.j2` line {error.line or 1}: this template cannot be rendered, so the panel is "
        f"short: {inline(error.message)}."
    )
    title = f"## {values['sign']} {values['severity']} · {values['status']} · {values['title']}"
    lines = [wrong, *(line for one in alerted for line in one["lines"])]
    return "\n".join([title, "", "> [!WARNING]", *(f"> - {line}" for line in lines)])


def boxes(body: str) -> dict[str, bool]:
    """Step id -> ticked, read by the (`step-id`) at the end of an item, never by its position."""
    return {step: tick != " " for tick, step in _BOX.findall(body)}
