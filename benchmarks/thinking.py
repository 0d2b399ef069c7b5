"""Pure work: plan() on very long issues, find() on comments made to be slow."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from statistics import median
from time import perf_counter

from figures import Figures

from allclear.commands import COMMANDS
from allclear.core.conversation.command import Policy
from allclear.core.conversation.parse import LONGEST_BODY, find
from allclear.core.model.effects import PutPanel, Reply
from allclear.core.model.people import Access, Person, Rights
from allclear.core.model.snapshot import Comment, Issue, IssueEvent, Snapshot
from allclear.core.model.structs import replace
from allclear.core.plan.plan import Plan
from allclear.core.policy.settings import ACTIONS_BOT
from planning import planned
from stories import BOB, HOTDASH, ISSUE_URL, NOON, RENDERER, REPOSITORY, SETTINGS

TIMES = 5
UNANSWERED, ANSWERED, BATCH = 1000, 1000, 100
"""``UNANSWERED`` and ``ANSWERED`` comments; a reply answers ``BATCH`` of them."""
BOT = Person(id=ACTIONS_BOT, login="github-actions[bot]")
POLICY = Policy(SETTINGS, HOTDASH, COMMANDS, RENDERER)

HOSTILE = {
    "commands, one a line": "/ack\n",
    "paths and slashes": "/etc/hosts //// /\n",
    "look-alike slashes": "\u2215ack\n",
    "quotes in quotes": ">",
    "lists in lists": "- ",
    "numbered lists": "1) ",
    "open brackets": "[",
    "images in links": "![a](",
    "backticks": "`",
    "backticks of growing length": "",
    "emphasis": "*a_",
    "open comments": "<!-- ",
    "open tags": "<a b='",
    "folded details": "<details>\n",
    "entities": "&amp;",
    "link definitions": "[a]: b\n",
    "rules and headings": "# a\n---\n",
    "tabs": "\t",
    "blank lines": "\n",
    "one long word": "a",
    "short lines": "a\n",
    "short list items": "- a\n",
    "numbered list items": "1. a\n",
    "underlined lines": "a\n---\n",
    "quoted commands": "> /ack\n",
    "commands as list items": "- /ack\n",
    "commands one below the other": "/a\n",
}
"""What is repeated up to 64 KiB, before a last line with a command: without one, nothing is parsed."""


def planning(say: Callable[[str], None]) -> Figures:
    """plan() with all that it asks for at hand."""
    say(f"plan(): {UNANSWERED:,} unanswered commands")
    crowd = issue(spoken(range(UNANSWERED)))
    rows = [(f"{UNANSWERED:,} comments with a command each, none answered", *measured(crowd))]
    hundred = "\n".join(f"/note number {n}" for n in range(100))
    few = issue(replace(one, body=hundred) for one in spoken(range(UNANSWERED // 100)))
    rows.append((f"{UNANSWERED:,} commands in {UNANSWERED // 100} comments, none answered", *measured(few)))
    say(f"plan(): {ANSWERED:,} answered comments")
    long = answered(ANSWERED)
    rows.append(
        (f"{ANSWERED:,} answered comments, read anew without a panel", *measured(replace(long, panel=None)))
    )
    steady = replace(long, comments=long.comments[-20:])
    rows.append((f"{ANSWERED:,} answered comments, read from the panel's checkpoint", *measured(steady)))
    return Figures("Deciding", ("plan()", "ms", "new in the record"), tuple(rows), f"Median of {TIMES}.")


def measured(snapshot: Snapshot) -> tuple[str, str]:
    """The time of a plan in milliseconds, and how many answers it has."""
    done: list[Plan] = []
    seconds = timed(lambda: done.append(planned(snapshot, POLICY)))
    if done[0].waiting:
        raise RuntimeError(f"the plan waits: {done[0].waiting}")
    return f"{1000 * seconds:,.0f}", f"{len(done[0].answers):,}"


def timed(work: Callable[[], object]) -> float:
    """Seconds, the median of a few times."""
    taken = []
    for _ in range(TIMES):
        start = perf_counter()
        work()
        taken.append(perf_counter() - start)
    return median(taken)


def spoken(numbers: Iterable[int]) -> list[Comment]:
    """Comments with a command each, one a second."""
    times = {n: NOON + timedelta(seconds=n) for n in numbers}
    return [Comment(1000 + 2 * n, BOB, f"/note number {n}", at, at) for n, at in times.items()]


def issue(comments: Iterable[Comment]) -> Snapshot:
    """Incident 42 with these comments; its labels and people are known."""
    labels = frozenset({"incident", "P0"})
    url = ISSUE_URL
    body = Issue(42, "[INCIDENT P0] Production down", "", BOB, "open", labels, (), NOON, url)
    said = tuple(comments)
    return Snapshot(
        REPOSITORY,
        body,
        said,
        now=said[-1].created_at + timedelta(seconds=30),
        access={BOB.login: Access(Rights.WRITE, BOB)},
        events=(IssueEvent(1, "labeled", BOB, NOON, "incident"),),
        repository_labels=labels,
    )


def answered(count: int) -> Snapshot:
    """An issue with ``count`` comments whose commands are answered, a reply for every hundred."""
    said = spoken(range(count))
    now: Snapshot | None = None
    comments: list[Comment] = []
    panel: Comment | None = None
    for first in range(0, count, BATCH):
        comments += said[first : first + BATCH]
        now = replace(issue(comments), panel=panel)
        for effect in planned(now, POLICY).effects:
            if isinstance(effect, Reply | PutPanel):
                written = Comment(comments[-1].id + 1, BOT, effect.body, now.now, now.now)
                if isinstance(effect, Reply):
                    comments.append(written)
                else:
                    panel = replace(written, id=1)
    assert now is not None
    body = replace(now.issue, pinned_comment=1)
    return replace(now, comments=tuple(comments), panel=panel, issue=body)


def finding(say: Callable[[str], None]) -> Figures:
    """find() on 64 KiB of what is slow for Markdown parsers."""
    rows = []
    for name, piece in HOSTILE.items():
        say(f"find(): {name}")
        body = f"{hostile(piece)[: LONGEST_BODY - 10]}\n\n/ack now"
        rows.append((name, f"{1000 * timed(partial(find, body)):,.0f}", str(len(find(body)))))
    rows.sort(key=lambda row: -int(row[1].replace(",", "")))
    note = f"Each repeated up to 64 KiB, with a command as the last line. Median of {TIMES}."
    return Figures("Finding commands in hostile comments", ("64 KiB of", "ms", "found"), tuple(rows), note)


def hostile(piece: str) -> str:
    """64 KiB of it; of backticks, runs that never close each other."""
    if not piece:
        return " ".join("`" * length for length in range(1, 360))
    return piece * (LONGEST_BODY // len(piece))
