"""GitHub's expressions, as far as workflow files here use them; the cases are of its documentation."""

from __future__ import annotations

from typing import Any

import pytest

from allclear_lab.runner.expressions import ExpressionContext, UnplayableError, evaluate

LABELS = [{"name": "incident"}, {"name": "status:mitigating"}, {}]
ISSUE = {"number": 7, "labels": LABELS}
KNOWN = ExpressionContext(
    {
        "github": {
            "event_name": "issues",
            "event": {"issue": ISSUE},
            "run_id": "42",
        },
        "inputs": {"service": "web", "dry": True},
        "needs": {"claim": {"result": "success", "outputs": {"go": "true", "operation": "rollback-1"}}},
        "secrets": {},
    },
    {"always": True, "cancelled": False, "failure": False, "success": True},
)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("'it''s'", "it's"),
        ("github.event.issue.number", 7),
        ("inputs.service", "web"),
        ("inputs.nothing", None),
        ("secrets.FLY_API_TOKEN", None),
        ("needs.claim.outputs.nothing", None),
        ("github.event.nobody.knows", None),
        ("github.event.issue.labels.*.name", ["incident", "status:mitigating"]),
        ("contains(github.event.issue.labels.*.name, 'INCIDENT')", True),
        ("startsWith('allclear/postmortem-1', 'Allclear/')", True),
        ("startsWith('allclear/postmortem-1', 'postmortem')", False),
        ("contains(github.event.issue.labels.*.name, 'inc')", False),
        ("contains(join(github.event.issue.labels.*.name), 'status:')", True),
        ('contains(fromJSON(\'["", "web"]\'), inputs.service)', True),
        ('contains(fromJSON(\'["", "web"]\'), inputs.nothing)', True),
        ("contains(fromJSON('[\"\", \"web\"]'), 'we')", False),
        ("join(inputs.service)", "web"),
        ("format('none-{0}', github.run_id)", "none-42"),
        ("'Issues' == github.event_name", True),
        ("needs.claim.result != 'success'", False),
        ("needs.claim.outputs.nothing == ''", True),
        ("needs.claim.outputs.nothing == 'true'", False),
        ("inputs.dry == true", True),
        ("inputs.dry == 'true'", False),
        ("null == false", True),
        ("!inputs.nothing && inputs.service", "web"),
        ("inputs.nothing || inputs.service", "web"),
        ("inputs.service && inputs.nothing", None),
        ("inputs.service || 'other'", "web"),
        ("'' || 'a' && 'b'", "b"),
        ("('' || 'a') && ''", ""),
        ("!(true == false)", True),
        ("always()", True),
        ("!cancelled() && failure()", False),
    ],
)
def test_an_expression_means_what_it_means_on_github(expression: str, value: Any) -> None:
    assert evaluate(expression, KNOWN) == value


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "github.nothing",
        "github",
        "needs.other.outputs.x",
        "vars.X",
        "hashFiles('a')",
        "success('x')",
        "inputs.service ==",
        "(inputs.service",
        "join(inputs.service",
        "'a' 'b'",
        "inputs.service < 'b'",
        "github.event.issue.number == 7",
        "toJSON(github)",
    ],
)
def test_what_is_not_understood_is_an_error_and_never_passed_over(expression: str) -> None:
    with pytest.raises(UnplayableError):
        evaluate(expression, KNOWN)


def test_expressions_in_a_text_are_filled_in() -> None:
    text = "allclear-${{ inputs.service || github.run_id }}-${{\n  inputs.nothing }}-${{ inputs.dry }}"
    assert KNOWN.fill(text) == "allclear-web--true"
    assert KNOWN.fill("no expression") == "no expression"


@pytest.mark.parametrize(
    ("condition", "good", "failed"),
    [
        ("", True, False),
        ("needs.claim.outputs.go == 'true'", True, False),
        ("${{ needs.claim.outputs.go == 'false' }}", False, False),
        ("always() && needs.claim.outputs.operation != ''", True, True),
        ("always() && needs.claim.outputs.nothing != ''", False, False),
        ("failure()", False, True),
        ("!cancelled()", True, True),
    ],
)
def test_a_condition_without_a_status_function_means_success_as_well(
    condition: str, good: bool, failed: bool
) -> None:
    assert KNOWN.holds(condition) is good
    state = {"always": True, "cancelled": False, "failure": True, "success": False}
    assert ExpressionContext(KNOWN.contexts, state).holds(condition) is failed
