"""What was approved is what is executed: whatever changes between request, approval and execution ends it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from allclear.adapters.github.releases import ReleaseReader
from allclear.core.conversation.parse import Typed
from allclear.core.model.operation import operation_id
from allclear.core.model.people import Person
from allclear.core.model.stored import read_values
from allclear.core.model.structs import replace
from allclear.core.production.binding import bound_rollback
from allclear.core.production.request import Request
from allclear.core.production.rollback import aim
from allclear.core.record.entry import Block, Entry, encode
from allclear.core.record.facts import Fact
from allclear.core.record.production import OperationApproved, OperationAsked
from allclear.jobs.look_again import room
from allclear.jobs.operation_job import operation_job
from allclear.jobs.run import start
from allclear_lab.drill.production_server import Version
from conversations.room import minutes
from production.stage import SERVICES, Production, open_production

OURS = "    provider: ours\n"
SECOND = SERVICES.replace(OURS, OURS + "    rollback: {{ approval: second-person }}\n")
NONE = SERVICES.replace(OURS, OURS + "    rollback: {{ approval: none }}\n")
ACTIONS = """\
actions:
  restart:
    title: Restart the app
    run: [python3, -c, "print('restarted')"]
    approval: second-person
    least: write
"""


@pytest.fixture
def second(tmp_path: Path) -> Iterator[Production]:
    """A production whose rollbacks a second person approves."""
    with open_production(tmp_path, services=SECOND) as production:
        production.opens()
        yield production


def ended(production: Production) -> str:
    """Why the newest rollback was refused; nothing was executed."""
    operation = production.operation()
    assert operation.outcome == "refused", operation
    assert production.executions() == 0
    assert production.target.version != "v41"
    return operation.text


def settings(production: Production, old: str, new: str) -> None:
    file = production.room.root / ".github" / "allclear.yml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_the_answer_and_the_approval_show_what_is_bound(second: Production) -> None:
    said = second.says("mia", "/rollback web")
    digest = second.operation().digest
    assert f"An approval binds to `{digest}`, which stands for all that is shown here." in said
    assert f"The approval binds to `{digest}`." in second.says("ann", "/approve")
    operation = second.operation()
    assert (operation.approved_digest, operation.outcome) == (digest, "done")
    assert (second.target.version, second.executions()) == ("v41", 1)


# -- deployments that are added


def test_a_fix_with_a_migration_that_was_deployed_meanwhile_is_not_undone(production: Production) -> None:
    """Seen: between request and approval a fix was deployed; the run undid both, approved."""
    production.opens()
    production.says("mia", "/rollback web")
    fix = production.release(Version("v43", healthy=True), path="db/migrations/43.sql")
    told = production.approve("ann")
    text = ended(production)
    assert text.startswith("This has changed since it was asked for: what runs: ")
    assert f"{production.releases['v42'][:7]} → {fix[:7]}" in text
    assert f"commits added: {fix[:7]}" in text
    assert "migrations added: db/migrations/43.sql" in text
    assert text.endswith("Look at it, and ask for it again")
    assert "was **refused**" in told
    # Asked anew, it is another question.
    assert "db/migrations/43.sql" in production.says("mia", "/rollback web")
    production.says("mia", f"/rollback web to {production.releases['v41'][:7]} --with-migrations")
    production.approve("ann")
    assert (production.target.version, production.executions()) == ("v41", 1)


@pytest.mark.parametrize("moment", ["before the approval", "after the approval"])
def test_a_release_between_request_approval_and_execution_ends_it(second: Production, moment: str) -> None:
    second.says("mia", "/rollback web")
    if moment == "before the approval":
        second.release(Version("v43"))
    second.asks("ann", "/approve")
    if moment == "after the approval":
        second.hosted.hear()
        second.release(Version("v43"))
    second.run_everything()
    assert "what runs: " in ended(second)


@pytest.mark.parametrize("moment", ["before the approval", "after the approval"])
def test_a_release_that_came_and_was_taken_down_meanwhile_ends_it(second: Production, moment: str) -> None:
    """The same deployment runs as when it was asked for, and yet production was changed."""
    second.says("mia", "/rollback web")
    if moment == "before the approval":
        came_and_went(second)
    second.asks("ann", "/approve")
    if moment == "after the approval":
        second.hosted.hear()
        came_and_went(second)
    second.run_everything()
    gone = second.releases["v43"][:7]
    assert f"deployed meanwhile and taken down again: {gone}" in ended(second)


def came_and_went(production: Production) -> None:
    """A release that is deployed, and five minutes later taken down: what ran before runs again."""
    room = production.room
    sha = room.people["bob"].push_file("main", "app.txt", "v43", "Release v43")
    production.releases["v43"] = sha
    made = room.repo.deploy(sha, "production", "in_progress success")
    room.clock.advance(minutes(5))
    room.repo.report(made, "inactive")
    production.hosted.ignore()


def test_by_hand_the_run_is_bound_to_what_its_claim_saw(production: Production) -> None:
    production.opens()
    production.dispatch("mia", "rollback-production.yml")
    production.release(Version("v43"))
    production.approve("ann")
    assert "commits added" in ended(production)


# -- settings that change


@pytest.mark.parametrize("moment", ["before the approval", "after the approval"])
def test_another_way_of_doing_it_is_another_question(second: Production, moment: str) -> None:
    second.says("mia", "/rollback web")
    if moment == "before the approval":
        settings(second, '"{target}"]', '"{target}", --now]')
    second.asks("ann", "/approve")
    if moment == "after the approval":
        settings(second, '"{target}"]', '"{target}", --now]')
    second.run_everything()
    assert "what the settings say of how it is done" in ended(second)


def test_an_action_runs_the_words_that_were_shown(tmp_path: Path) -> None:
    with open_production(tmp_path, services=SERVICES + ACTIONS) as production:
        production.opens()
        production.says("mia", "/run restart")
        settings(production, "print('restarted')", "print('gone')")
        production.says("ann", "/approve")
        operation = production.operation("action")
        assert operation.outcome == "refused"
        assert "what the settings say of how it is done" in operation.text
        production.says("mia", "/run restart")
        production.says("ann", "/approve")
        assert production.operation("action").outcome == "done"


@pytest.mark.parametrize(("service", "ends"), [("web", True), ("", False)])
def test_an_action_that_changed_the_service_meanwhile_ends_a_rollback_of_it(
    tmp_path: Path, service: str, ends: bool
) -> None:
    actions = ACTIONS.replace("    run:", f"    service: '{service}'\n    run:")
    with open_production(tmp_path, services=SECOND + actions) as production:
        production.opens()
        production.says("mia", "/rollback web")
        rollback = production.operation()
        production.says("mia", "/run restart")
        action = production.operation("action")
        production.says("ann", f"/approve {action.id}")
        assert production.operation("action").outcome == "done"
        production.says("ann", f"/approve {rollback.id}")
        assert production.operation().outcome == ("refused" if ends else "done")
        if ends:
            assert f"web was changed by {action.id} of incident 1" in ended(production)
            # Asked anew, it is asked with that in sight.
            production.says("mia", "/rollback web")
            production.says("ann", "/approve")
        assert (production.target.version, production.executions()) == ("v41", 1)


# -- approvals


def test_a_yes_that_came_before_the_answer_approves_nothing(second: Production) -> None:
    second.room.clock.advance(10)
    second.room.people["mia"].comment(second.room.number, "/rollback web")
    second.room.people["ann"].comment(second.room.number, "/approve")
    second.run_everything()
    assert "This came before the answer that shows what" in second.room.replies[-1].body
    assert (second.operation().state, second.executions()) == ("asked", 0)
    second.says("ann", "/approve")
    assert second.operation().outcome == "done"


# -- the comments themselves


def touch(production: Production, who: str, what: Callable[[int], object]) -> None:
    """Do something to the newest comment of a person."""
    what([one.id for one in production.room.comments if one.author == who][-1])


@pytest.mark.parametrize("who", ["mia", "ann"])
@pytest.mark.parametrize("how", ["edited", "edited back", "deleted"])
def test_a_comment_that_changed_after_it_was_answered_executes_nothing(
    second: Production, who: str, how: str
) -> None:
    second.says("mia", "/rollback web")
    second.asks("ann", "/approve")
    room, person = second.room, second.room.people[who]
    body = next(one.body for one in reversed(room.comments) if one.author == who)
    if how == "deleted":
        touch(second, who, person.delete_comment)
    else:
        touch(second, who, lambda one: person.edit_comment(one, "hello"))
    if how == "edited back":
        touch(second, who, lambda one: person.edit_comment(one, body))
    second.run_everything()
    what = "is not in this incident any more" if how == "deleted" else "was edited afterwards"
    assert what in ended(second)


def test_an_edit_within_the_second_it_was_written_is_an_edit(second: Production) -> None:
    """REST shows no other time then; only GraphQL knows."""
    second.room.clock.advance(10)
    person = second.room.people["mia"]
    comment = person.comment(second.room.number, "/rollback api")
    person.edit_comment(comment, "/rollback web")
    second.run_everything()
    second.says("ann", "/approve")
    assert "was edited afterwards" in ended(second)


# -- forged entries


def forge(production: Production, key: str, by: str, *facts: Fact, forger: str = "") -> None:
    """A perfect block of entries by the bot's account, which any workflow of the repository can write."""
    room = production.room
    person = Person(id=room.people[by].id, login=by)
    number = int(key[1:].partition(".")[0])
    seen = [one for one in room.comments if one.id == number]
    at = room.snapshot.comments[[one.id for one in room.comments].index(number)].created_at if seen else None
    entry = Entry(
        key=key, what="rollback", by=person, at=at or room.clock.now(), source=number, facts=facts
    ).chained(room.journal.head)
    room.bot_says(encode(Block(repo=room.repo.id, issue=room.number, entries=(entry,))) + f"\n{forger}")


