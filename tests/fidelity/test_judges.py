"""The judges themselves: each must see what is wrong, or its silence means nothing."""

from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from graphql import build_schema

from allclear_lab.github import GitHub, RequestRecord
from fidelity import faithful, models
from fidelity.description import Description
from fidelity.faithful import EACH, THEN_EVERY, assert_faithful, description_is_due, differences
from fidelity.schema import github_schema, query_problems, schema_path, subset_problems


@pytest.fixture
def comment(hub: GitHub) -> RequestRecord:
    """A comment that was written and answered well."""
    return next(
        record
        for record in hub.requests
        if record.method == "POST" and record.route.endswith("/comments") and record.status == 201
    )


def judged(description: Description, record: RequestRecord, answer: Any) -> list[str]:
    operation = description.operation(record.method, record.path)
    assert operation is not None
    return [
        *description.response_problems(operation, record.query, record.body, record.status, answer),
        *models.answer_problems(operation.method, operation.template, record.status, answer),
    ]


@pytest.mark.needs("openapi")
def test_a_good_answer_is_left_in_peace(description: Description, comment: RequestRecord) -> None:
    assert judged(description, comment, comment.response) == []


@pytest.mark.needs("openapi")
@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"id": "seven"}, "$.id: 'seven' is not of type 'integer'"),
        ({"created_at": "yesterday"}, "$.created_at"),
        ({"invented": 1}, "answer field $.invented is not in the description"),
        ({"user": {"login": "ann"}}, "githubkit: user"),
        ({"author_association": "FRIEND"}, "githubkit: author_association"),
    ],
)
def test_a_changed_answer_is_noticed(
    description: Description, comment: RequestRecord, change: dict[str, Any], complaint: str
) -> None:
    found = judged(description, comment, {**comment.response, **change})
    assert any(complaint in line for line in found), found


@pytest.mark.needs("openapi")
@pytest.mark.parametrize("missing", ["id", "user", "created_at", "issue_url"])
def test_a_field_left_out_is_noticed(description: Description, comment: RequestRecord, missing: str) -> None:
    answer = {name: value for name, value in comment.response.items() if name != missing}
    assert any(missing in line for line in judged(description, comment, answer))


@pytest.mark.needs("openapi")
def test_a_status_that_github_does_not_give_is_noticed(description: Description) -> None:
    operation = description.operation("DELETE", "/repos/acme/shop/issues/comments/1")
    assert operation is not None
    assert list(description.response_problems(operation, {}, None, 204, None)) == []
    assert list(description.response_problems(operation, {}, None, 200, {})) == [
        "status 200 is not in the description (204)"
    ]


@pytest.mark.needs("openapi")
@pytest.mark.parametrize(
    ("query", "body", "complaint"),
    [
        ({"sicne": "2025-10-19T14:02:00Z"}, None, "query parameter `sicne` is not in the description"),
        ({"since": "yesterday"}, None, "date-time"),
        ({}, {"body": "x"}, "the description has no request body"),
    ],
)
def test_a_request_that_github_would_not_understand_is_noticed(
    description: Description, query: dict[str, str], body: Any, complaint: str
) -> None:
    operation = description.operation("GET", "/repos/acme/shop/issues/1/comments")
    assert operation is not None
    found = list(description.request_problems(operation, query, body))
    assert any(complaint in line for line in found), found


@pytest.mark.needs("openapi")
@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({"title": "x", "lables": []}, "request field $.lables is not in the description"),
        ({"labels": []}, "'title' is a required property"),
        ({"title": "x", "labels": "P1"}, "$.labels"),
    ],
)
def test_a_body_that_github_would_not_understand_is_noticed(
    description: Description, body: Any, complaint: str
) -> None:
    operation = description.operation("POST", "/repos/acme/shop/issues")
    assert operation is not None
    found = list(description.request_problems(operation, {}, body))
    assert any(complaint in line for line in found), found


@pytest.mark.needs("openapi")
def test_a_path_that_github_does_not_have_belongs_to_no_operation(description: Description) -> None:
    assert description.operation("GET", "/repos/acme/shop/incidents") is None
    assert description.operation("PATCH", "/repos/acme/shop/branches/main") is None


