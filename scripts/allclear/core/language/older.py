"""What runbooks were written with before: each key with the line that says the same now."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from allclear.core.language.known_names import RunbookMistake
from allclear.core.model.slug import spelt

FLOW = set(",[]{}:#&*!|>'\"%@`")
"""Signs for which a text stands in quotes."""


def older(raw: Mapping[str, Any]) -> Iterator[RunbookMistake]:
    """Every key of the old language, and every list whose entries have an ``id``. The path of each can be
    taken out of the file, and the rest be looked at.
    """
    for key, value in raw.items():
        if key in OLDER:
            yield RunbookMistake((key,), OLDER[key](value))
        elif key == "flags" and isinstance(value, list):
            line = flow({key: {str(one): spelt(str(one)) for one in value}})
            yield RunbookMistake((key,), f"flags are names with their meaning now: write {line}")
        elif key == "phases" and isinstance(value, list):
            ends = {one.get("name", ""): one.get("end", "15m") for one in value if isinstance(one, dict)}
            yield RunbookMistake((key,), f"phases are names with their end now: write {flow({key: ends})}")
        elif key == "states" and isinstance(value, list) and value and not _identified(value):
            line = flow({key: {str(one): spelt(str(one)) for one in value}})
            yield RunbookMistake((key,), f"states are names with what texts print: write {line}")
        elif _identified(value):
            yield RunbookMistake((key,), _entries(key, value))
        elif key == "links" and _bare(value):
            line = flow({key: {"Pages": value}})
            yield RunbookMistake((key,), f"links stand under a heading now: write {line}")


def flow(value: Any) -> str:
    """The value as one line of YAML in backticks, without the braces around it."""
    return f"`{_flow(value).removeprefix('{ ').removesuffix(' }')}`."


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_flow(key)}: {_flow(one)}" for key, one in value.items()) + " }"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(_flow, value)) + "]"
    text = str(value)
    if not FLOW & set(text) and text.strip() == text != "":
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _identified(value: Any) -> bool:
    """Whether it is a list of entries with an ``id``."""
    return isinstance(value, list) and any(isinstance(one, dict) and "id" in one for one in value)


def _bare(links: Any) -> bool:
    """Whether pages stand there without a heading."""
    return isinstance(links, dict) and any(isinstance(one, str) for one in links.values())


KEPT = {
    "severities": ("name", "definition", "examples", "response"),
    "roles": ("title",),
}
"""Which keys of an entry still say the same."""


def _entries(key: str, value: Sequence[Any]) -> str:
    """A list of entries is a map by their ids."""
    first = next(one for one in value if isinstance(one, dict) and "id" in one)
    kept = {name: first[name] for name in KEPT.get(key, ("title",)) if name in first}
    if key == "states":
        return f"states are names with what texts print: write {flow({key: _shown(value)})}"
    return f"entries stand under their ids now, not in a list: write {flow({key: {first['id']: kept}})}"


def _shown(value: Sequence[Any]) -> dict[str, str]:
    entries = [one for one in value if isinstance(one, dict) and "id" in one]
    return {str(one["id"]): str(one.get("title") or spelt(str(one["id"]))) for one in entries}


def _by_level(value: Any, inside: str, name: str, instead: str) -> dict[str, Any]:
    """A map by severity inside an old key, as numbers of the severities."""
    given = value.get(inside) if isinstance(value, dict) else None
    if isinstance(given, dict) and given:
        return {"severities": {str(level): {name: length} for level, length in given.items()}}
    levels = given if isinstance(given, list) and given else ["P0"]
    return {"severities": {str(level): {name: instead} for level in levels}}


def _postmortem(value: Any) -> str:
    line = flow(_by_level(value, "required", "review", "5 office days"))
    return f"`postmortem.required` is now severities.*.review: write {line}"


def _watching(value: Any) -> str:
    found = _by_level(value, "every", "watch", "1h")
    for one in found["severities"].values():
        one["watch"] = "1h"
    line = flow(found)
    return f"`watching.every` is now severities.*.watch, how long a fix is watched in all: write {line}"


def _evidence(value: Any) -> str:
    line = flow(_by_level(value, "within", "evidence", "2h"))
    return f"`evidence.within` is now severities.*.evidence: write {line}"


def _freeze(value: Any) -> str:
    line = flow(_by_level(value, "severities", "freeze", "true"))
    return f"`freeze.severities` is now severities.*.freeze: write {line}"


def _first_responder(value: Any) -> str:
    title = value if isinstance(value, str) else "On-call"
    line = flow({"chains": {"on-call": [title]}})
    return f"`first_responder` is now the first title of the first chain: write {line}"


def _investigate(value: Any) -> str:
    commands = value if isinstance(value, list) else []
    return f"`investigate` is now look, under headings: write {flow({'look': {'Logs': commands}})}"


def _reversal(value: Any) -> str:
    names = ("fix_forward", "immediate")
    kept = {name: value[name] for name in names if name in value} if isinstance(value, dict) else {}
    return f"`reversal` is now rollback: write {flow({'rollback': kept or {'fix_forward': '30m'}})}"


def _recovery(value: Any) -> str:
    measures = {}
    for one in value if isinstance(value, list) else []:
        if isinstance(one, dict) and "id" in one:
            named = {name: one[name] for name in ("title", "unit") if name in one}
            bound = f"< {one['below']}" if "below" in one else "< 1"
            measures[str(one["id"])] = {**named, "recovered": bound}
    return f"`recovery` is now measures with a bound: write {flow({'measures': measures})}"


def _messages(value: Any) -> str:
    _ = value
    line = flow({"voices": {"team": {"at": {"update": "{{ text }}"}}}})
    return f"`messages` are now the texts of voices by moments: write {line}"


def _steps(value: Any) -> str:
    steps = {}
    for one in value if isinstance(value, list) else []:
        if isinstance(one, dict) and "id" in one:
            steps[str(one["id"])] = one.get("text", "")
    line = flow({"lists": {"during": {"before": "resolved", "steps": steps or {"fix": "Fix applied"}}}})
    return f"`steps` stand in lists.*.steps now: write {line}"


def _deadlines(value: Any) -> str:
    found = {one.get("id"): one for one in value if isinstance(one, dict)} if isinstance(value, list) else {}
    within = found.get("response", {}).get("within")
    numbers = within if isinstance(within, dict) and within else {"P0": "5m"}
    line = flow({"severities": {level: {"response": length} for level, length in numbers.items()}})
    return (
        "`deadlines` follow from the numbers of the severities, from chains, rules and voices now: "
        f"write {line}"
    )


def _gates(value: Any) -> str:
    _ = value
    line = flow({"lists": {"during": {"before": "resolved"}}})
    return f"`gates` are lists that a moment waits for now: write {line}"


OLDER: Mapping[str, Callable[[Any], str]] = {
    "postmortem": _postmortem,
    "watching": _watching,
    "evidence": _evidence,
    "freeze": _freeze,
    "first_responder": _first_responder,
    "investigate": _investigate,
    "reversal": _reversal,
    "recovery": _recovery,
    "messages": _messages,
    "steps": _steps,
    "deadlines": _deadlines,
    "gates": _gates,
}
"""The keys that are no more, with what to write instead."""
