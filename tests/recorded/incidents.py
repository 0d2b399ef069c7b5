"""The incidents that were recorded: what people did, in their order.

Between them they hold every kind of fact and every command; `test_recorded.py` says what is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from allclear.core.record.entry import Block, Entry, encode
from allclear.core.record.life import SeveritySet
from allclear.core.record.seal import new_key
from allclear_lab.runner.job_runner import RunnerLoss
from conversations.room import START, minutes
from core.postmortem.mending import mended
from jobs.deploy_workflow import DeployWorkflow
from jobs.job import after, alone, job
from production.stage import REVIEWERS, SERVICES, Production

NAMES_ONLY = "services: [app, database]\n"
NO_SERVICES = ""

OURS = "    provider: ours\n"
OPERATIONS = (
    SERVICES.replace(OURS, OURS + "    evidence: [{{ name: logs, run: [echo, three errors since noon] }}]\n")
    + """\
actions:
  switch:
    title: Switch the release
    service: web
    run: [python3, "{program}", "{address}", "{{target}}"]
    env: [ALLCLEAR_OPERATION]
    parameters: {{ target: {{ pattern: "[0-9a-f]{{40}}" }} }}
    approval: second-person
  disable:
    title: Turn a feature off
    run: [echo, "{{flag}} is off"]
    parameters: {{ flag: {{ pattern: "[a-z-]{{1,40}}" }} }}
    flag: true
    least: write
    approval: none
"""
)

SMALL = """\
# A small runbook of one's own: two severities, other states and labels, two deadlines, one gate.
name: small
title: Small
first_responder: on-call
default_severity: P2
severities:
  - { id: P1, name: Major, response: 10m, words: [major], color: b60205 }
  - { id: P2, name: Minor, response: 1h, words: [minor], color: fbca04, label: "sev:minor" }
states:
  - { id: investigating, title: Investigating, color: 5319e7 }
  - { id: mitigating, title: Mitigating, color: 0052cc }
  - { id: monitoring, title: Monitoring, reaches: mitigated, color: 006b75 }
  - { id: resolved, title: Resolved, reaches: resolved, color: 0e8a16 }
roles:
  - { id: lead, title: Lead, duties: Decides }
flags: [customer-data]
steps:
  - { id: backup, text: Backup looked at }
deadlines:
  - { id: told, title: Told, start: declared, within: { P1: 0m, P2: 0m }, action: notify, to: [on-call],
      text: Something is broken. }
  - { id: answer, title: Answer, start: declared, until: acknowledged, within: { P1: 10m, P2: 1h },
      action: remind, to: [on-call], text: Nobody answered yet. }
gates:
  - { before: resolve, steps: [backup] }
"""

ROLES = (
    SMALL.replace("name: small\ntitle: Small", "name: roles\ntitle: Roles")
    .replace(
        "  - { id: lead, title: Lead, duties: Decides }\n",
        """\
  - { id: ic, title: Incident commander, duties: Coordinates, severities: [P1], primary: [Manager],
      backup: [CEO], excludes: [tech] }
  - { id: tech, title: Technical lead, duties: Fixes, severities: [P1, P2] }
  - { id: experts, title: Experts, severities: [P1], many: true, when: { flag: [customer-data] } }
""",
    )
    .replace(
        "deadlines:\n",
        """\
deadlines:
  - { id: ic-filled, title: Incident commander due, start: declared, until: resolved, within: { P1: 10m },
      to: [Manager, CEO], role: ic, text: Nobody has this role yet. }
""",
    )
)
"""Roles that are proposed, filled by a time, kept apart, and held by several people."""


KNOWN_KIND = (
    SMALL
    + """\
measures:
  - { id: error-rate, title: Error rate, unit: "%", least: { P1: 10 } }
severity_rules:
  - to: P1
    clock: { id: gravest, title: Gravest, start: declared, until: resolved, within: { P2: 0m }, text: "",
      when: { flag: [customer-data] } }
reversal:
  reasons:
    - { text: Every second request fails, when: { measured: { error-rate: 50 } } }
patterns:
  - { id: pool, title: Pool exhausted, severities: [P1, P2], symptoms: [no connection available],
      look: ["npm run db:connections"], later: Add pooling,
      fixes: [{ text: Kill idle connections, action: kill-idle }] }