def order(production: Production, key: str, approval: str, **more: object) -> OperationAsked:
    """What `/rollback web` would write, word for word."""
    releases = production.releases
    said = {
        "op": operation_id("rollback", production.room.repo.id, production.room.number, key),
        "kind": "rollback",
        "service": "web",
        "target": releases["v41"],
        "release": releases["v41"][:7],
        "before": releases["v42"][:7],
        "approval": approval,
        "expires": production.room.clock.now() + timedelta(minutes=20),
    }
    return read_values(OperationAsked, said | more)


def real_digest(production: Production) -> str:
    """The digest that a real request would have, in a future that does not come."""
    before = production.mark()
    production.asks("mia", "/rollback web")
    digest = production.operation().digest
    production.back(before)
    assert digest
    return digest


def starts(production: Production) -> None:
    production.room.clock.advance(5)
    production.room.hub.schedule("sweep.yml")
    production.run_everything()


def claims(production: Production, key: str) -> str:
    """Somebody starts the workflow for a forged entry; why its claim does not go on. The incident takes the
    entry for none, and names it.
    """
    room = production.room
    said = starts_it(production, operation_id("rollback", room.repo.id, room.number, key))
    starts(production)
    assert [one.outcome for one in production.operations("rollback") if one.outcome != "refused"] == []
    assert "the issue or the clock says otherwise" in "\n".join(one.body for one in room.replies)
    return said


