"""Several changes in one request: what goes into a document, and what becomes of each of its parts."""

import pytest

from allclear.adapters.github.document import Mutation, Nodes, document, mutation, with_labels, write
from allclear.adapters.github.errors import RateLimitedError, UnavailableError
from allclear.adapters.github.freeze import QUERY, pull_page
from allclear.core.model.effects import AddLabels, Assign, Close, Effect, PutPanel, RemoveLabel, Reopen
from allclear.core.model.snapshot import Repository
from conversations.room import Room
from fidelity.schema import github_schema, query_problems, schema_path

NODES = Nodes("I_1", {7: "IC_7"}, {"P0": "LA_0"}, {"bob": "U_1"})
ABLE: list[tuple[Effect, str]] = [
    (Assign(("Bob",)), "addAssigneesToAssignable"),
    (AddLabels(("P0",)), "addLabelsToLabelable"),
    (RemoveLabel("P0"), "removeLabelsFromLabelable"),
    (Close("not_planned"), "closeIssue"),
    (Reopen(), "reopenIssue"),
    (PutPanel("text", 7, pinned=True), "updateIssueComment"),
]
UNABLE = [
    Assign(("bob", "cat")),
    RemoveLabel("P1"),
    AddLabels(("P0", "P1")),
    PutPanel("text", 8, pinned=True),
    PutPanel("text", 7, pinned=False),
    PutPanel("text", None, pinned=False),
]


@pytest.mark.parametrize(("effect", "field"), ABLE)
def test_a_change_whose_ids_are_known_is_a_mutation(effect: Effect, field: str) -> None:
    found = mutation(effect, NODES)
    assert found is not None
    assert found.field == field


@pytest.mark.parametrize("effect", UNABLE)
def test_what_has_an_id_that_is_not_known_is_none(effect: Effect) -> None:
    assert mutation(effect, NODES) is None


def test_without_the_id_of_the_issue_nothing_is_a_mutation() -> None:
    assert [mutation(effect, Nodes("", {7: "IC_7"}, {"P0": "LA_0"}, {})) for effect, _ in ABLE] == [None] * 6


@pytest.mark.needs("graphql")
def test_github_would_do_every_document() -> None:
    mutations = [found for effect, _ in ABLE if (found := mutation(effect, NODES)) is not None]
    assert list(query_problems(github_schema(schema_path()), document(mutations))) == []


def asked(room: Room) -> list[Mutation]:
    """The issue closed, and its one comment edited."""
    room.number = room.people["ann"].open_issue("A question")
    comment = room.people["bob"].comment(room.number, "x")
    token = room.hub.actions_token(room.repo, permissions={"issues": "write"})
    client = room.client(token)
    issue = client.get("/repos/acme/shop/issues/1").data["node_id"]
    node = client.get(f"/repos/acme/shop/issues/comments/{comment}").data["node_id"]
    given = {"issueId": issue, "stateReason": "COMPLETED"}
    return [Mutation("closeIssue", given), Mutation("updateIssueComment", {"id": node, "body": "y"})]


def written(room: Room, mutations: list[Mutation], may: str = "write") -> tuple[bool, ...]:
    token = room.hub.actions_token(room.repo, permissions={"issues": may})
    return write(room.client(token), mutations)


def test_all_of_a_document_is_done_in_one_request(room: Room) -> None:
    mutations = asked(room)
    known = len(room.hub.requests)
    assert written(room, mutations) == (True, True)
    assert [(one.method, one.path) for one in room.hub.requests[known:]] == [("POST", "/graphql")]
    assert (room.issue.state, room.comments[0].body) == ("closed", "y")


def test_what_is_refused_is_told_apart_from_what_was_done(room: Room) -> None:
    mutations = asked(room)
    room.hub.faults.refuse("closeIssue")
    assert written(room, mutations) == (False, True)
    assert (room.issue.state, room.comments[0].body) == ("open", "y")


def test_without_the_permission_nothing_of_it_is_done(room: Room) -> None:
    assert written(room, asked(room), may="read") == (False, False)


def test_an_id_that_leads_nowhere_keeps_the_others_from_nothing(room: Room) -> None:
    mutations = asked(room)
    mutations[0] = Mutation("closeIssue", {"issueId": "I_gone", "stateReason": "COMPLETED"})
    assert written(room, mutations) == (False, True)


def test_a_secondary_limit_is_one_whatever_the_status(room: Room) -> None:
    mutations = asked(room)
    room.hub.faults.refuse("closeIssue", "UNPROCESSABLE", "was submitted too quickly")
    with pytest.raises(RateLimitedError):
        written(room, mutations)
    room.hub.faults.clear()
    room.hub.faults.add("secondary", retry_after=5)
    with pytest.raises(RateLimitedError):
        written(room, mutations)
    assert room.hub.requests[-1].fault == "secondary"


def test_the_used_up_hour_of_graphql_is_no_limit_of_what_can_be_done_by_rest(room: Room) -> None:
    mutations = asked(room)
    room.hub.faults.add("primary_exhausted")
    assert written(room, mutations) == (False, False)
    assert room.issue.state == "open"


def test_a_document_without_an_answer_is_asked_once(room: Room) -> None:
    mutations = asked(room)
    fault = room.hub.faults.add("error_after", times=9)
    with pytest.raises(UnavailableError):
        written(room, mutations)
    assert fault.seen == 1


@pytest.mark.needs("graphql")
@pytest.mark.parametrize("names", [(), ("P1",), ("P1", 'a "quoted" one')])
def test_github_would_answer_a_query_with_labels(names: tuple[str, ...]) -> None:
    query = with_labels(QUERY.read_text(encoding="utf-8"), names)
    assert query.count("label(") == len(names)
    assert list(query_problems(github_schema(schema_path()), query)) == []


def test_labels_come_with_the_open_pull_requests_in_one_request_where_the_repository_has_them(
    room: Room,
) -> None:
    room.repo.create_label('a "quoted" one')
    may = {"issues": "read", "pull_requests": "read"}
    client = room.client(room.hub.actions_token(room.repo, permissions=may))
    where = Repository(room.repo.id, "acme/shop", "")
    found = pull_page(client, where, labels=('A "quoted" one', "none of that name"))
    assert found.labels.keys() == {'A "quoted" one'}
    assert client.asked == 1