"""
)


@dataclass(frozen=True)
class Script:
    """`play` answers the issues to record, by the name of their file."""

    play: Callable[[Production], Mapping[str, int]]
    services: str = NAMES_ONLY
    settings: str = ""
    reviewers: Sequence[str] = REVIEWERS


def opens(
    production: Production, who: str, title: str, body: str = "", labels: Sequence[str] = ("incident",)
) -> int:
    """Somebody opens an issue, by the form: its labels stay, whoever opens it."""
    production.room.clock.advance(60)
    production.room.number = production.room.people[who].open_issue(title, body, form_labels=tuple(labels))
    production.run_everything()
    return production.room.number


def does(production: Production, deed: Callable[[], object], after: float = 10) -> None:
    """Somebody does something by hand, and everything that it starts."""
    production.room.clock.advance(after)
    deed()
    production.run_everything()


def talks(production: Production, *said: tuple[str, str]) -> None:
    """Who says what, ten seconds apart."""
    for who, text in said:
        production.says(who, text)


FINDING = """/finding
Root cause: the migration holds a lock
Evidence: pg_locks
Impact: every request fails
Proposed fix: roll it back"""


def _life(production: Production) -> Mapping[str, int]:
    """From the declaration to the post-mortem that is merged, by hand; mistakes of all kinds on the way."""
    room, people = production.room, production.room.people
    number = opens(
        production,
        "ann",
        "[INCIDENT P0] Production down",
        "Started: 2025-10-19T14:20:00Z\nImpact: nobody can pay\nDetected by: a customer",
        ("incident", "P0"),
    )
    talks(
        production,
        ("bob", "/akc"),
        ("bob", "/ack"),
        ("out", "/resolve it works for me"),
        ("rae", "/ack"),
        ("cat", "/ack"),
        ("cat", "/ack"),
        ("cat", "/\u0430ck"),
        ("cat", "\u2215ack"),
        ("ann", "/ic @ann\n/role tech @bob\n/role scribe none\n/comms @cat"),
        ("ann", "/role scribe @nobody-of-that-name\n/role scribe @out"),
        ("ann", "/handoff @mia the night shift"),
        ("bob", "/impact users=15000 revenue=$45000 Nobody can pay"),
        ("cat", "/sev P1 only the checkout"),
        ("cat", "/sev"),
        ("cat", "/sev banana"),
        ("cat", "/affects app database"),
        ("bob", "looking at the deploys\n\n/note 14:25 deploy 4711 went out\n/note restarted it"),
        ("cat", "```\n/resolve\n```\n> /all-clear"),
        ("bob", FINDING),
    )
    does(production, lambda: people["mia"].label(number, "P2"))
    does(production, lambda: people["mia"].unlabel(number, "P2"))
    does(production, lambda: people["mia"].unlabel(number, "incident"))
    does(production, lambda: people["mia"].label(number, "team-payments"))
    talks(
        production,
        ("mia", "/critical it is all of it"),
        ("cat", "/status mitigating"),
        ("cat", "/status sideways"),
        ("cat", "/flag security"),
        ("cat", "/flag nonsense"),
        ("cat", "/undo"),
        ("cat", "/flag data-loss\n/unflag data-loss"),
        ("bob", "/time detected 14:21"),
        ("bob", "/time detected soon"),
        ("bob", "/resolve"),
        ("bob", "/resolve it went away"),
        ("bob", "/status resolved"),
        ("bob", "/rollback"),
        ("bob", "/help"),
        ("bob", "/help sev"),
        ("bob", "/confirm"),
        ("bob", "/duplicate #999"),
        ("bob", "/status monitoring rolled back by hand"),
    )
    comment = people["bob"].comment(number, "I think we are fine")
    production.run_everything()
    does(production, lambda: people["bob"].edit_comment(comment, "/run restart"), minutes(1))
    does(production, lambda: people["bob"].tick(room.panel.id, "Verification"))
    does(production, lambda: people["bob"].untick(room.panel.id, "Verification"))
    does(production, lambda: people["mia"].edit_comment(comment, "/sev P3"))
    talks(
        production,
        ("bob", "/check verification status-page\n/uncheck status-page"),
        ("bob", "/uncheck severity"),
        ("bob", "/check nothing-like-it"),
        ("cat", "/update It works again\nNext: watch\nETA: 16:00"),
        ("bob", "/resolve rolled back the migration"),
        ("ann", "/action @bob due:2025-12-01 a lock timeout\n/action"),
        ("ann", "/all-clear"),
    )
    does(production, lambda: people["bob"].close(number))
    title = "[INCIDENT P0] The checkout takes no money"
    does(production, lambda: people["bob"].edit_issue(number, title=title))
    production.sweep(after=minutes(125))
    production.says("ann", "/all-clear two quiet hours", after=minutes(5))
    talks(
        production,
        ("ann", "/action @cat alert on locks"),
        ("bob", "/check runbooks"),
        ("bob", "/ack"),
        ("ann", "/postmortem"),
    )
    production.sweep(after=minutes(26 * 60))
    (report,) = [pull.number for pull in room.repo.pulls()]
    does(production, lambda: people["ann"].ready(report))
    does(production, lambda: people["mia"].merge_pull(report, "squash"))
    production.sweep(after=minutes(10))
    return {"life": number}


def _reopened(production: Production) -> Mapping[str, int]:
    """Nobody answers, labels are taken off, an override, and two more intervals."""
    people = production.room.people
    number = opens(production, "ann", "[INCIDENT P0] Everything is slow", "", ("incident", "P0"))
    production.sweep(after=minutes(6))
    production.says("bob", "/ack")
    does(production, lambda: people["mia"].unlabel(number, "incident"))
    does(production, lambda: people["mia"].unlabel(number, "P0"))
    talks(production, ("ann", "/ic @ann\n/handoff @mia the night shift"))
    does(production, lambda: people["bob"].close(number, commit_sha="a" * 40))
    production.says("bob", "/all-clear --override it was a test")
    production.says("mia", '/all-clear --override "it was a test"')
    does(production, lambda: people["bob"].reopen(number), minutes(30))
    production.sweep(after=minutes(6))
    talks(
        production,
        ("bob", "/dismiss"),
        ("bob", "/sev P3 hardly anybody"),
        ("bob", "/ack\n/finding a typo\n/status monitoring\n/check 4 8\n/resolve reworded\n/all-clear"),
        ("out", "/reopen"),
        ("bob", "/undo"),
        ("bob", "/reopen it is back"),
        ("cat", "/status identified the same typo\n/status investigating it is not"),
    )
    return {"reopened": number}


FORM = "### User impact\n\nNothing works\n\n### Affected services\n\napp\n\n### Severity\n\nP1"


def _confirmed(production: Production) -> Mapping[str, int]:
    """An outsider's report by the form."""
    number = opens(production, "out", "Everything is down", FORM)
    talks(production, ("out", "/confirm"), ("rae", "/ack"), ("out", "Hello?"), ("bob", "/confirm"))
    production.sweep(after=minutes(20))
    talks(production, ("cat", "/ack"), ("cat", "/dismiss it is nothing"))
    return {"confirmed": number}


