"""What the clock says aloud: a due deadline becomes an entry and a notice with the people it is for."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from msgspec import Struct

from allclear.core.clock.chains import chain_named
from allclear.core.clock.checklist import failing
from allclear.core.clock.deadlines import Timer
from allclear.core.clock.roles import covering, role_of
from allclear.core.clock.step_duties import owned
from allclear.core.clock.step_text import step_text
from allclear.core.clock.window import window
from allclear.core.conversation.command import Policy
from allclear.core.conversation.spoken import Occasion, named_values
from allclear.core.model.asking import Asking, Knowledge
from allclear.core.model.neutral import code, inline, rendered
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.people import UNKNOWN, Rights
from allclear.core.model.snapshot import Wants
from allclear.core.policy.deadline import Deadline
from allclear.core.policy.runbook import Runbook
from allclear.core.record.action_item import action_of
from allclear.core.record.entry import Entry
from allclear.core.record.incident import Incident
from allclear.core.record.lean import shown
from allclear.core.record.progress import Fired
from allclear.core.record.step import step_of
from allclear.core.view.action_items import action_line
from allclear.core.view.people import people_behind
from allclear.core.view.reply import Notice

_SENTENCE = lazy_regex(r"(?<=[.!?])\s+")

MOST_ASKED = 20
"""Logins that GitHub is asked about for one notice, before the rest of them is believed."""


def values(incident: Incident, policy: Policy, link: str, at: datetime) -> dict[str, str]:
    """What a runbook's texts may name, and what only the engine's own name: inert Markdown, times in the
    runbook's zone.
    """
    runbook, incident = policy.runbook, shown(incident)
    span = window(incident, runbook)
    engine = {
        "window_length": span.words() if span else "",
        "smoke": _smoke(incident),
        "within": "",
        "limit": "",
        "every": "",
        "flags": "",
    }
    return engine | named_values(incident, Occasion(runbook, policy.settings, policy.zone, link, at))


def _smoke(incident: Incident) -> str:
    """What the newest smoke runs say, as the end of a sentence; empty when there was none."""
    if not incident.production.smoke:
        return ""
    failed = [name for name, run in failing(incident)]
    if failed:
        return f", and the last smoke run of {', '.join(map(code, failed))} **failed**"
    return ", and the last smoke run passed"


class Audience(Struct, frozen=True):
    """Whom a notice reaches. ``mentions``: logins that are notified; ``names``: titles without a login, which
    are shown by name. ``instead``: a neutral sentence about why others hear of it than it is meant for.
    ``team``: whether it reaches anybody but who opened the issue.
    """

    mentions: tuple[str, ...]
    names: tuple[str, ...]
    instead: str = ""
    team: bool = True


def audience(
    titles: Iterable[str], incident: Incident, policy: Policy, known: Knowledge, *, level: int = 0
) -> Asking[Audience]:
    """Whom to notify of what is meant for these titles, at this level of an escalation. A drill notifies
    nobody.

    Paging fails open: what would reach nobody goes to the first responder, to the next levels, to everybody
    with write access whom the settings name, and at last to who opened the issue.
    """
    wanted = _with_cover(titles, incident, policy, known.snapshot.now)
    behind = {title: people_behind(title, incident, policy.runbook, policy.settings) for title in wanted}
    names = tuple(title for title, logins in behind.items() if not logins)
    if incident.kind != "real":
        found = dict.fromkeys(login for logins in behind.values() for login in logins)
        return Audience((), (*names, *found))
    reached = yield from _reached(wanted, incident, policy, known)
    if reached:
        return Audience(reached, names)
    nobody = f"Nobody who can be notified stands behind {' or '.join(map(inline, wanted)) or 'it'}"
    for group in _instead_of(wanted, incident, policy, level):
        reached = yield from _reached(group, incident, policy, known)
        if reached:
            return Audience(reached, names, f"{nobody}, so this goes to {' and '.join(map(inline, group))}.")
    reached = yield from _able(policy.settings.named, known, Rights.WRITE)
    if reached:
        to = "everybody with write access whom the settings name"
        return Audience(reached, names, f"{nobody}, so this goes to {to}.")
    author = incident.team.reporter or known.snapshot.issue.author
    people = author is not None and not author.login.endswith("[bot]")
    to = "so this goes to who opened the issue" if people else "so **nobody was notified**"
    hint = "Write the logins into `people` in `.github/allclear.yml`"
    told = f"{nobody}, nor behind anything else in the settings, {to}. {hint}."
    return Audience((author.login,) if author and people else (), names, told, team=False)


def _with_cover(titles: Iterable[str], incident: Incident, policy: Policy, now: datetime) -> tuple[str, ...]:
    """These titles, and who hears as well while some of them do not answer, where that is anybody."""
    runbook, settings = policy.runbook, policy.settings
    cover = covering(titles := tuple(titles), incident, runbook, now)
    there = [title for title in cover if people_behind(title, incident, runbook, settings)]
    return tuple(dict.fromkeys((*titles, *there)))


def _instead_of(
    titles: Iterable[str], incident: Incident, policy: Policy, level: int
) -> list[tuple[str, ...]]:
    """Who hears of what would reach nobody, one group after the other: those whom these titles are meant for
    as roles, the first responder and the higher levels of this severity's chain, whoever is first in the
    runbook, and the higher levels of the other chains.
    """
    runbook = policy.runbook
    chain = chain_named(runbook, incident.severity)
    first, *higher = chain.levels
    above = [one for one in runbook.deadlines if one.action == "escalate" and one.level > level]
    levels = [first, *higher[max(0, level - 1) :], runbook.chains[0].levels[0]]
    groups = _stand_ins(titles, policy)
    for group in (*levels, *(one.to for one in sorted(above, key=lambda one: one.level))):
        groups += [group, *_stand_ins(group, policy)]
    return list(dict.fromkeys(groups))


def _stand_ins(titles: Iterable[str], policy: Policy) -> list[tuple[str, ...]]:
    """For whom the roles among these titles are meant: the primary, the backup, and whoever the settings name
    for a title that is spelt like a role.
    """
    found: list[tuple[str, ...]] = []
    for title in titles:
        role = role_of(title, policy.runbook)
        if role is not None:
            named = tuple(f"@{login}" for login in policy.settings.holders(title))
            found += [group for group in (role.primary, role.backup, named) if group]
    return found


def _reached(
    titles: Iterable[str], incident: Incident, policy: Policy, known: Knowledge
) -> Asking[tuple[str, ...]]:
    """The logins behind these titles, when a mention reaches one of them at least: one that is in the
    incident, or has an account. GitHub is asked until one is found, so that a page usually costs one request.
    """
    logins = _behind(titles, incident, policy)
    if _in_touch(logins, incident, known):
        return tuple(logins)
    able = yield from _able(logins, known, Rights.READ, enough=1)
    asked = known.snapshot.access
    gone = {login for login in logins if asked.get(login.lower(), UNKNOWN).rights == Rights.NONE}
    return tuple(login for login in logins if login not in gone) if able else ()


def _behind(titles: Iterable[str], incident: Incident, policy: Policy) -> dict[str, None]:
    """The logins behind these titles, each once."""
    return dict.fromkeys(
        login for title in titles for login in people_behind(title, incident, policy.runbook, policy.settings)
    )


def _in_touch(logins: Collection[str], incident: Incident, known: Knowledge) -> bool:
    """Whether a mention is known to reach one of them: one that is in the incident, or may be assigned here,
    and so sees it. Of who may not be assigned nothing is known by that: they may read a public repository,
    and are asked about one by one.
    """
    team = {person.login for person in (*incident.team.responders, *incident.team.in_roles)}
    return any(login in team or known.snapshot.assignable.get(login.lower()) for login in logins)


def look_for_all(
    audiences: Iterable[Iterable[str]], incident: Incident, policy: Policy, known: Knowledge
) -> Asking[None]:
    """Ask at once about the people of several notices, where more than one of them would be asked about."""
    asked, first, behind = known.snapshot.access, set[str](), dict[str, None]()
    for titles in audiences if incident.kind == "real" else ():
        group = _behind(_with_cover(titles, incident, policy, known.snapshot.now), incident, policy)
        logins = [login.lower() for login in group]
        if logins and logins[0] not in asked and not _in_touch(group, incident, known):
            first.add(logins[0])
            behind |= dict.fromkeys(logins)
    if len(first) > 1:
        # Of each notice somebody is asked about, of a long list perhaps not everybody.
        wanted = dict.fromkeys((*first, *behind))
        yield from known.learn(Wants(assignable=frozenset([*wanted][:MOST_ASKED])))


def _able(
    logins: Iterable[str], known: Knowledge, least: Rights, *, enough: int = MOST_ASKED
) -> Asking[tuple[str, ...]]:
    """Those who have at least this right here, or of whom GitHub does not say what they may do; ``enough`` of
    them.
    """
    found: list[str] = []
    for login in tuple(logins)[:MOST_ASKED]:
        yield from known.learn(Wants(logins=frozenset({login.lower()})))
        rights = known.snapshot.access.get(login.lower(), UNKNOWN).rights
        if rights is None or rights >= least:
            found.append(login)
        if len(found) == enough:
            break
    return tuple(found)


def _covered(timer: Timer, runbook: Runbook) -> list[Deadline]:
    """The deadlines that are said with it and ask for something of their own, such as `/ack`."""
    names = {key.split("/", 1)[0] for key in timer.covers} - {timer.deadline.id}
    return [one for one in runbook.deadlines if one.id in names]


def _raised(timer: Timer, incident: Incident, runbook: Runbook) -> list[str]:
    """What the flags mean whose raising is told: those that its key or the keys it covers name."""
    keys = {mark for key in (timer.key, *timer.covers) for mark in key.split("/")}
    raised = incident.progress.raised
    told = [flag for flag in timer.deadline.when.flag if flag in raised and raised[flag].key in keys]
    return [runbook.flag_titles.get(flag, flag) for flag in told]


def _lengths(deadline: Deadline, incident: Incident) -> dict[str, str]:
    """How long a deadline gives, in the ways that its text may say it."""
    limit = deadline.within[incident.severity]
    return {"within": limit.words(), "limit": limit.as_limit(), "every": limit.cadence()}


def notice(
    timer: Timer, incident: Incident, policy: Policy, known: Knowledge
) -> Asking[tuple[Entry, Notice]]:
    """The (not yet chained) entry and the notice of a deadline that is due."""
    deadline, link, now = timer.deadline, known.snapshot.issue.url, known.snapshot.now
    reached = yield from audience(timer.to, incident, policy, known, level=deadline.level)
    filled = values(incident, policy, link, now) | _lengths(deadline, incident)
    filled["flags"] = inline(", ".join(_raised(timer, incident, policy.runbook)), 500)
    filled |= {name: inline(value, 500) for name, value in timer.values.items()}
    texts = [rendered(policy.renderer, deadline.text, filled)]
    texts += [
        rendered(policy.renderer, one.text, filled | _lengths(one, incident))
        for one in _covered(timer, policy.runbook)
    ]
    fact = Fired(
        timer=timer.key,
        deadline=deadline.title,
        due=timer.due,
        to=(*reached.mentions, *reached.names),
        covers=timer.covers,
        unheard=not reached.team,
        titles=timer.to if deadline.aim else (),
    )
    entry = Entry(key=f"t:{timer.key}", what=deadline.id, at=now, facts=(fact,))
    spoken = Notice(
        key=entry.key,
        title=deadline.title,
        text=_each_once(texts),
        mentions=reached.mentions,
        names=reached.names,
        due=timer.due,
        late=max(timedelta(), now - timer.due),
        action=deadline.action,
        message=lines_due(timer, incident, policy.runbook),
        kind=incident.kind,
        instead=reached.instead,
    )
    return entry, spoken


def lines_due(timer: Timer, incident: Incident, runbook: Runbook) -> str:
    """The action items or steps that a reminder is about, a line each; empty for all other deadlines."""
    keys = (timer.key, *timer.covers)
    numbers, steps = {action_of(key) for key in keys}, {step_of(key) for key in keys}
    lines = [action_line(one) for one in incident.progress.open_actions if one.number in numbers]
    lines += [
        f"{step_text(one.item.step, incident, runbook)} (`{one.item.step.id}`): "
        f"{inline(one.to.removeprefix('@'))}, due {one.due}"
        for one in owned(incident, runbook)
        if one.item.step.id in steps
    ]
    return "\n".join(f"- {line}" for line in lines)


def _each_once(texts: Iterable[str]) -> str:
    """The texts as paragraphs; a sentence that several have, such as the call to acknowledge, stands once."""
    said: set[str] = set()
    paragraphs = []
    for text in texts:
        fresh = [one for one in _SENTENCE.split(text.strip()) if one.rstrip(".") not in said]
        said |= {one.rstrip(".") for one in fresh}
        paragraphs += [" ".join(fresh)] if fresh else []
    return "\n\n".join(paragraphs)
