"""What an approval binds to: all that decides what an operation will do and undo, as one digest.

It is shown where somebody asks, written into the record, and computed again before anything is done. Any
difference means that something else would be done than what people said yes to.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import asdict

from allclear.core.model.authored import Authored, written
from allclear.core.model.neutral import code
from allclear.core.model.operation import Operation, OperationKind, Order
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.release import Comparison, Release, Releases
from allclear.core.policy.service import Action
from allclear.core.production.listing import filled
from allclear.core.production.request import Request
from allclear.core.production.rollback import Aim, migrations_in, unseen

DIGITS = 12
"""Hex digits of a digest: few enough to be compared by eye. Nothing is looked up by it; it is computed anew
and compared, so that two operations with the same one do not matter."""

SHOWN = 5
"""Commits and migrations that are named where something changed."""

_RANGE = lazy_regex(r"([0-9a-f]{40,64})\.\.\.([0-9a-f]{40,64})")


class Bound(Struct, frozen=True):
    """What is bound. ``runs`` is the identity of what runs now, ``before`` what people call it; ``release`` a
    name that only the deploy system knows; ``undoes`` the range of ``commits`` (a long list is cut, ``total``
    counts them all), ``doubt`` why not all is known of them; ``way`` how it is done, from the settings.
    ``deployment``: GitHub's number of the deployment that runs, and its state: the same commit may be
    deployed again meanwhile, or a deploy end. ``touched``: what touched production last, each with when: what
    came meanwhile and was taken down again is a change as well.
    """

    kind: OperationKind
    service: str
    way: str
    dry_run: bool
    runs: str = ""
    before: str = ""
    target: str = ""
    release: str = ""
    undoes: str = ""
    commits: tuple[str, ...] = ()
    total: int = 0
    migrations: tuple[str, ...] = ()
    doubt: str = ""
    with_migrations: bool = False
    while_deploying: bool = False
    deployment: str = ""
    touched: tuple[str, ...] = ()
    name: str = ""
    arguments: tuple[tuple[str, str], ...] = ()

    @property
    def digest(self) -> str:
        """The first hex digits of the SHA-256 of all this as canonical JSON."""
        text = json.dumps(asdict(self), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]


def bound_rollback(aimed: Aim, comparison: Comparison | None, request: Request, *, dry_run: bool) -> Bound:
    """What a rollback is bound to. ``comparison``: between the two releases; None where there is none."""
    seen = comparison or Comparison(known=False)
    service = aimed.service
    return Bound(
        kind="rollback",
        service=aimed.name,
        way=_way(aimed.provider, service.provider, service.environment, *_pairs(service.values)),
        dry_run=dry_run,
        runs=aimed.current.identity if aimed.current else "",
        before=aimed.current.name if aimed.current else "",
        target=aimed.release.target if aimed.release else "",
        release=aimed.release.name if aimed.release else aimed.word,
        undoes="...".join(aimed.commits or ()),
        commits=tuple(change.sha for change in seen.commits),
        total=seen.total,
        migrations=migrations_in(seen.paths, service.rollback.migrations),
        doubt=unseen(aimed, comparison),
        with_migrations=request.with_migrations,
        while_deploying=request.while_deploying,
        deployment=_deployment(aimed.current),
        touched=tuple(f"{_deployment(one)} {one.at}" for one in aimed.touched if one.id),
    )


def _deployment(release: Release | None) -> str:
    return f"{release.id} {release.state}" if release is not None and release.id else ""


def bound_action(name: str, action: Action, arguments: Mapping[str, str], *, dry_run: bool) -> Bound:
    """What an action is bound to: the words that will run, with the arguments in them."""
    return Bound(
        kind="action",
        service=action.service,
        way=_way(action, *filled(action.run, arguments)),
        dry_run=dry_run,
        name=name,
        arguments=tuple(sorted(arguments.items())),
    )


def ordered(bound: Bound) -> Order:
    """The order that does what is bound."""
    return Order(
        kind=bound.kind,
        service=bound.service,
        name=bound.name,
        target=bound.target,
        release=bound.release,
        before=bound.before,
        arguments=dict(bound.arguments),
        dry_run=bound.dry_run,
        with_migrations=bound.with_migrations,
        while_deploying=bound.while_deploying,
        deployment=bound.deployment,
        digest=bound.digest,
        undoes=bound.undoes,
    )


def _way(settings: Authored, *words: str) -> str:
    every = written(settings, changed=True)
    data = {name: value for name, value in every.items() if name not in {"title", "item"}}
    return json.dumps([data, *words], sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _pairs(values: Mapping[str, str]) -> list[str]:
    return [f"{name}={value}" for name, value in sorted(values.items())]


def range_of(undoes: str) -> tuple[str, str] | None:
    """The two commits, base and head, of a range as the record keeps it; None when it is none."""
    found = _RANGE.fullmatch(undoes)
    return (found[1], found[2]) if found else None


def told(digest: str) -> str:
    """One sentence for the answer and the run's summary."""
    return f"An approval binds to {code(digest)}, which stands for all that is shown here."