def _dismissed(production: Production) -> Mapping[str, int]:
    """A report that is none, one that its reporter takes back, and one that nobody looked at yet."""
    first = opens(production, "out", "How do I log in?", FORM)
    talks(production, ("out", "/dismiss"), ("bob", "/ack"), ("bob", "/dismiss a question, no incident"))
    second = opens(production, "rae", "[INCIDENT P0] @everyone <b>now</b>", "Started: whenever")
    does(production, lambda: production.room.people["rae"].close(second))
    third = opens(production, "out", "Typo", "### Severity\n\nP3")
    talks(production, ("out", "/all-clear"), ("bob", "/help"))
    return {"dismissed": first, "withdrawn": second, "reported": third}


def _duplicate(production: Production) -> Mapping[str, int]:
    """Two issues of one incident."""
    first = opens(production, "ann", "[INCIDENT P1] Checkout", "", ("incident", "P1"))
    production.says("bob", "/ack")
    second = opens(production, "mia", "Cannot pay", "", ("incident", "P1", "P2"))
    talks(
        production,
        ("cat", "/ack\n/note card payments, too"),
        ("cat", f"/duplicate #{first}"),
        ("bob", f"/duplicate #{second}"),
        ("bob", f"/duplicate #{first}"),
        ("mia", "/sev P0"),
    )
    production.room.number = first
    production.says("bob", "/note one problem, two reports")
    return {"original": first, "duplicate": second}


def _drill(production: Production) -> Mapping[str, int]:
    """A drill, with operations that are only tried."""
    number = opens(production, "ann", "[DRILL P0] Production down", "", ("incident", "P0"))
    talks(production, ("mia", "/ack\n/finding a bad release"), ("mia", "/rollback web"))
    production.says("mia", f"/run switch target={production.releases['v41']}")
    talks(production, ("ann", "/approve"), ("bob", "/flag-off stripe-payments"))
    talks(production, ("mia", "/status monitoring"), ("mia", "/hotfix raise the pool size"))
    production.says("mia", '/all-clear --override "the drill is over"')
    return {"drill": number}


def _retro(production: Production) -> Mapping[str, int]:
    """An incident that is over, written up afterwards."""
    body = "Started: 2025-10-18T10:00:00Z\nDetected: 2025-10-18T10:20:00Z\nImpact: no mail went out"
    number = opens(production, "bob", "[RETRO P2] The mail queue stood still", body)
    talks(
        production,
        ("bob", "/ack\n/time acknowledged 2025-10-18 10:25\n/finding a full disk"),
        ("bob", "/status monitoring\n/time mitigated 2025-10-18 11:00\n/check verification"),
        ("bob", "/resolve more disk\n/time resolved 2025-10-18 12:00"),
        ("bob", "/note 2025-10-18 10:40 disk enlarged"),
        ("bob", "/smoke"),
        ("bob", "/all-clear"),
    )
    return {"retro": number}


def _tampered(production: Production) -> Mapping[str, int]:
    """One reply is deleted, one is edited, and the panel is deleted with them."""
    room, ann = production.room, production.room.people["ann"]
    number = opens(production, "ann", "[INCIDENT P1] Search", "", ("incident", "P1"))
    talks(
        production,
        ("bob", "/ack"),
        ("cat", "/note the queue is full"),
        ("bob", "/sev P2 a part"),
        ("cat", "/flag customer-data"),
    )
    for sign in ('"t":"note"', '"t":"flag"'):
        (reply,) = [one for one in room.replies if sign in one.body]
        room.clock.advance(60)
        if "flag" in sign:
            ann.edit_comment(reply.id, reply.body.replace("customer-data", "data-loss"))
        else:
            ann.delete_comment(reply.id)
    does(production, lambda: ann.delete_comment(room.panel.id))
    talks(production, ("bob", "/note and on it goes"), ("out", room.replies[0].body))
    return {"tampered": number}


def _runbook(production: Production) -> Mapping[str, int]:
    """The repository takes a runbook of its own while an incident is open."""
    room = production.room
    number = opens(production, "ann", "[INCIDENT P1] Search", "", ("incident", "P1"))
    production.says("bob", "/ack\n/check verification")
    (room.root / "templates" / "runbooks" / "small.yml").write_text(SMALL, encoding="utf-8")
    settings = room.root / ".github" / "allclear.yml"
    text = settings.read_text(encoding="utf-8").replace("DevOps:", "on-call:")
    settings.write_text(f"runbook: small\nzone: Europe/Berlin\n{text}", encoding="utf-8")
    production.sweep(after=minutes(5))
    talks(
        production,
        ("bob", "/sev minor"),
        ("bob", "/lead @bob"),
        ("bob", "/ic @bob"),
        ("bob", "/flag customer-data"),
        ("bob", "/status monitoring\n/resolve restarted"),
        ("bob", "/check backup\n/resolve restarted"),
    )
    return {"runbook": number}


