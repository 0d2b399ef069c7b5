"""Any history of deployments: what runs, where to go back to, and what changed, against a small oracle.

A history is made up by an author with a seed: two services that deploy to one environment, by tools that
report more or less of what they do (Actions itself; a script that reports only the end; one that reports
nothing), previews among them, the same commit again, rollbacks by us and by others, slow deployments beside
fast ones, statuses of one second, lists from either end, statuses that retire others.

The oracle reads a deployment's statuses as a word, a letter each, and asks regular expressions what became of
it. It shares no line with the product. Beside it stands the truth, which the author knows: what really
touched production last.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import dropwhile
from random import Random
from typing import Any

from allclear.core.model.authored import read_authored
from allclear.core.model.release import Releases, last_known_good, not_begun, unclear
from allclear.core.policy.provider import Provider
from allclear.core.policy.settings import Settings
from allclear.core.production.attribution import attribute
from allclear.core.production.binding import bound_rollback
from allclear.core.production.deployments import Deployment, DeploymentStatus, releases_of
from allclear.core.production.request import Request
from allclear.core.production.rollback import Aim
from sampling import Proof

HISTORIES = 10_000
PAGE = "https://github.com/acme/shop"
START = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SOURCES = ("sha", "environment_url", "payload.version")
LETTERS = {
    "waiting": "w",
    "queued": "q",
    "pending": "p",
    "in_progress": "i",
    "success": "s",
    "failure": "f",
    "error": "e",
    "inactive": "x",
}
FILTERS: tuple[dict[str, Any], ...] = (
    {"task": "deploy:{}"},
    {"payload": {"app": "{}"}},
    {"workflow": "deploy-{}.yml"},
    {"creator": "{}-bot"},
    {"ref": "release/{}/*"},
    {"task": "deploy:{}", "creator": "{}-bot[bot]"},
)


# -- the author


@dataclass
class Told:
    """One deployment as its tool told of it, with what only the author knows: whose it is."""

    number: int
    owner: str
    commit: str
    tool: str
    created: datetime
    word: list[tuple[str, datetime]] = field(default_factory=list)
    preview: bool = False
    ours: bool = False
    touched: datetime | None = None
    under_way: bool = False
    bad: bool = False


@dataclass
class History:
    """What happened, in its order: `steps` are deployments and their states, "" for their birth."""

    source: str
    own: dict[str, Any]
    made: list[Told] = field(default_factory=list)
    steps: list[tuple[Told, str, datetime]] = field(default_factory=list)
    taken_down: bool = False


COURSES = {
    # What Actions reports of a job: https://docs.github.com/en/rest/deployments/statuses
    "actions": (
        ("waiting", "queued", "in_progress", "success"),
        ("waiting", "queued", "in_progress", "failure"),
        ("waiting", "failure"),
        ("waiting",),
        ("waiting", "queued"),
        ("queued", "in_progress", "success"),
        ("queued", "in_progress", "failure"),
        ("in_progress", "success"),
        ("in_progress", "failure"),
        ("in_progress", "failure", "inactive"),
        ("in_progress",),
        ("queued", "failure"),
    ),
    # A script that reports the end, and maybe that there is something to come.
    "script": (
        ("pending", "success"),
        ("pending", "failure"),
        ("success",),
        ("failure",),
        ("error",),
        ("pending",),
        ("pending", "inactive"),
        ("success", "failure"),
        ("success", "success"),
        ("success", "inactive"),
    ),
    # Anything goes: tools use one deployment for several tries.
    "wild": (
        ("in_progress", "failure", "queued", "in_progress", "success"),
        ("success", "in_progress", "failure"),
        ("success", "queued"),
        ("in_progress", "error", "in_progress"),
        ("in_progress", "pending", "failure"),
        ("in_progress", "inactive"),
        ("success", "failure", "success"),
        ("waiting", "failure", "queued"),
    ),
    "silent": ((),),
}


def written(seed: int) -> History:
    """A history: up to twelve deployments, whose statuses interleave."""
    chance = Random(seed)
    own = chance.choice(FILTERS)
    history = History(chance.choice(SOURCES), own)
    now, under_way = START, list[tuple[Told, list[str]]]()
    retires = chance.random() < 0.5
    born = 0
    while born < chance.randint(3, 12) or under_way:
        now += timedelta(seconds=chance.choice((0, 1, 20, 200, 4000)))
        if not under_way or (born < 12 and chance.random() < 0.4):
            born += 1
            one = _born(chance, history, born, now)
            history.steps.append((one, "", now))
            course = list(chance.choice(COURSES[one.tool]))
            if course:
                under_way.append((one, course))
            elif chance.random() < 0.5:
                one.touched = now
            continue
        one, left = chance.choice(under_way)
        state = left.pop(0)
        _says(chance, history, one, state, now, retires=retires)
        under_way = [this for this in under_way if this[1]]
    return history


def _born(chance: Random, history: History, number: int, now: datetime) -> Told:
    before = [one.commit for one in history.made]
    again = bool(before) and chance.random() < 0.3
    commit = chance.choice(before) if again else f"{number:02x}" * 20
    one = Told(
        number,
        chance.choice(("web", "web", "web", "api", "docs")),
        commit,
        chance.choice(("actions", "actions", "script", "wild", "silent") if number > 1 else ("actions",)),
        now,
        preview=chance.random() < 0.1,
        ours=again and chance.random() < 0.5,
        bad=chance.random() < 0.1,
    )
    if one.owner == "docs" or one.preview:
        one.ours = False
    if one.ours:
        one.tool = "actions"
    history.made.append(one)
    return one


def _says(chance: Random, history: History, one: Told, state: str, now: datetime, *, retires: bool) -> None:
    """One more status, and what it says of production; the author knows what it really did there."""
    before = [said for said, _ in one.word]
    one.word.append((state, now))
    history.steps.append((one, state, now))
    if state == "inactive" and "success" in before and not one.under_way:
        history.taken_down = True
    elif state in ("in_progress", "success"):
        one.touched, one.under_way = now, state == "in_progress"
    elif state in ("failure", "error", "inactive"):
        # A script that says no more than this may have begun all the same.
        mute = one.tool == "script" and "success" not in before and chance.random() < 0.5
        if one.under_way or mute:
            one.touched, one.under_way = now, False
    if state == "success" and retires:
        for other in history.made:
            if other.number < one.number and other.word and other.word[-1][0] == "success":
                other.word.append(("inactive", now))
                history.steps.append((other, "inactive", now))


# -- what GitHub shows of it


def seen(history: History, until: int, chance: Random) -> list[Deployment]:
    """The deployments after so many steps, in any order."""
    said: dict[int, list[tuple[str, datetime]]] = {}
    for one, state, at in history.steps[:until]:
        said.setdefault(one.number, [])
        if state:
            said[one.number].append((state, at))
    shown = [_shown(history, one, said[one.number], chance) for one in history.made if one.number in said]
    chance.shuffle(shown)
    return shown


def _shown(history: History, one: Told, word: list[tuple[str, datetime]], chance: Random) -> Deployment:
    job = f"{PAGE}/actions/runs/{one.number}" + ("/job/1" if one.tool == "actions" and not one.ours else "")
    log = "" if one.tool in ("script", "silent") else job
    url = f"https://{one.commit[:2]}.example.com"
    statuses = [
        DeploymentStatus(state, at, url=url if state == "success" else "", log=log) for state, at in word
    ]
    newest = statuses[-1] if statuses else None
    if chance.random() < 0.5:
        statuses.reverse()
    own = {name: _filled(value, one.owner) for name, value in history.own.items()}
    payload: dict[str, Any] = {"version": f"v{one.commit[:2]}"} | dict(own.get("payload", {}))
    task = str(own.get("task", "deploy"))
    if one.ours:
        task, payload = (
            "deploy:rollback",
            {
                "operation": f"rollback-{one.number:08d}",
                "service": one.owner,
                "version": payload["version"],
            },
        )
    return Deployment(
        id=one.number,
        sha=one.commit,
        created=one.created,
        statuses=tuple(statuses),
        newest=newest,
        task=task,
        ref="main" if one.ours else str(own.get("ref", "main")).replace("*", "7"),
        creator="" if one.ours else str(own.get("creator", "bob")),
        workflow="rollback-production.yml" if one.ours else str(own.get("workflow", "deploy.yml")),
        environment="production",
        transient=one.preview,
        payload=payload,
        smoke="bad" if one.bad else "unknown",
    )


def _filled(value: Any, owner: str) -> Any:
    if isinstance(value, dict):
        return {name: text.format(owner) for name, text in value.items()}
    return value.format(owner)


def read(history: History, until: int) -> Releases:
    """What the product makes of it."""
    settings, provider = _settings(history)
    chance = Random(until)
    whose = attribute("web", settings, seen(history, until, chance))
    assert whose.mixed == ""
    now = history.steps[until - 1][2] if until else START
    return releases_of(whose.own, provider, PAGE, now, others=whose.others)


def _settings(history: History) -> tuple[Settings, Provider]:
    filters = {
        name: {key: _filled(value, name) for key, value in history.own.items()} for name in ("web", "api")
    }
    settings = read_authored(
        Settings, {"services": {name: {"provider": "x", "deployments": own} for name, own in filters.items()}}
    )
    provider = read_authored(
        Provider,
        {"title": "X", "pattern": ".*", "rollback": ["go", "{target}"], "target_from": history.source},
    )
    return settings, provider


# -- the oracle


Touch = tuple[datetime, int, int, str, str]
"""When, which deployment, its how manieth, the release's target or commit, and how: s, f, i or ?."""


