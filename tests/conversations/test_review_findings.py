"""Every finding of the review, played: somebody pushes it, mends it, or has it waived."""

from __future__ import annotations

import ast
from dataclasses import dataclass

import pytest

from allclear.core.postmortem import remarks
from conversations.beginnings import beginning
from conversations.review_room import (
    ASKED,
    GREEN,
    PATH,
    RUNBOOK,
    branch,
    comment,
    head,
    pull,
    push,
    status,
    text_of,
    write_green,
)
from conversations.room import ROOT, Room, minutes
from core.postmortem.defects import ACTION, Plant, below, emptied, swap


@dataclass(frozen=True, slots=True)
class Finding:
    """How people come by it. ``at``: what stands on its line, "" for the first one; ``fix``: words of the
    way out. ``waiver``: how the document itself says why it stays as it is.
    """

    plant: Plant
    at: str
    fix: str
    holds: bool = True
    waiver: Plant | None = None


def last(line: str) -> Plant:
    """The line under a heading of its own, at the end."""
    return lambda text: f"{text.rstrip()}\n\n## Follow-up\n\n{line}\n"


FINDINGS = {
    "approval": None,  # is no word of the file: tests/conversations/test_approvals.py plays it
    "step": None,  # as this, of another runbook; both are played below
    "horizon": None,
    "gone": None,  # played below: the file is not there
    "unread": None,  # or nobody can read it
    "newer": None,  # or the record changed
    "blame": Finding(
        below("Resolution", "Then bob forgot the index."), "bob forgot", "What made", holds=False
    ),
    "customer-data": Finding(
        below("Resolution", "First seen by jane.doe@contoso.com."), "contoso", "customer A", holds=False
    ),
    "secret": Finding(
        below("Resolution", "postgres://app:hunter2secret@db.internal/shop"),
        "hunter2",
        "Take it out",
        holds=False,
    ),
    "duration": Finding(swap(r"^  duration_minutes: 45", "  duration_minutes: 5"), "impact:", "it is 45"),
    "front-matter": Finding(swap(r"^severity: .*$", "severity: [P3"), "", "/postmortem"),
    "head": Finding(
        swap(r"^\*\*Date\*\*: [\d-]+", "**Date**: 2025-10-18"), "**Date**", "2025-10-19 in the front"
    ),
    "no-actions": Finding(
        emptied("Prevention", "We will be more careful."),
        "## Prevention",
        "No action items, because",
        waiver=swap("^We will be more careful.$", "No action items, because the vendor fixed it."),
    ),
    "no-due-date": Finding(swap(ACTION, r"- [ ] \1 (owner: \2)"), "- [ ] Alert", "due: 2026-12-01"),
    "no-owner": Finding(swap(ACTION, r"- [ ] \1 (due: \3)"), "- [ ] Alert", "Name one person"),
    "order": Finding(
        swap(r"^closed_at: .*$", "closed_at: '2025-10-19T14:06:00Z'"), "closed_at:", "/time resolved <time>"
    ),
    "override": Finding(
        swap(
            r"^number_of_people: .*$",
            "overrides:\n- by: ada\n  at: '2025-10-19T16:00:00Z'\n  reason: done\nnumber_of_people: 2",
        ),
        "overrides:",
        "Write a sentence on the override",
        waiver=below("Resolution", "The override was given because the vendor watches the pool now."),
    ),
    "prompt-left": Finding(
        below("Contributing Factors", "_What made it harder to notice or to fix?_"),
        "_What made",
        "Answer it there",
    ),
    "record": Finding(swap("^title: .*$", "title: Login is slow"), "title:", "The issue's record counts"),
    "runbooks-elsewhere": Finding(
        last("- [ ] Runbooks updated: https://wiki.example.com/pool"),
        "- [ ] Runbooks",
        "look before you publish",
        holds=False,
    ),
    "runbooks": Finding(
        last("- [ ] Runbooks updated"),
        "- [ ] Runbooks updated",
        "say why none is needed",
        waiver=swap(r"^- \[ \] Runbooks updated$", "- [ ] Runbooks: no change, because none is about it."),
    ),
    "section-empty": Finding(emptied("Root Cause", "TBD"), "## Root Cause", "write it in a sentence"),
    "section-missing": Finding(swap("^## Lessons Learned$", "## Lessons"), "", "Write it under"),
    "timeline": Finding(swap("^- 14:47 UTC", "- 13:01 UTC"), "- 13:01", "Put the line where it belongs"),
    "unfinished": Finding(below("Resolution", "TODO: link the change"), "TODO", "Write it"),
    "whose": Finding(swap(r"^repository: .*$", ""), "", "repository: owner/name"),
}
"""By rule. Rules that are no words of the file have tests of their own."""
PLANTED = {rule: one for rule, one in FINDINGS.items() if one is not None}
HELD = [rule for rule, one in PLANTED.items() if one.holds]