def _deadlines(production: Production) -> Mapping[str, int]:
    """Nobody looks: every level speaks, again and again, and once very late."""
    number = opens(production, "ann", "Database is gone", "", ("incident", "P0"))
    for later in (5, 5, 6):
        production.sweep(after=minutes(later))
    production.sweep(after=minutes(200))
    talks(production, ("bob", "/ack"), ("cat", "/ack"), ("bob", "/update we restore a backup"))
    production.sweep(after=minutes(16))
    production.says("bob", "/sev P1")
    production.sweep(after=minutes(20))
    talks(production, ("bob", "/status monitoring\n/finding a disk\n/check verification"))
    production.sweep(after=minutes(61))
    talks(production, ("bob", "/resolve restored\n/all-clear"))
    production.sweep(after=minutes(25 * 60))
    production.sweep(after=minutes(50 * 60))
    return {"deadlines": number}


def _crowd(production: Production) -> Mapping[str, int]:
    """More comments than a stride, more commands than one comment may hold."""
    number = opens(production, "ann", "[INCIDENT P2] Tiles", "", ("incident", "P2"))
    for n in range(60):
        production.room.people["rae"].comment(number, f"any news? {n}")
    production.says("bob", "\n".join(f"/note {n}" for n in range(102)))
    production.says("bob", "/ack")
    return {"crowd": number}


def _rollback(production: Production) -> Mapping[str, int]:
    """A rollback that helps, the watch over it, evidence by itself, and the all-clear."""
    production.room.repo.state.allow_actions_pull_requests = False
    number = opens(production, "ann", "[INCIDENT P0] Production down", "", ("incident", "P0"))
    talks(
        production,
        ("mia", "/ack"),
        ("bob", "/rollback web"),
        ("mia", "/rollback web --dry-run"),
        ("mia", "/rollback web to v99"),
        ("mia", "/rollback web the release broke it"),
        ("ann", "/rollback web"),
    )
    production.approve("ann")
    production.sweep(after=minutes(11))
    production.target.runs = production.releases["v42"]
    production.sweep(after=minutes(11))
    production.target.runs = production.releases["v41"]
    talks(
        production,
        ("bob", "/smoke"),
        ("mia", "/finding a bad release\n/status monitoring v41 again"),
        ("mia", "/resolve rolled back"),
    )
    for _ in range(3):
        production.sweep(after=minutes(40))
    talks(production, ("mia", "/all-clear all is well"), ("bob", "/evidence"))
    return {"rollback": number}


def _operations(production: Production) -> Mapping[str, int]:
    """Operations of every kind, and every way that one can end."""
    room, people = production.room, production.room.people
    number = opens(production, "ann", "[INCIDENT P0] Production down", "", ("incident", "P0"))
    talks(production, ("mia", "/ack"), ("mia", "/run"), ("mia", "/approve"), ("mia", "/cancel"))
    production.says("mia", "/rollback web")
    production.reject("ann", "not this one")
    production.says("mia", "/rollback web")
    cancelled = production.operation().id
    talks(production, ("cat", "/cancel"), ("mia", f"/cancel {cancelled} it was the database"))
    production.approve("ann")
    production.says("mia", "/rollback web")
    production.approve("ann", after=minutes(40))
    production.asks("mia", "/rollback web its runner is lost at once")
    production.hosted.play(production.run_of(), RunnerLoss("claim", "Claim", request=0))
    production.run_everything()
    good = production.releases["v41"]
    version = production.target.versions.pop(good)
    production.says("mia", "/rollback web it cannot be deployed")
    production.approve("ann")
    production.target.versions[good] = version
    production.says("mia", "/rollback web its runner is lost late")
    lost = production.run_of()
    people["ann"].approve(lost)
    _loses_the_runner(production, lost)
    comment = people["mia"].comment(number, "Once more?")
    production.run_everything()
    does(production, lambda: people["mia"].edit_comment(comment, "/rollback web"), minutes(1))
    talks(
        production,
        ("mia", "/run switch target=latest"),
        ("mia", f"/run switch target={good} it is broken"),
        ("mia", "/approve"),
        ("ann", "/approve"),
        ("mia", f"/run switch target={good} nobody approves it"),
    )
    production.sweep(after=minutes(45))
    talks(
        production,
        ("bob", "/flag-off stripe-payments the provider is down"),
        ("bob", "/smoke web"),
        ("bob", "/smoke api"),
        ("bob", "/evidence web"),
    )
    production.target.runs = production.releases["v42"]
    production.says("bob", "/smoke")
    production.room.clock.advance(60)
    production.dispatch("mia", "rollback-production.yml")
    production.approve("ann")
    assert room.number == number
    return {"operations": number}


