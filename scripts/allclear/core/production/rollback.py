"""The rollback decision: what is asked for, where it goes back to, and whether it may."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache

from msgspec import Struct

from allclear.core.conversation.command import CommandContext
from allclear.core.conversation.services import likely_service, not_a_service
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code
from allclear.core.model.operation import Operation
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.release import (
    Comparison,
    Release,
    Releases,
    check_target,
    find,
    linked,
    readings,
    unclear,
)
from allclear.core.model.structs import replace
from allclear.core.policy.provider import Provider, source_of_targets
from allclear.core.policy.service import Service
from allclear.core.production.named_release import with_release
from allclear.core.production.request import Request, read_request
from allclear.core.production.undoing import undone_there
from allclear.core.record.incident import Incident

GUIDE = "docs/rollback.md"

MOST_PATHS = 10
"""Migrations that a refusal lists."""

_NAME = lazy_regex(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")
"""What people may call a release that only the deploy system knows: looked up there, never passed on."""


class Aim(Struct, frozen=True):
    """What a rollback goes back to, as far as it is known.

    ``release`` None: the deploy system has the list, so that the executor looks it up: the one called
    ``word``, or the last known good one when that is empty. ``current`` None: nothing is known to run.
    ``beside``: other deployments that would overwrite the rollback. ``touched``: what touched production
    last.
    """

    name: str
    service: Service
    provider: Provider
    release: Release | None = None
    current: Release | None = None
    word: str = ""
    beside: tuple[Release, ...] = ()
    touched: tuple[Release, ...] = ()

    @property
    def commits(self) -> tuple[str, str] | None:
        """The commits, base and head, between which lies what would be undone; None where one is unknown."""
        if self.release is None or self.current is None or not (self.release.sha and self.current.sha):
            return None
        return self.release.sha, self.current.sha


def request_of(context: CommandContext) -> Request:
    """The request of the call. Raises UserError."""
    if not context.settings.services:
        raise not_a_service("", ())
    services = context.settings.services
    request = read_request(context.call.line, context.call.below, services)
    name = request.service or likely_service(services, context.incident.impact.services)
    provider = context.providers.get(services[name].provider) if name else None
    if provider is None:
        return request
    if source_of_targets(services[name], provider) == "provider":
        return with_release(request, None)
    releases = context.releases.get(name)
    return with_release(request, releases) if releases is not None and releases.known else request


def service_of(request: Request, context: CommandContext) -> str:
    """The service that is meant: the named one, else the only one, else the only one affected.

    Raises UserError when it could be several.
    """
    services = context.settings.services
    found = request.service or likely_service(services, context.incident.impact.services)
    if not found:
        names = ", ".join(code(name) for name in services)
        raise UserError(
            f"Which service? This repository has {names}. Write `/rollback <service>`.", "unknown-service"
        )
    return found


def provider_of(name: str, context: CommandContext) -> Provider:
    """How the service is put back. Raises UserError when nobody said, or nobody knows."""
    wanted = context.settings.services[name].provider
    if not wanted:
        raise UserError(
            f"It is not configured how {code(name)} is rolled back. Give it a `provider:` in "
            f"`.github/allclear.yml`; `{GUIDE}` lists them.",
            "no-provider",
        )
    provider = context.providers.get(wanted)
    if provider is None:
        raise UserError(
            f"The provider {code(wanted)} of {code(name)} does not exist or cannot be read. "
            "`allclear check` says why.",
            "no-provider",
        )
    return provider


def under_way(incident: Incident, service: str) -> Operation | None:
    """A rollback of this service that may still do something; a dry run cannot."""
    return next(
        (
            one
            for one in incident.production.operations.values()
            if one.kind == "rollback" and one.service == service and one.open and not one.dry_run
        ),
        None,
    )


def left_behind(incident: Incident, service: str) -> frozenset[str]:
    """The releases that this incident's rollbacks of the service went back from, by name or target."""
    return frozenset(
        one.before
        for one in incident.production.operations.values()
        if one.kind == "rollback" and one.service == service and one.outcome == "done" and one.before
    )


