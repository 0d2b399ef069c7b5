"""A walk past every route and every kind of event of the embedded GitHub, well-behaved and refused."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

from allclear_lab.github import GitHub, RepositoryHandle, SimClock
from fidelity import tour_of_operations
from fidelity.caller import Caller, account_id, account_id_in

WORKFLOW = """\
name: Sweep
on:
  workflow_dispatch:
    inputs:
      issue: {description: Which, required: true}
      mode: {type: choice, options: [all, one], default: all}
  pull_request:
jobs: {}
"""
GRANTS = dict.fromkeys(("actions", "contents", "deployments", "issues", "pull-requests", "statuses"), "write")


def toured() -> GitHub:
    """A hub (stopped) with the record of the whole walk."""
    hub = GitHub(SimClock(datetime(2025, 10, 19, 14, 2, tzinfo=UTC)), http=True)
    with hub:
        shop = hub.create_repository("acme/shop")
        ann, bob = hub.create_user("ann", name="Ann"), hub.create_user("bob")
        shop.grant(ann, "admin")
        shop.grant(bob, "triage")
        hub.create_user("eve")
        hub.add_org_member("acme", ann, public=True)
        bot = Caller(hub, hub.actions_token(shop, GRANTS))
        person = Caller(hub, hub.personal_token(ann))
        for walk in (
            _accounts,
            _labels,
            _issues,
            _comments,
            _reactions,
            _git,
            _contents,
            _pulls,
            tour_of_operations.deployments,
        ):
            for caller in (bot, person):
                walk(caller, shop)
                hub.clock.advance(60)
        for caller in (bot, person):
            tour_of_operations.actions(caller, shop)
            tour_of_operations.runs(caller, shop)
            tour_of_operations.artifacts(caller, shop)
            tour_of_operations.statuses(caller, shop)
        _people(hub, shop)
        _empty(hub, person)
        _graphql(bot, shop)
    return hub


def _accounts(call: Caller, shop: RepositoryHandle) -> None:
    call("GET", "", expect=200)
    call("GET", "//", expect=200)
    call("GET", "//rate_limit", expect=200)
    call("GET", "//repos/acme/nothing", expect=404)
    actions = shop.hub.requests[-1].token_kind == "actions"
    call("GET", "//user", expect=403 if actions else 200)
    for login in ("ann", "bob", "eve"):
        call("GET", f"/collaborators/{login}/permission", expect=200)
    call("GET", "/collaborators/nobody/permission", expect=404)


def _labels(call: Caller, shop: RepositoryHandle) -> None:
    name = f"sev:P{len(shop.hub.requests)}"
    new = {"name": name, "color": "ff0000", "description": "bad"}
    call("POST", "/labels", new, expect=201)
    call("POST", "/labels", new, expect=422)
    call("POST", "/labels", {"name": "x" * 51, "color": "ff0000"}, expect=422)
    call("GET", "/labels", expect=200)
    call("GET", f"/labels/{name}", expect=200)
    call("GET", "/labels/none", expect=404)
    number = shop.person(shop.hub.world.accounts[account_id(shop, "ann")]).open_issue(
        "Down", "text", ["incident"]
    )
    on = f"/issues/{number}/labels"
    call("GET", on, expect=200)
    call("POST", on, {"labels": [name, "new one"]}, expect=200)
    call("PUT", on, {"labels": [name, "incident"]}, expect=200)
    call("DELETE", f"{on}/{name}", expect=200)
    call("DELETE", f"{on}/{name}", expect=404)


def _issues(call: Caller, shop: RepositoryHandle) -> None:
    made = call("POST", "/issues", {"title": "Slow", "body": "b", "labels": ["incident"]}, expect=201)
    call("POST", "/issues", {"title": ""}, expect=422)
    one = f"/issues/{made['number']}"
    call("GET", "/issues", expect=200)
    call("GET", "/issues", expect=200, state="all", labels="incident", sort="updated", direction="asc")
    call("GET", "/issues", expect=200, since="2025-10-19T14:00:00Z", per_page=1, page=2, creator="ann")
    call("GET", "/issues", expect=200, assignee="none")
    call("GET", one, expect=200)
    call("GET", "/issues/9999", expect=404)
    part = call("POST", "/issues", {"title": "A part"}, expect=201)
    below = f"{one}/sub_issues"
    call("POST", below, {"sub_issue_id": part["id"]}, expect=201)
    call("POST", below, {"sub_issue_id": part["id"]}, expect=422)
    call("POST", below, {"sub_issue_id": str(part["id"])}, expect=422)
    call("POST", below, {"sub_issue_id": 1}, expect=404)
    call("GET", below, expect=200)
    call("POST", f"{one}/assignees", {"assignees": ["ann", "bob", "nobody"]}, expect=201)
    call("DELETE", f"{one}/assignees", {"assignees": ["bob"]}, expect=200)
    call("PATCH", one, {"title": "Slower", "body": "b2", "labels": ["incident", "P1"]}, expect=200)
    call("PATCH", one, {"body": "x" * 65_537}, expect=422)
    call("PATCH", one, {"state": "closed", "state_reason": "not_planned"}, expect=200)
    call("PATCH", one, {"state": "open"}, expect=200)
    call("PATCH", one, {"assignees": ["bob"]}, expect=200)
    call("GET", f"{one}/events", expect=200, per_page=100)
    call("GET", f"{one}/timeline", expect=200, per_page=100)


def _comments(call: Caller, shop: RepositoryHandle) -> None:
    number = call("POST", "/issues", {"title": "Talk"}, expect=201)["number"]
    talk = f"/issues/{number}/comments"
    comment = call("POST", talk, {"body": "first"}, expect=201)["id"]
    call("POST", talk, {"body": ""}, expect=422)
    call("POST", talk, {"body": "x" * 65_537}, expect=422)
    call("POST", talk, {"body": "second"}, expect=201)
    call("GET", talk, expect=200, per_page=1)
    call("GET", talk, expect=200, since="2025-10-19T14:00:00Z", per_page=100, page=1)
    call(
        "GET", "/issues/comments", expect=200, since="2025-10-19T14:00:00Z", sort="updated", direction="desc"
    )
    call("GET", f"/issues/comments/{comment}", expect=200)
    call("PATCH", f"/issues/comments/{comment}", {"body": "edited"}, expect=200)
    call("PUT", f"/issues/comments/{comment}/pin", expect=200)
    call("GET", f"/issues/{number}", expect=200)
    call("DELETE", f"/issues/comments/{comment}", expect=204)
    call("GET", f"/issues/comments/{comment}", expect=404)
    call("GET", f"/issues/{number}/timeline", expect=200)


def _reactions(call: Caller, shop: RepositoryHandle) -> None:
    number = call("POST", "/issues", {"title": "React"}, expect=201)["number"]
    comment = call("POST", f"/issues/{number}/comments", {"body": "first"}, expect=201)["id"]
    for place in (f"/issues/{number}/reactions", f"/issues/comments/{comment}/reactions"):
        made = call("POST", place, {"content": "eyes"}, expect=201)
        call("POST", place, {"content": "eyes"}, expect=200)
        call("POST", place, {"content": "sad"}, expect=422)
        call("GET", place, expect=200, content="eyes", per_page=10)
        call("DELETE", f"{place}/{made['id']}", expect=204)


def _objects(call: Caller, tree: str, entries: int) -> None:
    """Contents and trees; ``tree`` has so many ``entries``, and no folder `docs`."""
    raw = base64.b64encode("Ä record\r\n".encode()).decode()
    text = call("POST", "/git/blobs", {"content": raw, "encoding": "base64"}, expect=201)["sha"]
    call("POST", "/git/blobs", {"content": "A record"}, expect=201)
    call("POST", "/git/blobs", {"content": "A", "encoding": "utf-7"}, expect=422)
    beside = {"path": "docs/B.md", "mode": "100644", "type": "blob", "sha": text}
    onto = call("POST", "/git/trees", {"tree": [beside], "base_tree": tree}, expect=201)
    assert len(onto["tree"]) == entries + 1
    call("POST", "/git/trees", {"tree": [beside], "base_tree": "0" * 40}, expect=422)
    call("POST", "/git/trees", {"tree": [{**beside, "sha": "0" * 40}]}, expect=422)


def _git(call: Caller, shop: RepositoryHandle) -> None:
    tip = shop.put_file("README.md", f"# Shop\n{len(shop.hub.requests)}\n")
    call("GET", "/git/ref/heads/main", expect=200)
    call("GET", "/git/ref/heads/none", expect=404)
    call("GET", "/git/matching-refs/heads/", expect=200)
    call("POST", "/git/refs", {"ref": "refs/heads/topic/a", "sha": tip}, expect=201)
    call("POST", "/git/refs", {"ref": "refs/heads/topic/a", "sha": tip}, expect=422)
    call("POST", "/git/refs", {"ref": "main", "sha": tip}, expect=422)
    file = {"path": "docs/README.md", "mode": "100644", "type": "blob", "content": "A record"}
    call("POST", "/git/trees", {"tree": [file, {**file, "path": "README.md"}]}, expect=201)
    call("POST", "/git/trees", {"tree": []}, expect=422)
    tree = call("GET", f"/git/commits/{tip}", expect=200)["tree"]["sha"]
    entries = call("GET", f"/git/trees/{tree}", expect=200)["tree"]
    call("GET", "/git/trees/" + "0" * 40, expect=404)
    blob = next(one["sha"] for one in entries if one["type"] == "blob")
    call("GET", f"/git/blobs/{blob}", expect=200)
    call("GET", "/git/blobs/" + "0" * 40, expect=404)
    _objects(call, tree, len(entries))
    new = {"message": "The same again", "tree": tree, "parents": [tip]}
    commit = call("POST", "/git/commits", new, expect=201)["sha"]
    call("GET", f"/git/commits/{commit}", expect=200)
    call("GET", "/git/commits/" + "0" * 40, expect=404)
    call("PATCH", "/git/refs/heads/topic/a", {"sha": commit}, expect=200)
    call("PATCH", "/git/refs/heads/topic/a", {"sha": tip}, expect=422)
    call("POST", "/git/refs", {"ref": "refs/heads/topic/b", "sha": tip}, expect=201)
    call("DELETE", "/git/refs/heads/topic/b", expect=204)
    call("DELETE", "/git/refs/heads/topic/b", expect=422)
    call("PATCH", "/git/refs/heads/topic/a", {"sha": tip, "force": True}, expect=200)
    call("PATCH", "/git/refs/heads/topic/a", {"sha": commit}, expect=200)
    call("GET", "/commits", expect=200, sha="topic/a", path="docs", per_page=1)
    call("GET", "/commits", expect=200, since="2025-10-19T14:00:00Z")
    call("GET", "/commits/topic/a", expect=200)
    call("GET", "/commits/none", expect=422)
    call("GET", "/compare/main...topic/a", expect=200)
    call("GET", "/compare/main...none", expect=404)
    call("GET", "/compare/main...topic/a", expect=200, per_page=1, page=2)
    ann = shop.person(shop.hub.world.accounts[account_id(shop, "ann")])
    ann.delete_branch("topic/a")
    record = f"allclear/12/rollback-{len(shop.hub.requests)}"
    call("POST", "/git/refs", {"ref": f"refs/{record}", "sha": tip}, expect=201)
    call("POST", "/git/refs", {"ref": f"refs/{record}", "sha": tip}, expect=422)
    call("GET", f"/git/ref/{record}", expect=200)
    call("GET", "/git/matching-refs/allclear/12/", expect=200)
    call("PATCH", f"/git/refs/{record}", {"sha": commit}, expect=200)
    call("PATCH", f"/git/refs/{record}", {"sha": tip}, expect=422)


def _contents(call: Caller, shop: RepositoryHandle) -> None:
    file, text = "/contents/reports/incidents/1.md", base64.b64encode(b"text " * 50).decode()
    made = call("PUT", file, {"message": "Report", "content": text}, expect=201)["content"]["sha"]
    call("PUT", file, {"message": "Report", "content": text}, expect=422)
    call("PUT", file, {"message": "Report", "content": text, "sha": "0" * 40}, expect=409)
    call("PUT", file, {"message": "Report", "content": text, "branch": "none"}, expect=404)
    who = {"name": "Ann", "email": "ann@example.com"}
    update = {"message": "Again", "content": "dHdv", "sha": made, "committer": who, "author": who}
    changed = call("PUT", file, update, expect=200)["content"]["sha"]
    call("GET", file, expect=200, ref="main")
    call("GET", "/contents/reports", expect=200)
    call("GET", "/contents/none", expect=404)
    call("GET", "/contents/none", expect=404, ref="none")
    call("DELETE", file, {"message": "Away", "sha": made}, expect=409)
    call("DELETE", file, {"message": "Away", "sha": changed}, expect=200)


def _pulls(call: Caller, shop: RepositoryHandle) -> None:
    new = {"title": "Report", "head": "report", "base": "main", "body": "text", "draft": False}
    call("POST", "/pulls", new, expect=422)
    shop.put_file(".github/workflows/sweep.yml", WORKFLOW)
    tip = shop.branches()["main"]
    call("POST", "/git/refs", {"ref": "refs/heads/report", "sha": tip}, expect=201)
    call("POST", "/pulls", new, expect=422)
    text = base64.b64encode(f"report {len(shop.hub.requests)}".encode()).decode()
    file = {"message": "Report", "content": text, "branch": "report"}
    call("PUT", f"/contents/r{len(shop.hub.requests)}.md", file, expect=201)
    pull = call("POST", "/pulls", new, expect=201)
    call("POST", "/pulls", new, expect=422)
    one = f"/pulls/{pull['number']}"
    call("GET", "/pulls", expect=200)
    call(
        "GET", "/pulls", expect=200, state="all", head="acme:report", base="main", sort="updated", per_page=5
    )
    call("GET", one, expect=200)
    call("GET", "/pulls/9999", expect=404)
    call("PATCH", one, {"title": "The report", "body": "more"}, expect=200)
    call("PATCH", one, {"state": "closed"}, expect=200)
    call("PATCH", one, {"state": "open"}, expect=200)
    asked = {"reviewers": ["bob"]}
    call("POST", f"{one}/requested_reviewers", asked, expect=201)
    call("POST", f"{one}/requested_reviewers", {"reviewers": ["eve"]}, expect=422)
    call("GET", f"{one}/requested_reviewers", expect=200)
    call("GET", f"{one}/files?per_page=100", expect=200)
    call("GET", f"{one}/commits?per_page=100", expect=200)
    bob = Caller(shop.hub, shop.hub.personal_token(shop.hub.world.accounts[account_id(shop, "bob")]))
    bob("POST", f"{one}/reviews", {"event": "APPROVE", "body": "Well told"}, expect=200)
    bob("POST", f"{one}/reviews", {"event": "REQUEST_CHANGES"}, expect=422)
    call("POST", f"{one}/reviews", {"event": "APPROVE"}, expect=422)
    call("GET", f"{one}/reviews", expect=200)
    call("POST", f"/issues/{pull['number']}/labels", {"labels": ["postmortem"]}, expect=200)
    call("POST", f"/issues/{pull['number']}/comments", {"body": "on a pull request"}, expect=201)
    call("GET", f"/issues/{pull['number']}", expect=200)
    call("PUT", f"{one}/merge", {"sha": "0" * 40}, expect=409)
    call("PUT", f"{one}/merge", {"merge_method": "merge", "sha": pull["head"]["sha"]}, expect=200)
    call("PUT", f"{one}/merge", {}, expect=405)
    call("GET", one, expect=200)
    shop.person(shop.hub.world.accounts[account_id(shop, "ann")]).delete_branch("report")


def _people(hub: GitHub, shop: RepositoryHandle) -> None:
    """Whatever people do that requests do not: every event the embedded GitHub can send."""
    ann, eve = (shop.person(hub.world.accounts[account_id(shop, login)]) for login in ("ann", "eve"))
    number = eve.open_issue("It is down", "### Severity\n\nP1", form_labels=["incident"])
    ann.label(number, "P1")
    ann.unlabel(number, "P1")
    ann.assign(number, "ann")
    ann.unassign(number, "ann")
    eve.edit_issue(number, title="It is very down", body="new")
    comment = eve.comment(number, "- [ ] call somebody")
    ann.tick(comment, "call somebody")
    ann.pin_comment(comment)
    ann.unpin_comment(comment)
    ann.react(comment, "+1")
    ann.delete_comment(comment)
    ann.lock(number, "too heated")
    ann.unlock(number)
    ann.push_file("fix", "fix.txt", "fixed", "Repair it")
    pull = ann.open_pull("Repair", "fix", body=f"Fixes #{number}")
    ann.push_file("fix", "fix.txt", "fixed better")
    ann.edit_pull(pull, title="Repair it")
    ann.request_reviews(pull, "bob")
    ann.label(pull, "P1")
    ann.assign(pull, "ann")
    ann.comment(pull, "a comment on a pull request")
    ann.close_pull(pull)
    ann.reopen_pull(pull)
    ann.merge_pull(pull)
    ann.delete_branch("fix")
    assert shop.issue(number).state == "closed"
    ann.reopen(number)
    ann.close(number, "not_planned")
    ann.dispatch("sweep.yml", {"issue": str(number)})
    hub.schedule("sweep.yml")
    run = shop.runs()[-1].id
    shop.finish_run(run, "success")
    ann.rerun(run)
    ann.delete_issue(number)
    hub.delete_user(hub.world.accounts[account_id(shop, "eve")])


def _empty(hub: GitHub, call: Caller) -> None:
    """A repository without commits, and one that nobody else may see."""
    hub.create_repository("acme/empty", private=True)
    hub.add_org_member("acme", hub.world.accounts[account_id_in(hub, "ann")], owner=True)
    call("GET", "//repos/acme/empty", expect=200)
    call("GET", "//repos/acme/empty/commits", expect=409)
    call("GET", "//repos/acme/empty/contents/x", expect=404)


def _graphql(call: Caller, shop: RepositoryHandle) -> None:
    number = call("POST", "/issues", {"title": "Ask"}, expect=201)["number"]
    call("POST", f"/issues/{number}/comments", {"body": "first"}, expect=201)
    query = 'query($n: Int!) { repository(owner: "acme", name: "shop") { issue(number: $n) { title } } }'
    call("POST", "//graphql", {"query": query, "variables": {"n": number}}, expect=200)
    shop.deploy("main")
    query = """{ repository(owner: "acme", name: "shop") {
      deployments(environments: ["production"], last: 9, orderBy: {field: CREATED_AT, direction: DESC}) {
        nodes { databaseId commitOid environment originalEnvironment createdAt payload task state ref { name }
          latestStatus { state createdAt environmentUrl } statuses(first: 9) { nodes { state logUrl } }
          commit { oid status { state context(name: "allclear/smoke") { state } } } } }
      pullRequests(states: [OPEN], first: 9) {
        nodes { number headRefOid headRefName isCrossRepository isDraft headRepository { nameWithOwner }
          headRef { name } commits(last: 1) { nodes { commit { oid status { contexts { state } } } } } }
        pageInfo { endCursor hasNextPage } } } }"""
    answer = call("POST", "//graphql", {"query": query}, expect=200)
    assert "errors" not in answer, answer
    shop.put_file("fork.txt", "x", branch="fork")
    new = {"title": "From a fork", "head": "fork", "base": "main"}
    pull = call("POST", "/pulls", new, expect=201)["number"]
    shop.pretend_fork(pull, shop.hub.create_repository("bob/shop"))
    call("GET", f"/pulls/{pull}", expect=200)
    call("GET", "/pulls", expect=200)
    query = """query($n: Int!) { repository(owner: "acme", name: "shop") {
      issue(number: $n) { timelineItems(last: 1, itemTypes: [CLOSED_EVENT]) { nodes { ... on ClosedEvent {
        createdAt actor { login } closer { __typename ... on PullRequest { number } } } } } }
      pullRequests(first: 9, orderBy: {field: UPDATED_AT, direction: DESC}) {
        nodes { author { login } baseRefName closedAt mergedAt } } } }"""
    call("PATCH", f"/issues/{number}", {"state": "closed"}, expect=200)
    answer = call("POST", "//graphql", {"query": query, "variables": {"n": number}}, expect=200)
    assert "errors" not in answer, answer
    shop.put_file("draft.txt", "x", branch="draft")
    draft = call("POST", "/pulls", {**new, "head": "draft", "draft": True}, expect=201)["number"]
    shop.person(shop.hub.world.accounts[account_id(shop, "ann")]).ready(draft)
