"""Each key of the old language, with the line that says the same now."""

from typing import Any

import pytest

from allclear.adapters.files.strict_yaml import load
from allclear.core.language.older import OLDER, older


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        (
            {"severities": [{"id": "P0", "name": "Critical", "response": "5m"}]},
            "severities: { P0: { name: Critical, response: 5m } }",
        ),
        ({"roles": [7, {"id": "ic", "title": "Lead", "words": ["x"]}]}, "roles: { ic: { title: Lead } }"),
        (
            {"states": [{"id": "investigating", "title": "Looking"}, {"id": "resolved"}]},
            "states: { investigating: Looking, resolved: Resolved }",
        ),
        (
            {"states": ["investigating", "resolved"]},
            "states: { investigating: Investigating, resolved: Resolved }",
        ),
        ({"phases": [{"name": "Triage", "start": "0m", "end": "5m"}, 7]}, "phases: { Triage: 5m }"),
        ({"flags": ["data-loss"]}, "flags: { data-loss: Data loss }"),
        ({"links": {"Logs": "https://x.test/a"}}, 'links: { Pages: { Logs: "https://x.test/a" } }'),
        ({"first_responder": "DevOps"}, "chains: { on-call: [DevOps] }"),
        ({"first_responder": {"P0": "DevOps"}}, "chains: { on-call: [On-call] }"),
        (
            {"postmortem": {"required": ["P0", "P1"]}},
            "severities: { P0: { review: 5 office days }, P1: { review: 5 office days } }",
        ),
        ({"postmortem": 7}, "severities: { P0: { review: 5 office days } }"),
        ({"watching": {"every": {"P0": "10m"}}}, "severities: { P0: { watch: 1h } }"),
        ({"evidence": {"within": {"P0": "3h"}}}, "severities: { P0: { evidence: 3h } }"),
        ({"freeze": {"severities": ["P0"]}}, "severities: { P0: { freeze: true } }"),
        ({"investigate": ["fly logs -a x"]}, "look: { Logs: [fly logs -a x] }"),
        ({"investigate": "x"}, "look: { Logs: [] }"),
        ({"reversal": {"fix_forward": "20m", "flags": ["x"]}}, "rollback: { fix_forward: 20m }"),
        ({"reversal": []}, "rollback: { fix_forward: 30m }"),
        (
            {"recovery": [{"id": "p95", "unit": "s", "below": "3"}, {"id": "up"}, 7]},
            "measures: { p95: { unit: s, recovered: < 3 }, up: { recovered: < 1 } }",
        ),
        ({"recovery": 7}, "measures: {  }"),
        ({"messages": {}}, 'voices: { team: { at: { update: "{{ text }}" } } }'),
        (
            {"steps": [{"id": "fix", "text": 'The "fix" is in'}]},
            r'lists: { during: { before: resolved, steps: { fix: "The \"fix\" is in" } } }',
        ),
        ({"steps": 7}, "lists: { during: { before: resolved, steps: { fix: Fix applied } } }"),
        ({"deadlines": [{"id": "response", "within": {"P0": "5m"}}]}, "severities: { P0: { response: 5m } }"),
        ({"deadlines": 7}, "severities: { P0: { response: 5m } }"),
        ({"gates": []}, "lists: { during: { before: resolved } }"),
    ],
    ids=str,
)
def test_an_old_key_is_refused_with_the_new_line(raw: dict[str, Any], line: str) -> None:
    (found,) = older(raw)
    assert found.where == tuple(raw)
    assert f"write `{line}`." in found.why
    assert isinstance(load(line).value, dict)


def test_every_old_key_is_told() -> None:
    assert [one.where for one in older(dict.fromkeys(OLDER))] == [(key,) for key in OLDER]


def test_nothing_is_said_of_the_new_language() -> None:
    raw = {
        "name": "x",
        "flags": {"a": "b"},
        "states": {"resolved": "Done"},
        "links": {"L": {"a": "b"}},
        "causes": ["a"],
    }
    assert list(older(raw)) == []