def aim(request: Request, context: CommandContext) -> Aim:
    """Where this rollback goes. Raises UserError with the way out when it goes nowhere."""
    name = service_of(request, context)
    service, provider = context.settings.services[name], provider_of(name, context)
    if source_of_targets(service, provider) == "provider":
        return _aim_there(request, name, service, provider, context.incident)
    releases = context.releases.get(name)
    if releases is None or not releases.known:
        raise UserError(
            f"GitHub did not say which releases of {code(name)} ran. Try again in a minute.", "unavailable"
        )
    if releases.mixed:
        raise UserError(releases.mixed, "mixed")
    if request.target:
        release = find(releases, request.target)
    else:
        release = _good_one(name, request, releases, context)
    dry = request.dry_run or context.incident.kind == "drill"
    check_target(
        releases,
        release.target,
        while_deploying=request.while_deploying or dry,
        anyway="tick the box for it in the form, `while_deploying`"
        if request.form
        else f"write {_line(name, replace(request, while_deploying=True), release)}",
    )
    if not provider.accepts(release.target):
        raise UserError(
            f"{code(release.target)} is not a target that {code(service.provider)} accepts: "
            f"it has to match {code(provider.pattern)}.",
            "unknown-target",
        )
    beside = (*(one for one in releases.deploying if one != releases.current), *releases.idle)
    return Aim(name, service, provider, release, releases.current, beside=beside, touched=releases.newest)


def _good_one(name: str, request: Request, releases: Releases, context: CommandContext) -> Release:
    """The last known good release. Raises UserError: there is none, or there is one for each of two readings
    of what GitHub says, and then people have to say which.
    """
    found = readings(releases, left_behind(context.incident, name))
    goals = [good for _, good in found if good is not None]
    if not goals:
        raise UserError(_no_good_one(name, context.settings.services[name], releases.current), "no-release")
    if len(found) > 1:
        raise UserError(_question(name, request, found), "unclear")
    return goals[0]


def _question(name: str, request: Request, found: Sequence[tuple[Releases, Release | None]]) -> str:
    """Both readings of what runs, and the line to type for each."""
    (began, after), (other, before) = found
    doubtful = unclear(began)
    newest = " and ".join(linked(one) for one in doubtful)
    several = len(doubtful) > 1
    if other.current is None:
        runs = "it is not known what is running"
    elif other.current.state == "success":
        runs = f"{linked(other.current)} is running"
    else:
        runs = f"{linked(other.current)} may be running in part"
    which, yes, no, log = (
        ("deployments", "one of them began, that", "none of them did", "logs")
        if several
        else ("deployment", f"it began, {newest}", "it did not", "log")
    )
    asked = (
        f"It is not known which release of {code(name)} is running, because GitHub does not say whether the "
        f"{which} of {newest} began."
    )
    first = f"- If {yes} may be running in part{_way(name, request, after)}"
    second = f"- If {no}, {runs}{_way(name, request, before)}"
    ends = f"Nothing was done. Look at the {log}, and write the line that is right."
    return f"{asked}\n\n{first}\n{second}\n\n{ends}"


def _way(name: str, request: Request, good: Release | None) -> str:
    if good is None:
        return ", and no release before it is known to be good."
    return f", and the last good release before it is {code(good.name)}: {_line(name, request, good)}."


def _line(name: str, request: Request, release: Release) -> str:
    return code(line_to_type(name, request, release), 200)


def line_to_type(name: str, request: Request, release: Release) -> str:
    """What to type for that release, with the options of the request."""
    given = {
        "dry-run": request.dry_run,
        "with-migrations": request.with_migrations,
        "while-deploying": request.while_deploying,
    }
    options = "".join(f" --{option}" for option, wanted in given.items() if wanted)
    return f"/rollback {name} to {release.name}{options}"