@pytest.mark.needs("openapi")
def test_a_changed_payload_is_noticed(description: Description, hub: GitHub) -> None:
    delivery = next(one for one in hub.deliveries if (one.event, one.action) == ("issue_comment", "edited"))
    payload = deepcopy(dict(delivery.payload))
    payload["invented"] = 1
    del payload["changes"]["body"]["from"]
    found = list(description.delivery_problems("issue_comment", "edited", payload))
    assert "payload field $.invented is not in the description" in found
    assert any("'from' is a required property" in line for line in found)
    assert any("changes.body" in line for line in models.delivery_problems("issue_comment", payload))
    assert list(description.delivery_problems("issue_comment", "whispered", payload)) == [
        "the description has no webhook `issue-comment-whispered`"
    ]


def test_a_refusal_of_the_embedded_github_is_a_difference(hub: GitHub) -> None:
    odd = GitHub(hub.clock)
    odd.violations.append("GET /nowhere: the embedded GitHub knows no such route")
    with pytest.raises(AssertionError, match="GET /nowhere"):
        assert_faithful(odd)


@pytest.mark.needs("openapi")
@pytest.mark.parametrize(("whole", "found"), [(False, EACH + 100 // THEN_EVERY), (True, EACH + 100)])
def test_of_what_a_crowd_repeats_every_tenth_is_judged_and_all_of_it_in_a_whole_proof(
    hub: GitHub, comment: RequestRecord, monkeypatch: pytest.MonkeyPatch, whole: bool, found: int
) -> None:
    monkeypatch.setattr(faithful, "is_whole", lambda: whole)
    odd = GitHub(hub.clock)
    wrong = replace(comment, response={**comment.response, "id": "seven"})
    odd.requests += [wrong] * (EACH + 100)
    assert sum("$.id: 'seven'" in line for line in differences(odd)) == found


@pytest.mark.needs("graphql")
def test_each_query_is_judged_however_many_others_were_sent(hub: GitHub, comment: RequestRecord) -> None:
    odd = GitHub(hub.clock)
    asked = replace(
        comment, path="/graphql", route="/graphql", status=200, body={"query": "{ viewer { id } }"}
    )
    odd.requests += [asked] * (EACH + 1) + [replace(asked, body={"query": "{ nobody }"})]
    (found,) = differences(odd)
    assert "nobody" in found


def test_a_missing_description_is_a_failure_in_ci_and_a_gap_elsewhere(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.delenv("CI", raising=False)
    assert not description_is_due(tmp_path / "none.json")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(AssertionError, match=r"\.ci/run"):
        description_is_due(tmp_path / "none.json")


@pytest.mark.needs("graphql")
def test_a_query_is_judged_by_githubs_schema() -> None:
    whole = github_schema(schema_path())
    assert list(query_problems(whole, "{ viewer { login } }")) == []
    assert "Cannot query field 'sev'" in next(query_problems(whole, "{ viewer { sev } }"))
    assert "Syntax Error" in next(query_problems(whole, "{ viewer"))


@pytest.mark.needs("graphql")
@pytest.mark.parametrize(
    ("subset", "complaint"),
    [
        ("type Query { viewer: User! } type User { login: String! }", None),
        (
            "type Query { viewer: User } type User { login: String! }",
            "Query.viewer: ours User, GitHub's User!",
        ),
        ("type Query { viewer: User! } type User { sev: String }", "User.sev: ours String, GitHub's absent"),
        ("type Query { incident: Int }", "Query.incident: ours Int, GitHub's absent"),
        (
            "type Query { node(id: Int!): Node } interface Node { id: ID! }",
            "Query.node(id): ours Int!, GitHub's ID!",
        ),
        ("type Query { node: Node } interface Node { id: ID! }", "Query.node(id): missing"),
        (
            "type Query { rateLimit: RateLimit } enum RateLimit { A }",
            "RateLimit: GitHub has GraphQLObjectType",
        ),
        ("type Query { x: Incident } type Incident { id: ID! }", "Incident: GitHub has no such type"),
    ],
)
def test_a_subset_that_says_something_else_is_noticed(subset: str, complaint: str | None) -> None:
    found = list(subset_problems(github_schema(schema_path()), build_schema(subset)))
    assert found == [] if complaint is None else complaint in found