@dataclass
class Read:
    """What the oracle makes of a history: all that touched web, the newest first; which of it was taken down;
    which success turned out bad; what waits (w) or did not begin (n).
    """

    touches: list[Touch] = field(default_factory=list)
    down: set[tuple[int, int]] = field(default_factory=set)
    bad: set[tuple[int, int]] = field(default_factory=set)
    idle: dict[int, str] = field(default_factory=dict)

    @property
    def running(self) -> list[Touch]:
        """From what runs on, the newest first."""
        return list(dropwhile(lambda one: one[1:3] in self.down, self.touches))


def oracle(history: History, until: int) -> Read:
    there = dict.fromkeys(one.number for one, _, _ in history.steps[:until])
    known = [one for one in history.made if one.number in there]
    said: dict[int, list[tuple[str, datetime]]] = {one.number: [] for one in known}
    for one, state, at in history.steps[:until]:
        said[one.number] += [(state, at)] if state else []
    mine = [one for one in known if one.owner == "web" and not _is_preview(one, known)]
    theirs = [at for one in known if one not in mine for state, at in said[one.number] if state == "success"]
    found = Read()
    for one in mine:
        _tell(history, one, said[one.number], theirs, found)
    found.touches.sort(reverse=True)
    return found


def _tell(
    history: History, one: Told, word: list[tuple[str, datetime]], theirs: list[datetime], found: Read
) -> None:
    letters = "".join(LETTERS[state] for state, _ in word)
    name = _name(history, one, letters)
    touched = list(re.finditer(r"s|i[wqpi]*[fex]|i[wqpi]*$", letters))
    good = {(one.number, count) for count, match in enumerate(touched) if match[0] == "s"}
    for count, match in enumerate(touched):
        kind = "s" if match[0] == "s" else "i" if match[0][-1] in "iwqp" else "f"
        at = word[match.start() if kind == "i" else match.end() - 1][1]
        found.touches.append((at, one.number, count, name, kind))
    if good:
        tail = letters.rpartition("s")[2]
        if one.bad or re.search("[fe]", tail):
            found.bad |= good
        before = len(letters) - len(re.sub("^[^i]*", "", tail))
        reported = [at for state, at in word[len(letters) - len(tail) : before] if state == "inactive"]
        if any(all(abs(at - other) > MINUTE for other in theirs) for at in reported):
            found.down |= good
    if re.search("[wqp]$", letters) and not re.search("i[wqpi]*$", letters):
        found.idle[one.number] = "w"
    elif not touched and letters and ("w" in letters or (one.tool == "actions" and not one.ours)):
        found.idle[one.number] = "n"
    elif not touched:
        found.touches.append((word[-1][1] if word else one.created, one.number, 0, name, "?"))