def _under_way(production: Production) -> Mapping[str, int]:
    """Operations that wait for a person, for a runner, and for a run that says nothing."""
    number = opens(production, "ann", "[INCIDENT P1] Production down", "", ("incident", "P1"))
    production.says("mia", "/ack")
    production.says("mia", f"/run switch target={production.releases['v40']}")
    production.says("mia", "/rollback web")
    production.asks("bob", "/flag-off stripe-payments")
    _loses_the_runner(production, production.run_of("action"), then="nothing")
    production.asks("bob", "/evidence")
    production.asks("bob", "/smoke")
    return {"under-way": number}


def _loses_the_runner(
    production: Production, run: int, then: Literal["failure", "nothing"] = "failure"
) -> None:
    """The runner is gone after the program began, before its result is written down; and a sweep."""
    wanted = production.mark()
    production.run_everything()
    (execute,) = [one for one in production.hosted.ran if (one.run_id, one.step) == (run, "Execute")]
    last = len(execute.asked) - 1
    production.back(wanted)
    production.hosted.play(run, RunnerLoss("execute", "Execute", request=last, then=then))
    production.sweep(after=minutes(1))


def _hotfix(production: Production) -> Mapping[str, int]:
    """A fix forward, while deploys are frozen; and a second one when the first does not hold."""
    room, people = production.room, production.room.people
    people["bob"].push_file("work", "work.py", "x = 1\n")
    people["bob"].open_pull("Work", "work")
    number = opens(production, "ann", "[INCIDENT P0] Production down", "", ("incident", "P0"))
    talks(
        production,
        ("bob", "/ack"),
        ("cat", "/hotfix raise the pool size"),
        ("bob", "/hotfix"),
        ("bob", f"/hotfix raise the pool size, fixes #{number}"),
        ("bob", "/hotfix something else"),
    )
    branch = f"hotfix/incident-{number}"
    (pull,) = [one.number for one in room.repo.pulls() if one.head == branch]
    people["bob"].push_file(branch, "app.py", "pool = 20\n")
    people["bob"].ready(pull)
    does(production, lambda: people["bob"].merge_pull(pull, "squash"))
    production.sweep(after=minutes(1))
    production.says("bob", "/status monitoring")
    room.repo.state.allow_actions_pull_requests = False
    talks(production, ("bob", "/status mitigating it is back"), ("mia", "/hotfix raise it more"))
    return {"hotfix": number}


def _signed(production: Production) -> Mapping[str, int]:
    """The repository gets a key while an incident is open, and another one later; meanwhile another workflow
    repeats what a stranger wrote, which is a perfect reply.
    """
    room = production.room
    first, second = (new_key(START.date(), bytes([sign]) * 32) for sign in b"ab")
    number = opens(production, "ann", "[INCIDENT P1] Search", "", ("incident", "P1"))
    talks(production, ("bob", "/ack"), ("cat", "/note the queue is full"))
    production.secrets[""] = {"ALLCLEAR_KEY": first}
    talks(production, ("bob", "/ic @bob"))
    false = Entry(key="c1.0", what="sev", by=None, at=room.clock.now(), facts=(SeveritySet(to="P2"),))
    linked = false.chained(room.journal.head)
    room.echoes("out", encode(Block(repo=room.repo.id, issue=number, entries=(linked,))))
    talks(production, ("bob", "/note and on it goes"))
    production.secrets[""] = {"ALLCLEAR_KEY": f"{second} {first}"}
    production.sweep(after=minutes(10))
    production.secrets[""] = {"ALLCLEAR_KEY": second}
    talks(production, ("cat", "/note with the new key alone"))
    return {"signed": number}


AGAIN = """\
services:
  web:
    provider: deploy-workflow
    values: {{ workflow: deploy.yml }}
    rollback: {{ approval: none }}
"""


def _deploy_waits(production: Production) -> Mapping[str, int]:
    """The deploy run that is run again waits for reviewers itself; nothing else says that it worked."""
    deploys = DeployWorkflow(production, approves="")
    for name in production.releases:
        production.room.clock.advance(60)
        deploys.deployed(name)
    number = opens(production, "ann", "[INCIDENT P0] Production down", "", ("incident", "P0"))
    production.asks("mia", "/rollback web")
    alone(production)
    run = production.run_of()
    claimed = after(job(production, "claim", run))
    production.room.repo.start_run(run)

    def pause(seconds: float) -> None:
        deploys.sleep(seconds)
        production.run_everything()
        if "@mia @ann" in production.room.comments[-1].body:
            deploys.approves = "ann"

    job(production, "execute", run, claimed, sleep=pause)
    job(production, "report", run, claimed)
    production.room.repo.finish_run(run, "success")
    production.sweep()
    return {"deploy-waits": number}


def _hotfix_by_hand(production: Production) -> Mapping[str, int]:
    """A fix forward as 000-15 writes it: closed, opened again, and merged with "Fixes #N"."""
    room, bob = production.room, production.room.people["bob"]
    number = opens(production, "ann", "[INCIDENT P1] Checkout is slow", "", ("incident", "P1"))
    talks(production, ("bob", "/ack"))
    branch = f"hotfix/incident-{number}"
    bob.push_file(branch, "app.py", "pool = 20\n", f"hotfix: cap the pool (Fixes #{number})")
    pull = bob.open_pull("HOTFIX: cap the pool", branch, body=f"Fixes #{number}")
    production.sweep(after=minutes(1))
    does(production, lambda: bob.close_pull(pull))
    production.sweep(after=minutes(1))
    does(production, lambda: bob.reopen_pull(pull))
    production.sweep(after=minutes(1))
    does(production, lambda: bob.merge_pull(pull, "squash"))
    assert room.issue.state == "open"
    talks(production, ("bob", "/status monitoring"))
    return {"hotfix-by-hand": number}