def _aim_there(request: Request, name: str, service: Service, provider: Provider, incident: Incident) -> Aim:
    """The deploy system has the list. What people call a release is looked up in it: it may know ``41`` where
    they say ``v41``. Only what could not be a name has to be a target as it stands.
    """
    dry = request.dry_run or incident.kind == "drill"
    word, undone = undone_there(name, provider, request.target, incident, dry=dry)
    if not word or _NAME.fullmatch(word):
        return Aim(name, service, provider, current=undone, word=word)
    if not provider.accepts(word):
        raise UserError(
            f"{code(word)} is not the name of a release of {code(service.provider)}.", "unknown-target"
        )
    return Aim(name, service, provider, Release(target=word, name=word), undone)


def _no_good_one(name: str, service: Service, current: Release | None) -> str:
    where = f"the environment {code(service.environment)}"
    if current is None:
        return (
            f"GitHub knows no successful deployment of {code(name)} to {where}, so it is not known what is "
            "running now, or what ran before. Deploys have to be recorded at GitHub, or `targets: provider` "
            "asks the deploy system."
        )
    return (
        f"Before {code(current.name)}, no release of {code(name)} in {where} is known to be good. "
        f"Name one: `/rollback {name} to <release>`."
    )


def migrations_in(paths: Iterable[str], globs: Sequence[str]) -> tuple[str, ...]:
    """The paths that one of the globs matches, in any case; ``**`` stands for any number of folders."""
    patterns = [_pattern(glob) for glob in globs]
    return tuple(path for path in paths if any(pattern.fullmatch(path) for pattern in patterns))


@cache
def _pattern(glob: str) -> re.Pattern[str]:
    signs = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    parts = re.findall(r"\*\*/|\*\*|\*|\?|[^*?]+", glob)
    return re.compile("".join(signs.get(part, re.escape(part)) for part in parts), re.IGNORECASE | re.DOTALL)


def unseen(aimed: Aim, comparison: Comparison | None) -> str:
    """Why not all is known of what lies between the two releases; empty when it is."""
    if source_of_targets(aimed.service, aimed.provider) == "provider":
        return "only the deploy system knows its releases"
    if aimed.current is None:
        return "it is not known what is running now"
    if aimed.commits is None or comparison is None or not comparison.known:
        return "GitHub did not compare the two commits"
    if not comparison.ahead:
        return f"{aimed.commits[0][:7]} is not an ancestor of {aimed.commits[1][:7]}, which is running now"
    if not comparison.complete:
        return "GitHub lists only the first 300 changed paths"
    return ""


def check_migrations(aimed: Aim, comparison: Comparison | None, request: Request) -> None:
    """Refuse to go back across a data migration unless somebody says that it may be (004-27 Q2, 004-A2).

    What the deploy system lists has no commits to compare: then it is told, not refused. Raises UserError.
    """
    globs = aimed.service.rollback.migrations
    there = source_of_targets(aimed.service, aimed.provider) == "provider"
    if request.with_migrations or aimed.release is None or there or not globs:
        return
    found = migrations_in(comparison.paths if comparison is not None else (), globs)
    doubt = unseen(aimed, comparison)
    if not found and not doubt:
        return
    if found:
        lines = [f"- {code(path, 200)}" for path in found[:MOST_PATHS]]
        lines += [f"- and {len(found) - MOST_PATHS} more"] if len(found) > MOST_PATHS else []
        said = "This was not rolled back, because the older code would run with a newer database:\n"
        said += "\n".join(lines)
    else:
        said = (
            f"This was not rolled back. It is not known whether a migration lies in between, because {doubt}."
        )
    line = f"write `/rollback {aimed.name} to {aimed.release.name} --with-migrations`"
    anyway = "tick the box for it in the form, `migrations`" if request.form else line
    raise UserError(
        f"{said}\n\nIf the older code works with the newer database, {anyway}. If not, fix forward with "
        "`/hotfix`.",
        "migrations",
    )