def _is_preview(one: Told, known: list[Told]) -> bool:
    return one.preview and any(not other.preview for other in known if other.owner == one.owner)


def _name(history: History, one: Told, letters: str) -> str:
    """What a release is called in the comparison: its target, else its commit."""
    if history.source == "payload.version":
        return f"v{one.commit[:2]}"
    if history.source == "environment_url" and "s" in letters:
        return f"https://{one.commit[:2]}.example.com"
    return one.commit


def good_before(touches: list[Touch], bad: set[tuple[int, int]]) -> str | None:
    """The newest good release before the first of these, by what 000-A10 says."""
    newest, *rest = touches
    good = [touch for touch in rest if touch[4] == "s"]
    same = [touch for touch in good if touch[3] == newest[3]]
    for touch in good:
        last = next(one for one in good if one[3] == touch[3])
        left = bool(same) and (touch > same[-1] or (touch == same[-1] and newest[4] == "s"))
        if not left and last[1:3] not in bad:
            return touch[3]
    return None


KINDS = {"success": "s", "failed": "f", "in progress": "i", "unclear": "?"}


def cases(proof: Proof) -> Iterator[tuple[int, History, Releases, Read]]:
    """Histories with what the product and the oracle make of them."""
    for seed in proof(range(HISTORIES), 250):
        history = written(seed)
        until = len(history.steps)
        yield seed, history, read(history, until), oracle(history, until)


