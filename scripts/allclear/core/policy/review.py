"""What a settings file and a runbook say that can be read and yet does not do what it looks like. Said by
``allclear check``, before an incident.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import get_args

from msgspec import Struct

from allclear.core.model.authored import written
from allclear.core.model.neutral import code
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.people import GROUPS, RESPONDERS, Rights
from allclear.core.policy.provider import Provider
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.service import Service
from allclear.core.policy.settings import LabelNames, ReviewLabel, Settings

Where = tuple[int | str, ...]

ALIKE = 0.8
"""How alike two titles are when one of them is misspelt."""

_ADDRESS = lazy_regex(r"https?://[^\s/?#]+\.[^\s/?#]+\S*", re.IGNORECASE)
_SCRIPT = lazy_regex(r"[\w.-]+(?:/[\w.-]+)+\.(?:sh|py|js|mjs|rb|ts|pl)")
_PATH = lazy_regex(r"(?:[\w.-]+/)+[\w.-]+")
MADE = frozenset({".venv", "node_modules", "vendor", "target", "dist", "__pycache__"})
"""Folders that package managers and builds fill: what is in there is not in the repository."""

_WORKFLOWS = ".github/workflows/"
_CLUSTER = ("KUBECONFIG", "KUBECONFIG_DATA")


class Finding(Struct, frozen=True):
    """Something wrong at ``where``, a path in the settings file, or in the runbook's (``in_runbook``).
    ``why`` says what is wrong and what to do.
    """

    where: Where
    why: str
    in_runbook: bool = False


class Least(Struct, frozen=True):
    """What a command needs by itself, and the least that settings can make it need."""

    built_in: Rights
    floor: Rights | None


def review(
    settings: Settings,
    runbook: Runbook,
    providers: Mapping[str, Provider],
    commands: Mapping[str, Least],
    files: Collection[str],
) -> Iterator[Finding]:
    """Every mistake of these kinds. ``files``: paths of the repository, with slashes."""
    yield from _people(settings, runbook)
    yield from _rights(settings, commands)
    yield from _ignored(settings, commands)
    yield from _labels(settings, runbook)
    for name, service in settings.services.items():
        yield from _service(name, service, providers, files)
    for name, action in settings.actions.items():
        yield from _command(("actions", name), action.run, action.env, files)
    if settings.status_page and not _ADDRESS.fullmatch(settings.status_page):
        why = f"{code(settings.status_page)} is no address; write one such as `https://status.example.com`."
        yield Finding(("status_page",), why)
    yield from _lists(settings, runbook)


def instead(wanted: str, known: Iterable[str]) -> str:
    """``did you mean `web`?``, or what there is; a sentence's end."""
    there = list(known)
    near = get_close_matches(wanted.lower(), [one.lower() for one in there], 1)
    if near:
        return f"did you mean {code(next(one for one in there if one.lower() == near[0]))}?"
    return f"there are {', '.join(code(one) for one in there)}." if there else "there are none."


def _lists(settings: Settings, runbook: Runbook) -> Iterator[Finding]:
    """Actions that a checklist runs and the settings lack, and lists that are called like an action."""
    for one in runbook.lists:
        for step in one.steps:
            if step.run and step.run not in settings.actions:
                where = ("lists", one.id, "steps", step.id, "run")
                why = f"the settings have no action {code(step.run)}; {instead(step.run, settings.actions)}"
                yield Finding(where, why, True)
        if one.id in settings.actions and any(step.run for step in one.steps):
            why = f"the settings have an action {code(one.id)} too, and `/run` means that; rename one."
            yield Finding(("lists", one.id), why, True)