def _forgotten(production: Production) -> Mapping[str, int]:
    """People are called by hand, a flag is raised twice, acting acknowledges, and nobody says a word then."""
    number = opens(production, "ann", "Orders get lost", "", ("incident", "P1"))
    production.says("bob", "/escalate\n/flag security")
    production.says("bob", "/escalate CEO: customers are leaving")
    production.says("bob", "/unflag security\n/flag security")
    production.says("cat", "/finding Root cause: the queue drops messages")
    for later in (50, 30, 60, 60, 60):
        production.sweep(after=minutes(later))
    return {"forgotten": number}


def _known_kind(production: Production) -> Mapping[str, int]:
    """What is measured and what people write suggest a severity, going back, and what kind of incident it
    is.
    """
    room = production.room
    (room.root / "templates" / "runbooks" / "small.yml").write_text(KNOWN_KIND, encoding="utf-8")
    settings = room.root / ".github" / "allclear.yml"
    text = settings.read_text(encoding="utf-8").replace("DevOps:", "on-call:")
    settings.write_text(f"runbook: small\n{text}", encoding="utf-8")
    number = opens(production, "ann", "Checkout is slow", "", ("incident", "sev:minor"))
    talks(
        production,
        ("bob", "/finding error-rate=12.5%"),
        ("bob", "/note it says: no connection available"),
        ("cat", "/flag customer-data"),
        ("bob", "/pattern pool"),
        ("bob", "/finding Error rate: 60 %\nEvidence: graphs"),
        ("mia", "/sev P1 half of the requests fail"),
    )
    return {"known-kind": number}


def _roles(production: Production) -> Mapping[str, int]:
    """A role is proposed and taken late by the backup; others are taken, shared, handed on and released."""
    room = production.room
    (room.root / "templates" / "runbooks" / "roles.yml").write_text(ROLES, encoding="utf-8")
    settings = room.root / ".github" / "allclear.yml"
    text = settings.read_text(encoding="utf-8").replace("DevOps:", "on-call:")
    settings.write_text(f"runbook: roles\n{text}", encoding="utf-8")
    number = opens(production, "bob", "Search is down", "", ("incident", "P1"))
    production.sweep(after=minutes(12))
    talks(
        production,
        ("ann", "/ack"),
        ("bob", "/take tech\n/flag customer-data"),
        ("ann", "/role tech @ann"),
        ("cat", "/take experts"),
        ("bob", "/take experts"),
        ("bob", "/handoff @mia"),
        ("mia", "/role tech none"),
        ("bob", "/status monitoring restarted\n/check backup\n/resolve restarted\n/all-clear"),
        ("bob", "/reopen it is back"),
    )
    return {"roles": number}


def _what_changed(production: Production) -> Mapping[str, int]:
    """A release, a change of the infrastructure and a merged pull request before the start. It is corrected
    twice: what changed is said anew, and then that nothing is known to have.
    """
    room = production.room
    bob = room.people["bob"]
    room.clock.advance(minutes(60))
    does(production, lambda: bob.push_file("infra", "infra/main.tf", "size = 2", message="wip"))
    pull = bob.open_pull("Give the database more room", "infra")
    does(production, lambda: room.people["ann"].merge_pull(pull, "squash"), after=minutes(5))
    does(production, lambda: bob.push_file("search", "search.txt", "faster", message="wip"), after=minutes(5))
    pull = bob.open_pull("Search faster, see @ann and #1", "search")
    does(production, lambda: room.people["ann"].merge_pull(pull, "squash"))
    number = opens(production, "ann", "[INCIDENT P1] Production down", "", ("incident", "P1"))
    started = room.clock.now()
    talks(
        production,
        ("bob", "/ack"),
        ("bob", f"/time started {started - timedelta(minutes=4):%Y-%m-%d %H:%M}"),
        ("bob", "/affects web"),
        ("bob", "/time started 2025-10-01 09:00"),
    )
    return {"what-changed": number}


def _watched(production: Production) -> Mapping[str, int]:
    """A fix by people that holds: what passes as the run before did is recorded with what is said anyway."""
    number = opens(production, "ann", "[INCIDENT P0] Production down", "", ("incident", "P0"))
    production.target.runs = production.releases["v41"]
    talks(production, ("mia", "/ack\n/finding a full disk\n/status monitoring more disk"))
    for _ in range(6):
        production.sweep(after=minutes(10))
    production.says("mia", "/resolve more disk")
    for _ in range(7):
        production.sweep(after=minutes(10))
    production.says("mia", "/all-clear all is well")
    return {"watched": number}


VOICES = """\
name: voices
severities:
  SEV1: { name: Critical, response: 5m, update: 30m }
  SEV2: { name: Major, response: 30m }
chains: { on-call: [On-call] }
lists: { during: { steps: { looked: Looked at } } }
voices:
  team:
    every: update
    at: { declared: "{{ severity }}: {{ brief }}", update: "{{ text }}", resolved: "{{ fix }}" }
  customers:
    public: true
    at: { declared: "{{ public_issue }}", resolved: "{{ public_affected }} works again." }
"""


