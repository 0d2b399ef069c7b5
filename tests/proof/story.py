"""A whole incident as a script, and what has to be the same however its runs went.

A deed is what a person does at its time; which runs it starts, and when, is the tests' business. `outcome` is
everything that people and the next run rely on. What honestly depends on when a run happened is left out of
it, and said here:

- which reminders and escalations were sent, when, and how late (`Fired`): nobody is reminded of what was done
  when somebody at last looked, and a repetition that was missed collapses into the next;
- whether a late declaration found two severities on the issue, and so asked which one it is;
- into how many replies the answers went, and what they say about the time to come ("Next: ...");
- the keys of entries, as far as they hold ids of comments, for replies take ids too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import accumulate
from typing import Any

from allclear.core.model.structs import replace
from allclear.core.record.audit import Undone
from allclear.core.record.entry import Entry, decode
from allclear.core.record.fold import fold
from allclear.core.record.incident import Incident
from allclear.core.record.life import Declared
from allclear_lab.github import CommentView, Delivery, HubSnapshot
from conversations.room import START, Room, minutes
from stories import HOTDASH

PANEL = "<!-- allclear:panel "


@dataclass(frozen=True)
class Deed:
    """What somebody does, so many seconds after the deed before. ``other``: another incident it is about."""

    name: str
    after: float
    does: Callable[[Room], object]
    other: int | None = None


def opens(room: Room) -> None:
    room.number = room.people["ann"].open_issue(
        "[INCIDENT P0] Production down", "Started: 2025-10-19T13:57:00Z", ("incident", "P0")
    )


def says(name: str, who: str, text: str, after: float = 10, other: int | None = None) -> Deed:
    return Deed(name, after, lambda room: room.people[who].comment(room.number, text), other)


def relabels(room: Room) -> None:
    room.people["mia"].label(room.number, "P2")


def ticks(room: Room) -> None:
    """A click on the panel's box; where there is no panel to click yet, the words."""
    panels = [c for c in room.comments if c.body.startswith(PANEL)]
    if panels and any("[ ] Verification" in line for line in panels[0].body.split("\n")):
        room.people["bob"].tick(panels[0].id, "Verification")
    else:
        room.people["bob"].comment(room.number, "/check verification")


def closes(room: Room) -> None:
    room.people["bob"].close(room.number)


FINDING = """/finding
Root cause: the migration holds a lock
Evidence: pg_locks
Impact: every request fails
Proposed fix: roll it back"""

SCRIPT = (
    Deed("declare", 0, opens),
    says("typo", "bob", "/akc"),
    says("ack", "bob", "/ack"),
    says("stranger", "out", "/resolve it works for me"),
    says("stranger again", "out", "/all-clear"),
    says("roles", "ann", "/ic @ann\n/role tech @bob\n/impact users=15000 Nobody can pay"),
    says("severity", "cat", "/sev P1 only the checkout"),
    says("affects", "cat", "/affects app database"),
    says("notes", "bob", "looking at the deploys\n\n/note 13:55 deploy 4711 went out\n/note restarted it"),
    says("no command", "cat", "```\n/resolve\n```\n> /all-clear"),
    says("finding", "bob", FINDING),
    Deed("label", 10, relabels),
    says("severity back", "mia", "/sev P0 it is all of it"),
    says("status", "cat", "/status mitigating"),
    says("flag", "cat", "/flag security"),
    says("undo", "cat", "/undo"),
    says("too early", "bob", "/resolve"),
    says("monitoring", "bob", "/status monitoring rolled back"),
    Deed("box", 10, ticks),
    says("update", "cat", "/update It works again\nNext: watch"),
    says("resolve", "bob", "/resolve rolled back the migration"),
    says("action", "ann", "/action @bob due:2025-12-01 a lock timeout"),
    says("too soon", "ann", "/all-clear"),
    Deed("close by hand", 10, closes),
    says("all clear", "ann", "/all-clear two quiet hours", minutes(130)),
    says("action after the end", "ann", "/action @cat alert on locks", 60),
    says("post-mortem again", "ann", "/postmortem", 60),
)