def titles_of(runbook: Runbook) -> tuple[tuple[Where, str], ...]:
    """Every title of a person whom the runbook tells something or invites, and where it stands."""
    found: list[tuple[Where, str]] = []
    for chain in runbook.chains:
        found += [(("chains", chain.id), title) for level in chain.levels for title in level]
    for role in runbook.roles:
        for key, titles in (("primary", role.primary), ("backup", role.backup)):
            found += [(("roles", role.id, key), title) for title in titles]
    here = {*GROUPS, *_roles(runbook), *(title.lower() for _, title in found)}
    # Whoever else a clock is for stands in the rule of that name.
    found += [
        (("rules", deadline.id, "tell"), title)
        for deadline in runbook.deadlines
        for title in deadline.to
        if title.lower() not in here
    ]
    invited = runbook.review.meeting.invite if runbook.review.meeting else ()
    found += [
        (("review", "meeting", "invite", at), one.title)
        for at, one in enumerate(invited)
        if one.title.lower() not in here
    ]
    found += [
        (("review", "reviewers", at), title)
        for at, title in enumerate(runbook.review.reviewers)
        if title.lower() not in here
    ]
    found += [
        (("routines", routine.id, "to"), title)
        for routine in runbook.routines
        for title in routine.to
        if title.lower() not in here
    ]
    return tuple(found)


def _roles(runbook: Runbook) -> set[str]:
    return {word.lower() for role in runbook.roles for word in (role.id, role.title)}


def _people(settings: Settings, runbook: Runbook) -> Iterator[Finding]:
    """Titles and logins that nobody stands behind, wherever they stand."""
    roles = _roles(runbook)
    titles = {title.strip().lower() for title in settings.people}
    named = {login.lower() for login in settings.named}
    names = [*(title for _, title in titles_of(runbook)), *(contact.title for contact in runbook.contacts)]
    told = {title.strip().lower() for title in names}
    behind = [*settings.people, *(role.title for role in runbook.roles), RESPONDERS]
    for where, title in titles_of(runbook):
        known = title.strip().lower() in roles | titles | named | {RESPONDERS}
        meant = [*behind, *_usual_spelling(title, runbook)]
        near = get_close_matches(title.lower(), [one.lower() for one in meant], 1, ALIKE)
        # A title that is merely not filled yet is a note, not a mistake; where the settings have it in a
        # spelling that the runbook never has, that is the mistake.
        if near and not known and near[0] not in titles - told:
            why = f"nobody stands behind {code(title)}; {instead(title, meant)}"
            yield Finding(where, why, True)
    for title in settings.people:
        if title.strip().lower() in roles:
            why = (
                "the runbook has a role of that name, and whoever fills that in an incident hears instead; "
                "give the title another name."
            )
            yield Finding(("people", title), why)
        elif title.strip().lower() not in told and get_close_matches(title.lower(), told, 1, ALIKE):
            yield Finding(("people", title), f"the runbook notifies no such title; {instead(title, names)}")


def _usual_spelling(title: str, runbook: Runbook) -> list[str]:
    """A title that the runbook has more often than this one, and that is spelt almost alike."""
    spelt = [one for _, one in titles_of(runbook)]
    often = Counter(one.lower() for one in spelt)
    usual = {one.lower(): one for one in spelt if often[one.lower()] > often[title.lower()]}
    return [usual[one] for one in get_close_matches(title.lower(), usual, 1, ALIKE)]


def _rights(settings: Settings, commands: Mapping[str, Least]) -> Iterator[Finding]:
    for name, word in settings.rights.items():
        least = commands.get(name)
        if least is None:
            yield Finding(("rights", name), f"{code(name)} is not a command; {instead(name, commands)}")
        elif Rights[word.upper()] < (least.built_in if least.floor is None else least.floor):
            kept = least.built_in if least.floor is None else least.floor
            why = (
                f"this has no effect, because `/{name}` needs {code(kept.word)} at least; take the line out."
            )
            yield Finding(("rights", name), why)


def _ignored(settings: Settings, commands: Collection[str]) -> Iterator[Finding]:
    for index, word in enumerate(settings.ignore):
        name = word.lower().lstrip("/")
        if name in commands:
            yield Finding(("ignore", index), f"nobody could use our own `/{name}` any more; take it out.")