def _voices(production: Production) -> Mapping[str, int]:
    """The team hears of it at once, and customers what somebody typed for them and released."""
    room = production.room
    (room.root / "templates" / "runbooks" / "voices.yml").write_text(VOICES, encoding="utf-8")
    settings = room.root / ".github" / "allclear.yml"
    text = settings.read_text(encoding="utf-8").replace("DevOps:", "On-call:")
    settings.write_text(f"runbook: voices\n{text}", encoding="utf-8")
    number = opens(production, "ann", "[INCIDENT SEV1] Sign-in is down", "", ("incident",))
    talks(
        production,
        ("bob", "/ack\n/ic @bob\n/publish customers"),
        ("cat", "/draft customers\nissue: Nobody can sign in"),
        ("cat", "/publish"),
        ("bob", "/publish customers"),
        ("bob", "/update The certificate ran out\nETA: 15:00"),
        ("bob", "/status monitoring\n/resolve a new certificate"),
        ("bob", "/draft affected: Sign-in"),
        ("bob", "/publish"),
    )
    production.says("mia", '/all-clear --override "all is well"')
    return {"voices": number}


MEETING = """\
name: meeting
severities:
  SEV1: { name: Critical, response: 5m, review: 2d }
  SEV2: { name: Major, response: 30m }
chains: { on-call: [On-call] }
lists: { during: { steps: { looked: Looked at } } }
review: { meeting: { invite: [ic, responders], agenda: { What happened: 10m } } }
"""


def _meeting(production: Production) -> Mapping[str, int]:
    """When the post-mortem is talked about is set, and moved."""
    room = production.room
    (room.root / "templates" / "runbooks" / "meeting.yml").write_text(MEETING, encoding="utf-8")
    settings = room.root / ".github" / "allclear.yml"
    text = settings.read_text(encoding="utf-8").replace("DevOps:", "On-call:")
    settings.write_text(f"runbook: meeting\n{text}", encoding="utf-8")
    number = opens(production, "ann", "[INCIDENT SEV1] Sign-in is down", "", ("incident",))
    talks(
        production,
        ("bob", "/ack\n/status monitoring\n/resolve a new certificate"),
        ("bob", "/meeting 2025-10-21 10:00"),
        ("bob", "/meeting 2025-10-21 11:00"),
    )
    production.says("mia", '/all-clear --override "all is well"')
    return {"meeting": number}


def _actions(production: Production) -> Mapping[str, int]:
    """Action items are done and dropped; one is asked for after the post-mortem is published."""
    room, people = production.room, production.room.people
    number = opens(production, "ann", "[INCIDENT P1] Sign-in is down", "", ("incident", "P1"))
    talks(
        production,
        ("bob", "/ack\n/finding an old certificate\n/status monitoring"),
        ("bob", "/action @bob due:2025-11-03 renew certificates by itself\n/action @cat write it down"),
        ("bob", "/action due:2025-10-30 a second certificate"),
        ("cat", "/action done 2"),
        ("cat", "/action drop 3 one is enough"),
        ("cat", "/undo"),
        ("bob", "/resolve a new certificate"),
    )
    production.says("mia", '/all-clear --override "all is well"')
    production.sweep(after=minutes(10))
    (report,) = [pull.number for pull in room.repo.pulls()]
    does(production, lambda: people["ann"].ready(report))
    does(production, lambda: people["mia"].merge_pull(report, "squash"))
    production.sweep(after=minutes(10))
    for _ in range(3):
        production.sweep(after=minutes(8 * 24 * 60))
    production.says("bob", "/action drop 3 one is enough")
    return {"actions": number}


def _held(production: Production) -> Mapping[str, int]:
    """A post-mortem is merged with something to mend, and published against that."""
    room, people = production.room, production.room.people
    number = opens(production, "ann", "[INCIDENT P1] Sign-in is down", "", ("incident", "P1"))
    talks(
        production,
        ("bob", "/ack\n/finding an old certificate\n/status monitoring"),
        ("bob", "/resolve a new certificate"),
    )
    production.says("mia", '/all-clear --override "all is well"')
    production.sweep(after=minutes(10))
    (report,) = [pull.number for pull in room.repo.pulls()]
    does(production, lambda: people["ann"].ready(report))
    does(production, lambda: people["mia"].merge_pull(report, "squash"))
    production.sweep(after=minutes(10))
    production.says("mia", '/postmortem --override "nobody is left who knows"')
    return {"held": number}


def _in_review(production: Production) -> Mapping[str, int]:
    """What is left to write in a post-mortem is written; it goes back to a draft once, and is merged."""
    room, people = production.room, production.room.people
    number = opens(production, "ann", "[INCIDENT P1] Sign-in is down", "", ("incident", "P1"))
    talks(
        production,
        ("bob", "/ack\n/finding an old certificate\n/status monitoring"),
        ("bob", "/resolve a new certificate"),
    )
    production.says("mia", '/all-clear --override "all is well"')
    production.sweep(after=minutes(10))
    (report,) = [pull.number for pull in room.repo.pulls()]
    mortem = room.incident.postmortem
    text = mended(room.repo.file(mortem.path, mortem.branch) or "", room.runbook)
    for said in (text, f"{text}\nTODO ask the vendor\n", text):
        people["bob"].push_file(mortem.branch, mortem.path, said)
        production.sweep(after=minutes(10))
    does(production, lambda: people["mia"].merge_pull(report, "squash"))
    production.sweep(after=minutes(10))
    return {"in-review": number}


