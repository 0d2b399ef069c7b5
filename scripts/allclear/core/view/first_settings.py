"""The settings that a repository begins with, made from the runbook that it chose."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from allclear.core.model.people import GROUPS
from allclear.core.policy.review import titles_of
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.settings import Settings
from allclear.core.view.labels import Labels


def titles_to_fill(runbook: Runbook) -> tuple[str, ...]:
    """The titles whom the runbook tells, asks or invites, as it names them first; roles, which people take in
    an incident, are none.
    """
    roles = {word.lower() for role in runbook.roles for word in (role.id, role.title)}
    named = dict.fromkeys(title for _, title in titles_of(runbook))
    return tuple(title for title in named if title.lower() not in roles | GROUPS and title[:1] != "@")


def actions_to_fill(runbook: Runbook) -> tuple[str, ...]:
    """The actions that steps and patterns of the runbook name, each once."""
    steps = [step.run for one in runbook.lists for step in one.steps]
    fixes = [fix.action for pattern in runbook.patterns for fix in pattern.fixes]
    return tuple(dict.fromkeys(filter(None, [*steps, *fixes])))


def first_settings(runbook: Runbook) -> str:
    """The text of ``.github/allclear.yml``: the runbook, its titles without logins, and, as comments, the
    labels that it makes and the actions that it names.
    """
    return "\n".join([*_people(runbook), *_labels(runbook), *_actions(runbook)]) + "\n"


def _people(runbook: Runbook) -> Iterator[str]:
    yield "# Allclear's settings. All of it is optional; `allclear check` says what is wrong with it."
    yield f"runbook: {runbook.name}"
    yield ""
    yield "# The runbook speaks of titles; these are the GitHub logins behind them, without the @."
    yield "people:"
    yield from (f"  {_key(title)}: []" for title in titles_to_fill(runbook))


def _labels(runbook: Runbook) -> Iterator[str]:
    """Every label, with what it says, so that somebody can give it another name."""
    labels = Labels(runbook, Settings().labels)
    yield ""
    yield "# The first sweep makes these labels. Other names for them, with upper and lower case as you like:"
    yield "# labels:"
    yield f"#   incident: {labels.incident} # needs the repository variable ALLCLEAR_LABEL as well"
    severities = ((one.id, labels.severity(one)) for one in runbook.severities)
    yield f"#   severities: {{ {_pairs(severities)} }}"
    yield f"#   states: {{ {_pairs((state.id, labels.status(state.id)) for state in runbook.states)} }}"


def _actions(runbook: Runbook) -> Iterator[str]:
    names = actions_to_fill(runbook)
    if not names:
        return
    yield ""
    yield "# The runbook names these actions; write the command of each, which `/run` starts:"
    yield "# actions:"
    yield from (f"#   {name}: {{ title: {_key(name)}, run: [bin/{name}] }}" for name in names)


def _pairs(values: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f"{name}: {_key(label)}" for name, label in values)


def _key(text: str) -> str:
    """As YAML reads it whatever stands in it; without quotes where it needs none."""
    plain = text.replace(" ", "").replace("-", "").isalnum() and not text[0].isdigit()
    return text if plain and text.strip() == text else json.dumps(text, ensure_ascii=False)