def _labels(settings: Settings, runbook: Runbook) -> Iterator[Finding]:
    names, seen = settings.labels, dict[str, str]()
    levels, states = [one.id for one in runbook.severities], [str(one.id) for one in runbook.states]
    for kind, given, known in (("severities", names.severities, levels), ("states", names.states, states)):
        for name in given:
            if name not in known:
                why = f"the runbook {code(runbook.name)} has no such thing; {instead(name, known)}"
                yield Finding(("labels", kind, name), why)
    for where, label, is_own in sorted(_called(names, runbook), key=lambda one: one[2]):
        twin = seen.setdefault(label.casefold(), ".".join(where))
        if is_own and twin != ".".join(where):
            yield Finding(where, f"{code(label)} is also the label of {code(twin)}; each needs its own.")


def _called(names: LabelNames, runbook: Runbook) -> Iterator[tuple[tuple[str, ...], str, bool]]:
    """What each label is called: where the settings say it, the name, and whether they do."""
    said = written(names, changed=True)
    for field in ("incident", "reported", "postmortem", "learned", "action", "digest", "routine"):
        yield ("labels", field), getattr(names, field), field in said
    known: dict[str, dict[str, str]] = {
        "reviews": {name: f"postmortem:{name}" for name in get_args(ReviewLabel)},
        "severities": {one.id: runbook.label(one) for one in runbook.severities},
        "states": {str(one.id): f"status:{one.id}" for one in runbook.states},
    }
    for field, usual in known.items():
        own = getattr(names, field)
        yield from ((("labels", field, name), label, name in own) for name, label in {**usual, **own}.items())


def _service(
    name: str, service: Service, providers: Mapping[str, Provider], files: Collection[str]
) -> Iterator[Finding]:
    here: Where = ("services", name)
    said = written(service, changed=True)
    if not service.provider and {"environment", "values", "rollback"} & said.keys():
        why = (
            f"{code(name)} has no `provider`, so it cannot be rolled back; name a file of "
            "`templates/providers`, or one of `providers`."
        )
        yield Finding(here, why)
    provider = providers.get(service.provider)
    if provider is not None:
        started = provider.rerun or provider.start
        wanted = _filled(started.workflow, service.values) if started else ""
        # A name that is not filled in is told of where the values are.
        if wanted and "{" not in wanted and f".github/workflows/{wanted}" not in files:
            there = sorted(one.removeprefix(_WORKFLOWS) for one in files if one.startswith(_WORKFLOWS))
            why = f"the deploy workflow `{_WORKFLOWS}{wanted}` does not exist; {instead(wanted, there)}"
            yield Finding((*here, "values", "workflow"), why)
        for vector in provider.vectors:
            filled = tuple(_filled(word, service.values) for word in vector)
            yield from _command((*here, "provider"), filled, provider.env, files)
    for part in ("commands", "evidence"):
        for index, one in enumerate(getattr(service, part)):
            yield from _command((*here, part, index), one.run, one.env, files)


def _filled(word: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        word = word.replace(f"{{{name}}}", value)
    return word


def _command(
    where: Where, run: Iterable[str], env: Collection[str], files: Collection[str]
) -> Iterator[Finding]:
    """A script that is not there, and a cluster without a way in."""
    program, *more = run
    own = [program] if _PATH.fullmatch(program) else []
    scripts = own + [word for word in more[:1] if _SCRIPT.fullmatch(word) or word.startswith("./")]
    for script in scripts:
        if script.removeprefix("./") not in files and MADE.isdisjoint(script.split("/")):
            why = f"the script {code(script)} does not exist; write its path from the top of the repository."
            yield Finding(where, why)
    if program == "kubectl" and not set(env) & set(_CLUSTER):
        why = "`kubectl` finds no cluster without a kubeconfig; add `KUBECONFIG_DATA` to its `env`."
        yield Finding(where, why)