def reports_it(room: Room) -> None:
    """An outsider's report, by the form; a colleague's incident is under way already."""
    room.opens("ann", "[INCIDENT P1] Checkout is slow", labels=("incident", "P1"))
    body = "### User impact\n\nNothing works\n\n### Affected services\n\napp"
    room.number = room.people["out"].open_issue("Everything is down", body, form_labels=("incident",))


def takes_the_label_off(room: Room) -> None:
    room.people["mia"].unlabel(room.number, "incident")


def opens_again(room: Room) -> None:
    room.people["bob"].reopen(room.number)


def finds_a_better_title(room: Room) -> None:
    room.people["ann"].edit_issue(room.number, title="[INCIDENT] The shop is down")


def wakes(room: Room) -> None:
    room.hub.schedule("sweep.yml")


TURNS = (
    Deed("report", 0, reports_it),
    says("reporter confirms", "out", "/confirm"),
    says("confirm", "bob", "/confirm"),
    says("severity", "bob", "/sev P0"),
    Deed("overdue", minutes(6), wakes),
    says("ack", "bob", "/ack"),
    Deed("incident label off", 10, takes_the_label_off),
    Deed("severity label off", 10, lambda room: room.people["mia"].unlabel(room.number, "P0")),
    Deed("title", 10, finds_a_better_title),
    says("hand over", "ann", "/ic @ann\n/handoff @mia the night shift"),
    says("override", "mia", '/all-clear --override "it was a test"'),
    Deed("opened again", 10, opens_again),
    Deed("overdue again", minutes(6), wakes),
    says("dismissed too late", "bob", "/dismiss"),
    says("duplicate", "bob", "/duplicate #1", other=1),
    says("back", "bob", "/reopen it is another one"),
    says("down", "bob", "/sev P3 hardly anybody"),
    says(
        "end", "bob", "/ack\n/finding a typo\n/status monitoring\n/check 4 8\n/resolve reworded\n/all-clear"
    ),
)
"""Everything that makes a turn: a report, labels by hand, an override, a second interval, a duplicate."""


def facts(entry: Entry, places: dict[str, str]) -> tuple[Any, ...]:
    """What an entry says, without ids that differ from history to history."""
    found: list[Any] = []
    for fact in entry.facts:
        match fact:
            case Undone():
                found.append(replace(fact, key=places[fact.key]))
            case Declared():
                found.append(replace(fact, asked=False))
            case _:
                found.append(fact)
    return tuple(found)


def told(entries: tuple[Entry, ...]) -> list[tuple[str, Any, Any]]:
    """Every answer that a person got, in the order of the record: who, when they said it, what came of it."""
    places = {entry.key: f"{entry.at}/{entry.key.rpartition('.')[2]}" for entry in entries}
    return [(e.by.login, e.at, facts(e, places)) for e in entries if e.by is not None]


def same(incident: Incident) -> Incident:
    """The incident without what depends on when runs happened."""
    lines = tuple(
        line for line in incident.timeline if line.by is not None or line.what in {"Started", "Detected"}
    )
    spoken = {
        name: replace(speech, said=dict.fromkeys(speech.said, START), last=speech.last and START)
        for name, speech in incident.voices.items()
    }
    return replace(
        incident,
        progress=replace(incident.progress, fired={}, told=frozenset()),
        voices=spoken,
        observed=replace(incident.observed, suggested={}),
        last=None,
        timeline=tuple(replace(line, source=None) for line in lines),
    )


def keys(room: Room) -> list[str]:
    """Every key in every reply, doubles included."""
    blocks = [decode(c.body) for c in room.replies]
    return [entry.key for block in blocks if block for entry in block.entries]


def notices(room: Room) -> list[str]:
    """The deadlines that were said aloud, doubles included."""
    return sorted(key for key in keys(room) if key.startswith("t:"))


def panels(room: Room) -> list[CommentView]:
    return [c for c in room.comments if c.body.startswith(PANEL)]


def shown(body: str) -> str:
    """What people see of a panel, without when the team was notified and when the last entry was made.

    What is left of the window is told as of the last entry, too.
    """
    return re.sub(
        r"<!--.*?-->|(?<=Team notified )<sub>.*?</sub>|(?<=All-clear communicated )<sub>.*?</sub>"
        r"|[^\n]*since the start, as of[^\n]*|, [^,\n]* left as of[^\n]*",
        "",
        body,
        flags=re.DOTALL,
    ).strip()