def test_what_runs_is_what_the_oracle_says(proof: Proof) -> None:
    for seed, _, found, said in cases(proof):
        current = found.current
        told = [(current.id, current.identity, KINDS[current.state])] if current else []
        assert told == [(number, name, kind) for _, number, _, name, kind in said.running[:1]], seed


def test_the_last_known_good_release_is_the_one_that_the_oracle_names(proof: Proof) -> None:
    for seed, _, found, said in cases(proof):
        goal = last_known_good(found)
        wanted = good_before(said.running, said.bad) if said.running else None
        assert (goal.target if goal else None) == wanted, seed


def test_what_would_overwrite_a_rollback_is_told(proof: Proof) -> None:
    for seed, history, found, said in cases(proof):
        since = said.running[0][0] if said.running else START
        late = {n for n, kind in said.idle.items() if kind == "w" or _ended(history, n) >= since}
        assert {one.id for one in found.idle} == late, seed
        assert {one.id for one in found.deploying} == {n for _, n, _, _, kind in said.touches if kind == "i"}


def _ended(history: History, number: int) -> datetime:
    return max(at for one, state, at in history.steps if one.number == number and state)


def test_what_touched_production_last_is_what_it_names_or_one_of_those_that_it_asks_about(
    proof: Proof,
) -> None:
    for seed, history, found, _ in cases(proof):
        mine = [one for one in history.made if one.owner == "web" and one.touched]
        mine = [one for one in mine if not _is_preview(one, history.made)]
        if history.taken_down or not mine:
            continue
        last = max(one.touched for one in mine if one.touched)
        could = [found.current, *unclear(found), not_begun(found).current]
        assert {one.sha for one in could if one} & {one.commit for one in mine if one.touched == last}, seed


def test_whatever_touched_the_service_since_a_request_is_bound_to_the_approval(proof: Proof) -> None:
    for seed in proof(range(HISTORIES), 250):
        history = written(seed)
        whole = len(history.steps)
        asked = Random(seed).randint(0, whole)
        then, now = oracle(history, asked), oracle(history, whole)
        # The same report twice in one second is one.
        before, after = ({(at, n, name, kind) for at, n, _, name, kind in one.touches} for one in (then, now))
        ran, runs = ([(at, n, kind) for at, n, _, _, kind in one.running[:1]] for one in (then, now))
        touched = bool(after - before) or ran != runs
        assert (bound(history, asked) != bound(history, whole)) == touched, seed


def bound(history: History, until: int) -> str:
    """The digest of what a rollback to a named release would undo."""
    found = read(history, until)
    settings, provider = _settings(history)
    aimed = Aim(
        "web", settings.services["web"], provider, current=found.current, word="v1", touched=found.newest
    )
    return bound_rollback(aimed, None, Request("web"), dry_run=False).digest