def starts_it(production: Production, operation: str) -> str:
    """Somebody starts the workflow for an operation; what its jobs say. Nothing is executed."""
    known = len(production.hosted.ran)
    asked = {
        "operation": operation,
        "service": "web",
        "target": production.releases["v41"],
        "incident": str(production.room.number),
    }
    production.dispatch("mia", "rollback-production.yml", asked)
    assert production.executions() == 0
    return "\n".join(one.output for one in production.hosted.ran[known:])


def test_a_workflow_that_repeats_a_strangers_text_executes_nothing(tmp_path: Path) -> None:
    """The stranger writes a line one that names their own comment; the bot of another workflow repeats it."""
    with open_production(tmp_path, services=NONE) as production:
        production.opens()
        digest = real_digest(production)
        comment = production.room.writes("out", "/rollback web")
        key = f"c{comment}.0"
        forge(production, key, "mia", order(production, key, "none", digest=digest), forger="Thank you!")
        assert "is not in the record of incident 1" in claims(production, key)


def test_a_block_of_entries_without_a_comment_executes_nothing(tmp_path: Path) -> None:
    with open_production(tmp_path, services=NONE) as production:
        production.opens()
        digest = real_digest(production)
        forge(production, "c999999.0", "mia", order(production, "c999999.0", "none", digest=digest))
        assert "is not in this incident any more" in claims(production, "c999999.0")


def said_by_mia(production: Production, text: str) -> str:
    """A forged request that names a comment of hers; its key."""
    digest = real_digest(production)
    comment = production.room.writes("mia", text)
    key = f"c{comment}.0"
    forge(production, key, "mia", order(production, key, "none", digest=digest))
    return key