def reports(room: Room) -> list[str]:
    """The post-mortem on its branch; lines about fired deadlines (and sums over them) left out."""
    found = []
    for pull in room.repo.pulls():
        for path in room.repo.files(pull.head):
            if path.startswith("reports/"):
                text = room.repo.file(path, pull.head) or ""
                found += [path, *(line for line in text.split("\n") if not FIRED_LINE.search(line))]
    return found


FIRED_LINE = re.compile(
    "^escalated: |Team notifi|Nobody has said|Said to |Notice to |Allclear \\| Alert|suggested: "
    "|Response due|Escalation to|Update for team due|End of monitoring"
    "|Post-mortem reminder"
    "|^- time: |^<!-- allclear:begin "
)


def outcome(room: Room) -> dict[str, Any]:
    """All that has to be the same however the runs went, of each incident there is."""
    here, found, doubles = room.number, dict[str, Any](), list[str]()
    for number in range(1, here + 1):
        room.number = number
        found |= {f"{what} {number}": value for what, value in _incident(room).items()}
        doubles += [key for key, times in Counter(keys(room)).items() if times > 1]
    room.number = here
    pulls = [(p.title, p.head, p.state, sorted(p.reviewers)) for p in room.repo.pulls()]
    return found | {"doubles": doubles, "pulls": pulls, "report": reports(room)}


def _incident(room: Room) -> dict[str, Any]:
    issue, journal = room.issue, room.journal
    incident = fold(room.number, journal.entries, HOTDASH)
    return {
        "incident": same(incident),
        "told": told(journal.entries),
        "labels": issue.labels,
        "state": (issue.state, issue.state_reason),
        "assignees": sorted(issue.assignees),
        "broken": (journal.broken, incident.tampered),
        # Which of a stranger's comments gets the one 👎 of an hour depends on when it was read; never two do.
        "disliked often": sum(bool(c.reactions) for c in room.comments if c.author == "out") > 1,
        "pinned": issue.pinned_comment_id == panels(room)[0].id,
        "panels": len(panels(room)),
        "panel": shown(panels(room)[0].body),
    }


@dataclass(frozen=True)
class Mark:
    """A moment of the stage."""

    done: int
    heard: tuple[list[Delivery], ...]
    world: HubSnapshot


class Stage:
    """The script on a stage: deeds without their runs, runs when the test says so, and the way back."""

    def __init__(self, room: Room, script: tuple[Deed, ...] = SCRIPT) -> None:
        self.room = room
        self.script = script
        # People keep to the script, however long a run waited for GitHub.
        self.times = tuple(accumulate(deed.after for deed in script))
        self.done = 0
        self.heard: list[list[Delivery]] = []

    def act(self) -> Deed:
        """The next deed; its events are kept, and start nothing."""
        deed = self.script[self.done]
        self.room.clock.set(max(START + timedelta(seconds=self.times[self.done]), self.room.clock.now()))
        known = len(self.room.hub.deliveries)
        deed.does(self.room)
        self.heard.append(self.room.hub.deliveries[known:])
        self.room.delivered = len(self.room.hub.deliveries)
        self.done += 1
        return deed

    def run(self, deed: int) -> None:
        """The runs that the events of a deed start."""
        for delivery in self.heard[deed]:
            self.room.receive(delivery)
        self.room.delivered = len(self.room.hub.deliveries)

    def clean_run(self) -> None:
        """One run in good weather for each incident the deed is about, and its post-mortem."""
        here = self.room.number
        for number in (here, self.script[self.done - 1].other):
            self.room.number = number or here
            assert number is None or self.room.run() == 0, self.room.printed[-1]
        self.room.number = here
        self.room.delivered = len(self.room.hub.deliveries)

    def mark(self) -> Mark:
        """Where we are, to come back to."""
        return Mark(self.done, tuple(self.heard), self.room.hub.snapshot())

    def back(self, mark: Mark) -> None:
        """Go back, in good weather; what was printed stays."""
        self.room.hub.faults.clear()
        self.room.hub.restore(mark.world)
        self.room.delivered, self.room.pending = len(self.room.hub.deliveries), []
        self.done, self.heard = mark.done, list(mark.heard)