def rules() -> set[str]:
    """The rules of all remarks that the product makes, as its code spells them."""
    found = set()
    for file in sorted((ROOT / "scripts" / "allclear").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Remark":
                rule = node.args[1]
                found.add(getattr(remarks, rule.id) if isinstance(rule, ast.Name) else ast.literal_eval(rule))
    return found


def test_every_rule_has_its_conversation() -> None:
    assert rules() == set(FINDINGS)


def line_of(text: str, at: str) -> int:
    return next(n for n, line in enumerate(text.split("\n"), 1) if line.startswith(at) or (at and at in line))


@pytest.mark.parametrize("rule", PLANTED)
def test_what_is_pushed_is_told_at_its_line_with_the_way_out_and_gone_once_it_is_mended(
    green: Room, rule: str
) -> None:
    one, good = PLANTED[rule], text_of(green)
    planted = one.plant(good)
    push(green, planted)
    line = line_of(planted, one.at) if one.at else 1
    link = f"https://github.com/acme/shop/blob/{head(green)}/{PATH}?plain=1#L{line}"
    assert f"| [{line}]({link}) | " in comment(green)
    assert one.fix.replace("`", "") in comment(green)
    kind = "warning" if one.holds else "notice"
    assert any(
        said.startswith(f"::{kind} file={PATH},line={line}::") and one.fix in said.replace("`", "")
        for said in green.printed
    )
    if one.holds:
        assert status(green)[0] == "failure"
        assert f"Line {line}: " in status(green)[1]
    else:
        assert status(green) == GREEN
    green.printed.clear()
    push(green, good)
    assert status(green) == GREEN
    assert one.fix not in comment(green)
    assert "Nothing holds the publication" in comment(green)
    assert not [said for said in green.printed if said.startswith("::")]


@pytest.mark.parametrize("rule", [rule for rule in PLANTED if PLANTED[rule].waiver])
def test_the_document_itself_may_say_why_it_stays_so(green: Room, rule: str) -> None:
    one = PLANTED[rule]
    planted = one.plant(text_of(green))
    push(green, planted)
    assert status(green)[0] == "failure"
    assert one.waiver is not None
    push(green, one.waiver(planted))
    assert status(green) == GREEN


@pytest.mark.parametrize("rule", HELD)
def test_merged_although_it_is_there_it_is_published_once_it_is_waived(green: Room, rule: str) -> None:
    one = PLANTED[rule]
    push(green, one.plant(text_of(green)))
    green.people["ann"].merge_pull(pull(green))
    green.clock.advance(minutes(10))
    green.sweep()
    said = green.replies[-1].body.replace("\\", "").replace("\u2060", "").replace("`", "")
    assert "it is **not published**: " in said
    assert one.fix.replace("`", "") in said
    assert green.incident.reached("published") is None
    answer = green.says("mia", '/postmortem --override "the vendor does not tell"')
    assert "mia overrode that: the vendor does not tell" in answer
    assert green.incident.reached("published") is not None
    assert "overridden by mia: the vendor does not tell" in green.panel.body


def test_of_several_at_once_each_is_told_and_each_goes_when_it_is_mended(green: Room) -> None:
    good = text_of(green)
    some = ("prompt-left", "unfinished", "no-owner", "head", "section-empty", "runbooks")
    planted = good
    for rule in some:
        planted = PLANTED[rule].plant(planted)
    push(green, planted)
    assert status(green)[1].startswith("6 to mend. Line ")
    assert all(PLANTED[rule].fix in comment(green) for rule in some)
    for left, rule in enumerate(some):
        rest = good
        for other in some[left + 1 :]:
            rest = PLANTED[other].plant(rest)
        push(green, rest)
        assert PLANTED[rule].fix not in comment(green)
        assert sum(PLANTED[other].fix in comment(green) for other in some) == len(some) - left - 1
    assert status(green) == GREEN


def test_a_file_that_nobody_can_read_is_told_and_mended(green: Room) -> None:
    good = text_of(green)
    push(green, "a" * 1_100_000)
    assert status(green) == ("failure", status(green)[1])
    assert "This cannot be read" in comment(green)
    push(green, good)
    assert status(green) == GREEN


def test_a_file_that_is_gone_is_told_and_mended(green: Room) -> None:
    """What `/review` says on the issue stands on the pull request too."""
    good = text_of(green)
    green.people["bob"].push_file(branch(green), "notes.md", "Elsewhere")
    green.people["bob"].delete_file(branch(green), PATH)
    green.deliver()
    green.clock.advance(minutes(10))
    green.sweep()  # GitHub starts no run of its own: what is left of the pull request changes no post-mortem
    assert status(green)[0] == "failure"
    assert f"{PATH} is not there any more." in comment(green)
    assert "is not there any more" in green.says("cat", "/review").replace("\u2060", "")
    push(green, good)
    assert status(green) == GREEN


def test_what_people_edited_and_the_record_contradicts_is_told_until_they_look(green: Room) -> None:
    mine = "The pool was sized for the users of 2023."
    push(green, text_of(green).replace("\nthe pool is too small", f"\n{mine}", 1))
    green.says("bob", "/reopen it is back")
    green.says("bob", "/finding the cache was cold as well")
    green.says("bob", "/postmortem")
    line = line_of(text_of(green), "<!-- allclear:begin root-cause ")
    assert f"?plain=1#L{line}) | People edited this part, and the record" in comment(green)
    assert mine in text_of(green)
    push(green, text_of(green).replace(mine, f"{mine} The cache was cold as well."))
    assert "People edited this part" not in comment(green)
    green.says("bob", "/postmortem")
    assert "People edited this part" not in comment(green)


FOR_OTHERS = """\
name: asked
extends: hotdash
review:
  horizons:
    soon: { within: 3d }
    later: { within: 8w }
lists:
  wrap-up:
    opens: resolved
    before: published
    steps: { told: The customers were told }
"""


asked = beginning(write_green, ASKED, {RUNBOOK: FOR_OTHERS})


def test_what_another_runbook_asks_for_is_told_and_mended_and_waived(asked: Room) -> None:
    """A step that the publication waits for, and a time for which nothing is planned."""
    room = asked
    assert status(room)[0] == "failure"
    assert "Line 1: The publication waits for a step: The customers were told." in status(room)[1]
    assert "/check told" in comment(room)
    assert "Nothing is planned for soon (3 days)." in comment(room)
    room.says("bob", "/check told")
    room.clock.advance(minutes(10))
    room.sweep()
    assert status(room) == GREEN
    room.says("bob", "/uncheck told")
    room.clock.advance(minutes(10))
    room.sweep()
    assert status(room)[0] == "failure"
    room.says("bob", '/check told --wont-do "nobody noticed it"')
    room.clock.advance(minutes(10))
    room.sweep()
    assert status(room) == GREEN
    push(
        room,
        swap("^## Prevention$", "## Prevention\n\nSoon: nothing to do, because it is mended.")(text_of(room)),
    )
    assert "Nothing is planned" not in comment(room)