def changes(
    operation: Operation,
    now: Bound,
    earlier: Comparison | None,
    globs: Sequence[str],
    releases: Releases | None = None,
) -> str:
    """What is different from what was asked for, as raw text: old and new, and what would be undone as well.

    ``earlier``: what lay between the two releases then; None when it is not known any more. ``releases``: of
    the service now; None where GitHub does not know them.
    """
    found = []
    if operation.before != now.before:
        found.append(f"what runs: {operation.before or 'not known'} → {now.before or 'not known'}")
    elif operation.deployment != now.deployment:
        found.append(
            f"the deployment of {now.before}: {_shown(operation.deployment)} → {_shown(now.deployment)}"
        )
    elif releases is not None:
        found += _meanwhile(operation.asked, releases)
    if operation.target != now.target:
        found.append(f"goes back to: {operation.release or operation.target} → {now.release or now.target}")
    if operation.with_migrations != now.with_migrations:
        found.append("whether migrations may lie in between")
    if operation.while_deploying != now.while_deploying:
        found.append("whether a deployment may be under way")
    if operation.undoes != now.undoes or not found:
        found += _undone(now, earlier, globs)
    if operation.arguments != dict(now.arguments) or operation.name != now.name:
        found.append("which action, or with which values")
    return "; ".join(found) or "what the settings say of how it is done"


def _shown(deployment: str) -> str:
    number, _, state = deployment.partition(" ")
    return f"{number} ({state})" if number else "not known"


def _meanwhile(asked: datetime, releases: Releases) -> list[str]:
    """What touched production since ``asked``, although the same deployment runs as then."""
    late = [one for one in releases.newest if one.at is not None and one.at >= asked]
    gone = dict.fromkeys(one.name for one in late if one in releases.gone)
    others = dict.fromkeys(one.name for one in late if one not in releases.gone)
    found = [f"deployed meanwhile: {_listed(others)}"] if others else []
    return found + ([f"deployed meanwhile and taken down again: {_listed(gone)}"] if gone else [])


def _undone(now: Bound, earlier: Comparison | None, globs: Sequence[str]) -> list[str]:
    if earlier is None or not earlier.known:
        return []
    before = {change.sha for change in earlier.commits}
    known = set(migrations_in(earlier.paths, globs))
    lists = {
        "commits added": [sha[:7] for sha in now.commits if sha not in before],
        "commits no longer undone": [sha[:7] for sha in sorted(before - set(now.commits))],
        "migrations added": [path for path in now.migrations if path not in known],
        "migrations no longer undone": sorted(known - set(now.migrations)),
    }
    return [f"{what}: {_listed(those)}" for what, those in lists.items() if those]


def _listed(words: Iterable[str]) -> str:
    every = list(words)
    more = f" and {len(every) - SHOWN} more" if len(every) > SHOWN else ""
    return f"{', '.join(every[:SHOWN])}{more}"