def _learned(production: Production) -> Mapping[str, int]:
    """Steps for afterwards get owners and dates; two are asked for, one is left undone, and it is learned."""
    room, people = production.room, production.room.people
    number = opens(production, "ann", "[INCIDENT P1] Sign-in is down", "", ("incident", "P1"))
    talks(
        production,
        ("bob", "/ack\n/finding an old certificate\n/status monitoring"),
        ("bob", "/action @bob due:2025-10-20 a new certificate\n/resolve a new certificate"),
        ("cat", "/action done 1"),
        ("cat", "/step runbooks @cat due:2025-10-27"),
        ("cat", "/step debrief @bob"),
        ("cat", '/check prevention --wont-do "certificates renew themselves now"'),
    )
    production.says("mia", '/all-clear --override "all is well"')
    production.sweep(after=minutes(10))
    (report,) = [pull.number for pull in room.repo.pulls()]
    does(production, lambda: people["ann"].ready(report))
    production.says("mia", '/postmortem --override "nobody is left who knows"')
    does(production, lambda: people["mia"].merge_pull(report, "squash"))
    production.sweep(after=minutes(10))
    production.sweep(after=minutes(9 * 24 * 60))
    production.says("cat", "/check runbooks debrief")
    return {"learned": number}


def _reviewed(production: Production) -> Mapping[str, int]:
    """What is left to write in a post-mortem is asked for."""
    number = opens(production, "ann", "[INCIDENT P1] Sign-in is down", "", ("incident", "P1"))
    talks(production, ("bob", "/ack\n/resolve a new certificate"))
    production.says("mia", '/all-clear --override "all is well"')
    production.says("bob", "/review")
    return {"reviewed": number}


def _action_issues(production: Production) -> Mapping[str, int]:
    """Action items become issues, which are closed and reopened; one is opened by hand."""
    room, people = production.room, production.room.people
    number = opens(production, "ann", "[INCIDENT P3] A typo", "", ("incident", "P3"))
    talks(
        production,
        ("bob", "/ack\n/action @bob due:2025-11-03 spell-check the texts\n/action buy a dictionary"),
        ("bob", "/status monitoring\n/resolve it was a typo"),
    )
    production.says("mia", '/all-clear --override "all is well"\n/postmortem --override "a typo"')
    production.sweep(after=minutes(10))
    (report,) = [pull.number for pull in room.repo.pulls()]
    does(production, lambda: people["ann"].ready(report))
    does(production, lambda: people["mia"].merge_pull(report, "squash"))
    for _ in range(3):
        production.sweep(after=minutes(10))
    first, second = sorted(room.repo.state.issues[number].children)
    does(production, lambda: people["bob"].close(first))
    does(production, lambda: people["bob"].close(second, "not_planned"))
    production.sweep(after=minutes(40))
    does(production, lambda: people["bob"].reopen(first), after=minutes(60))
    body = f"From the review of #{number}.\n\nDue: 2025-11-20"
    does(production, lambda: people["cat"].open_issue("A style guide", body, labels=("action-item",)))
    production.sweep(after=minutes(10))
    return {"action-issues": number}


INCIDENTS: Mapping[str, Script] = {
    "life": Script(_life),
    "reopened": Script(_reopened),
    "confirmed": Script(_confirmed),
    "dismissed": Script(_dismissed),
    "duplicate": Script(_duplicate),
    "drill": Script(_drill, OPERATIONS),
    "retro": Script(_retro, NO_SERVICES),
    "tampered": Script(_tampered, NO_SERVICES),
    "runbook": Script(_runbook, NO_SERVICES),
    "deadlines": Script(_deadlines, NO_SERVICES),
    "crowd": Script(_crowd, NO_SERVICES),
    "rollback": Script(_rollback, OPERATIONS),
    "watched": Script(_watched, OPERATIONS),
    "operations": Script(_operations, OPERATIONS),
    "under-way": Script(_under_way, OPERATIONS),
    "hotfix": Script(_hotfix, NAMES_ONLY),
    "signed": Script(_signed, NO_SERVICES),
    "deploy-waits": Script(_deploy_waits, AGAIN),
    "hotfix-by-hand": Script(_hotfix_by_hand, NAMES_ONLY),
    "forgotten": Script(_forgotten, NO_SERVICES),
    "known-kind": Script(_known_kind, NO_SERVICES),
    "roles": Script(_roles, NO_SERVICES),
    "voices": Script(_voices, NO_SERVICES),
    "meeting": Script(_meeting, NO_SERVICES),
    "what-changed": Script(_what_changed, OPERATIONS),
    "actions": Script(_actions, NO_SERVICES),
    "held": Script(_held, NO_SERVICES),
    "in-review": Script(_in_review, NO_SERVICES),
    "learned": Script(_learned, NO_SERVICES),
    "reviewed": Script(_reviewed, NO_SERVICES),
    "action-issues": Script(_action_issues, NO_SERVICES),
}
"""By the name that `record.py` is given. One incident may leave several issues."""