@pytest.mark.parametrize("text", ["I would not roll back web yet", "/smoke web", "> /rollback web"])
def test_a_comment_of_the_right_person_that_says_something_else_executes_nothing(
    tmp_path: Path, text: str
) -> None:
    with open_production(tmp_path, services=NONE) as production:
        production.opens()
        assert "is not in the record of incident 1" in claims(production, said_by_mia(production, text))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("/rollback web --dry-run", "wants a dry run"),
        ("/rollback web staging", "could be more than a reason"),
    ],
)
def test_a_comment_that_asks_for_something_else_executes_nothing(tmp_path: Path, text: str, why: str) -> None:
    with open_production(tmp_path, services=NONE) as production:
        production.opens()
        said_by_mia(production, text)
        starts(production)
        assert why in ended(production)


def test_another_target_than_the_comment_means_is_not_taken_from_an_entry(tmp_path: Path) -> None:
    with open_production(tmp_path, services=NONE) as production:
        production.opens()
        digest = real_digest(production)
        comment = production.room.writes("mia", "/rollback web")
        key = f"c{comment}.0"
        elsewhere = order(production, key, "none", digest=digest, target=production.releases["v40"])
        forge(production, key, "mia", elsewhere)
        starts(production)
        assert "goes back to: " in ended(production)


def test_a_forged_yes_approves_nothing(second: Production) -> None:
    second.says("mia", "/rollback web")
    operation = second.operation()
    comment = second.room.writes("ann", "I am not sure about this")
    yes = OperationApproved(op=operation.id, digest=operation.digest)
    forge(second, f"c{comment}.0", "ann", yes)
    # Not even for somebody who starts the workflow by hand.
    assert "Nobody has approved it yet" in starts_it(second, operation.id)


def test_a_forged_yes_is_none_and_the_question_stays_open(second: Production) -> None:
    second.says("mia", "/rollback web")
    operation = second.operation()
    comment = second.room.writes("ann", "I am not sure about this")
    yes = OperationApproved(op=operation.id, digest=operation.digest)
    forge(second, f"c{comment}.0", "ann", yes)
    starts(second)
    assert (second.operation().state, second.executions()) == ("asked", 0)
    second.says("ann", "/approve")
    assert second.operation().outcome == "done"


def test_a_yes_to_something_else_approves_nothing(second: Production) -> None:
    second.says("mia", "/rollback web")
    comment = second.room.writes("ann", "/approve")
    forge(second, f"c{comment}.0", "ann", OperationApproved(op=second.operation().id, digest="0" * 12))
    starts(second)
    assert "What was approved is not what was asked for" in ended(second)


def test_what_was_refused_for_its_migrations_is_not_asked_for_by_an_entry(tmp_path: Path) -> None:
    """The comment is real and so is its author, but the answer was no."""
    with open_production(tmp_path, services=NONE) as production:
        production.release(Version("v43"), path="db/migrations/43.sql")
        production.opens()
        before = production.mark()
        production.asks("mia", "/rollback web --with-migrations")
        asked = production.operation()
        production.back(before)
        comment = production.room.writes("mia", "/rollback web")
        key = f"c{comment}.0"
        more = {name: getattr(asked, name) for name in ("target", "release", "before", "undoes")}
        bound = order(production, key, "none", **more)
        # The digest that this request would have, were it not refused.
        forge(production, key, "mia", replace(bound, digest=unmarked_digest(production)))
        starts(production)
        assert production.executions() == 0
        assert production.operation().outcome == "refused"
        assert "the older code would run with a newer database" in production.operation().text


def unmarked_digest(production: Production) -> str:
    """The digest of `/rollback web` where no path is a migration to the one who asks."""
    job = operation_job(start(environment(production), None, print, production.hub.transport))
    policy = job.run.policy()
    reader = ReleaseReader(job.run.client, job.run.repository, policy.settings, policy.providers)
    releases = {"web": reader.releases("web")}
    aimed = aim(Request("web"), room(job, policy, None, releases, Typed("rollback", "", "")))
    compared = reader.comparison(*aimed.commits) if aimed.commits else None
    return bound_rollback(aimed, compared, Request("web"), dry_run=False).digest


def environment(production: Production) -> dict[str, str]:
    """What a job of the repository has."""
    return {
        "GITHUB_API_URL": production.hub.api_url,
        "GITHUB_REPOSITORY": "acme/shop",
        "GITHUB_REPOSITORY_ID": str(production.room.repo.id),
        "GITHUB_TOKEN": production.hub.actions_token(
            production.room.repo, {"contents": "read", "deployments": "read", "statuses": "read"}
        ),
        "GITHUB_WORKSPACE": str(production.room.root),
    }
