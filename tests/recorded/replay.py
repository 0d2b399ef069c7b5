"""A recorded issue as the product's own values again, and an incident as plain JSON.

Everything about the product's types stands in this file: when types move, are renamed or grouped, the
mappings below follow, and the recordings stay as they are.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from allclear.adapters.files.settings import load_policy
from allclear.adapters.files.templates import Templates
from allclear.adapters.github.read import comment, issue, moment, person, rights
from allclear.commands import COMMANDS
from allclear.core.conversation.command import Policy
from allclear.core.language.older import older
from allclear.core.model.execution import read_record
from allclear.core.model.operation import Operation
from allclear.core.model.people import Access, Person, Rights
from allclear.core.model.snapshot import (
    IssueEvent,
    LastEdit,
    OtherIssue,
    PullEnd,
    Repository,
    RunSeen,
    Sighting,
    Snapshot,
)
from allclear.core.model.stored import json_of
from allclear.core.record.action_item import ActionItem
from allclear.core.record.checkpoint import is_panel
from allclear.core.record.entry import decode
from allclear.core.record.incident import (
    GateOverride,
    Hotfix,
    Incident,
    SmokeRun,
    TimelineLine,
    Update,
)
from allclear.core.record.life import Cleared
from allclear.core.record.panel_text import CHECKPOINT
from allclear.core.record.postmortem_state import Postmortem
from allclear.core.record.progress import ActionAdded
from allclear.core.record.step import Tick

HERE = Path(__file__).resolve().parent
TEMPLATES = HERE.parents[1] / "templates"
MANIFEST = HERE / "SHA256SUMS"

Recording = Mapping[str, Any]
"""What one of the JSON files holds; `record.py` writes it and says what is in it."""


def names() -> list[str]:
    """The recordings there are."""
    return sorted(file.stem for file in HERE.glob("*.json"))


@cache
def recording(name: str) -> Recording:
    found: Recording = json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))
    return found


def sums() -> dict[str, str]:
    """The SHA-256 (hex) of every recorded file, by its path from here."""
    files = [*HERE.glob("*.json"), *HERE.glob("runbooks/*.yml")]
    return {
        file.relative_to(HERE).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(files)
    }


def manifest() -> dict[str, str]:
    """The sums as they were when the files were recorded. The lines are those of `sha256sum`."""
    lines = MANIFEST.read_text(encoding="utf-8").splitlines() if MANIFEST.exists() else []
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


# A recording as the product reads it


def is_before(recorded: Recording) -> bool:
    """Whether its runbook was written in the language before this one."""
    text = (HERE / "runbooks" / recorded["runbook"]["file"]).read_text(encoding="utf-8")
    return any(older(yaml.safe_load(text)))


def policy(recorded: Recording, checkout: Path) -> Policy:
    """The settings and the runbook that were in force, with the commands and the words of today; of a runbook
    in the language before this one, what its team has written instead since.

    ``checkout`` is an empty folder.
    """
    (checkout / ".github").mkdir()
    name = recorded["runbook"]["name"]
    settings = recorded["settings"]
    if "runbook:" not in settings:
        settings = f"runbook: {name}\n{settings}"  # HotDash was what no settings meant
    (checkout / ".github" / "allclear.yml").write_text(settings, encoding="utf-8")
    (checkout / "templates" / "runbooks").mkdir(parents=True)
    for one in TEMPLATES.iterdir():
        if one.name != "runbooks":
            (checkout / "templates" / one.name).symlink_to(one)
    runbook = (HERE / "runbooks" / recorded["runbook"]["file"]).read_text(encoding="utf-8")
    if is_before(recorded):
        newer = (HERE / "upgraded" / f"{name}.yml", TEMPLATES / "runbooks" / f"{name}.yml")
        runbook = next(file for file in newer if file.exists()).read_text(encoding="utf-8")
    file = checkout / "templates" / "runbooks" / f"{name}.yml"
    file.write_text(runbook, encoding="utf-8")
    loaded = load_policy(checkout)
    return Policy(
        loaded.settings,
        loaded.runbook,
        COMMANDS,
        Templates(checkout / "templates"),
        loaded.trouble,
        loaded.providers,
    )


def snapshot(recorded: Recording) -> Snapshot:
    """All that a pass could know when the recording was made, the panel included."""
    known = recorded["known"]
    comments = tuple(comment(one) for one in recorded["comments"])
    pinned = recorded["issue"]["pinned_comment"]
    (panel,) = [one for one in comments if pinned is not None and one.id == pinned["id"]]
    repository = recorded["repository"]
    return Snapshot(
        repository=Repository(id=repository["id"], name=repository["name"], url=repository["url"]),
        issue=issue(recorded["issue"]),
        comments=comments,
        now=moment(known["now"]),
        panel=panel,
        panel_edit=LastEdit(panel.author, panel.updated_at),
        access={login: _access(data) for login, data in known["access"].items()},
        others={int(number): _other(data) for number, data in known["others"].items()},
        events=tuple(_event(one) for one in recorded["events"]),
        repository_labels=frozenset(known["labels"]),
        pulls={int(number): _ended(at) for number, at in known["pulls"].items()},
        recent_pulls=(),
        visibility="private",
        operations={name: _sighting(data) for name, data in known["operations"].items()},
    )


def _ended(merged: str | None) -> PullEnd:
    """How a pull request ended: the recordings know only of those that were merged."""
    return PullEnd(moment(merged), moment(merged)) if merged else PullEnd()


def _access(data: Mapping[str, Any] | None) -> Access:
    """None: GitHub knows no such collaborator."""
    return Access(rights(data), person(data["user"])) if data else Access(Rights.NONE)


def _other(data: Mapping[str, Any]) -> OtherIssue:
    return OtherIssue(
        number=data["number"], title=data["title"], incident=data["incident"], open=data["open"]
    )


def _event(data: Mapping[str, Any]) -> IssueEvent:
    return IssueEvent(
        id=data["id"],
        kind=data["event"],
        actor=person(data["actor"]),
        at=moment(data["created_at"]),
        label=data["label"]["name"] if data["label"] else None,
        commit=data["commit_id"],
    )


def _sighting(data: Mapping[str, Any]) -> Sighting:
    run = data["run"]
    seen = None
    if run is not None:
        seen = RunSeen(
            id=run["id"],
            url=run["url"],
            status=run["status"],
            conclusion=run["conclusion"],
            ours=run["ours"],
            by=person(run["by"]),
            attempt=run["attempt"],
        )
    return Sighting(execution=read_record(data["record"]) if data["record"] else None, run=seen)


def replies(recorded: Recording) -> list[list[str]]:
    """What people see of each comment that holds entries, as lines: all but its first line."""
    blocks = [one["body"] for one in recorded["comments"] if _holds_entries(one["body"])]
    return [body.split("\n")[1:] for body in blocks]


def _holds_entries(body: str) -> bool:
    try:
        return decode(body) is not None
    except ValueError:  # somebody edited it
        return False


def panel_text(body: str) -> str:
    """A panel without its last line, the checkpoint."""
    assert is_panel(body)
    visible, opening, _ = body.rpartition(CHECKPOINT)
    assert opening
    return visible.rstrip("\n")


# An incident as plain JSON


def _parts(incident: Incident) -> dict[str, Any]:
    """What only incidents have whose runbook says who is meant for its roles."""
    team = incident.team
    found: dict[str, Any] = {
        "beside": {role: [_who(one) for one in people] for role, people in team.beside.items()},
        "proposed": {role: [one.login, one.title, one.why] for role, one in team.proposed.items()},
        "released": team.released,
    }
    return {name: value for name, value in found.items() if value}


def state(recorded: Recording) -> dict[str, Any]:
    """The incident as it was recorded, without how its timeline reads, which may change on purpose."""
    return {name: value for name, value in recorded["state"].items() if name != "timeline"}


def flat(incident: Incident) -> dict[str, Any]:
    """The whole incident under the names that its fields had when the recordings began."""
    return {
        "number": incident.number,
        "stage": str(incident.stage),
        "kind": str(incident.kind),
        "title": incident.title,
        "severity": incident.severity,
        "severity_asked": incident.severity_asked,
        "status": incident.status,
        "milestones": {str(name): _at(when) for name, when in incident.milestones.items()},
        "interval": incident.interval,
        "opened": _at(incident.opened),
        "detected_by": incident.detected_by,
        "reporter": _who(incident.team.reporter),
        "roles": {role: _who(one) for role, one in incident.team.roles.items()},
        "responders": [_who(one) for one in incident.team.responders],
        "people": [_who(one) for one in incident.team.people],
        **_parts(incident),
        "users": incident.impact.users,
        "revenue": incident.impact.revenue,
        "impact": incident.impact.text,
        "services": list(incident.impact.services),
        "root_cause": incident.findings.root_cause,
        "evidence": incident.findings.evidence,
        "proposed_fix": incident.findings.proposed_fix,
        "fix": incident.findings.fix,
        "updates": [_update(one) for one in incident.progress.updates],
        "ticks": {step: _tick(one) for step, one in incident.progress.ticks.items()},
        "flags": sorted(incident.progress.flags),
        "actions": [_action(one) for one in incident.progress.actions],
        "fired": {timer: _at(when) for timer, when in incident.progress.fired.items()},
        "overrides": [_override(one) for one in incident.progress.overrides],
        "duplicate_of": incident.links.duplicate_of,
        "joined": list(incident.links.joined),
        "postmortem": _postmortem(incident.postmortem),
        "runbook": incident.runbook.name,
        "runbook_hash": incident.runbook.hash,
        "tampered": list(incident.tampered),
        "operations": {name: _operation(one) for name, one in incident.production.operations.items()},
        "smoke": {service: _smoke_run(one) for service, one in incident.production.smoke.items()},
        "hotfix": _hotfix(incident.production.hotfix) if incident.production.hotfix else None,
        "fixed_by": str(incident.production.fixed_by),
        "timeline": [_line(one) for one in incident.timeline],
        "last": _at(incident.last),
    }


def _at(when: datetime | None) -> str | None:
    return when.isoformat() if when else None


def _who(one: Person | None) -> dict[str, Any] | None:
    return {"id": one.id, "login": one.login} if one else None


def _wire(one: Any) -> dict[str, Any] | None:
    """What also stands in entries, in the form it has there: a field that is added later has its default."""
    return {name: value for name, value in json_of(one).items() if name != "t"} if one else None


def _action(one: ActionItem) -> dict[str, Any] | None:
    return _wire(ActionAdded(owner=one.owner, due=one.due, text=one.text))


def _override(one: GateOverride) -> dict[str, Any] | None:
    return _wire(Cleared(override=one.reason, open_gates=one.open_gates))


def _update(one: Update) -> dict[str, Any]:
    return {"at": _at(one.at), "by": _who(one.by), "text": one.text, "next": one.next, "eta": one.eta}


def _tick(one: Tick) -> dict[str, Any]:
    return {"by": _who(one.by), "at": _at(one.at)}


def _line(one: TimelineLine) -> dict[str, Any]:
    return {
        "at": _at(one.at),
        "by": _who(one.by),
        "what": one.what,
        "text": one.text,
        "source": one.source,
    }


def _postmortem(one: Postmortem) -> dict[str, Any]:
    return {
        "asked": _at(one.asked),
        "pending": one.pending,
        "path": one.path,
        "branch": one.branch,
        "url": one.url,
        "pull": one.pull,
    }


def _smoke_run(one: SmokeRun) -> dict[str, Any]:
    return {"smoke": _wire(one.smoke), "at": _at(one.at), "operation": one.operation, "url": one.url}


def _hotfix(one: Hotfix) -> dict[str, Any]:
    return {
        "text": one.text,
        "service": one.service,
        "commit": one.commit,
        "pending": one.pending,
        "branch": one.branch,
        "base": one.base,
        "url": one.url,
        "pull": one.pull,
        "merged": _at(one.merged),
        **({"closed": _at(one.closed)} if one.closed else {}),
    }


def _operation(one: Operation) -> dict[str, Any]:
    return {
        "id": one.id,
        "kind": str(one.kind),
        "service": one.service,
        "asked": _at(one.asked),
        "by": _who(one.by),
        "name": one.name,
        "target": one.target,
        "release": one.release,
        "before": one.before,
        "arguments": dict(one.arguments),
        "dry_run": one.dry_run,
        "why": one.why,
        "approval": str(one.approval),
        "environment": one.environment,
        "expires": _at(one.expires),
        "interval": one.interval,
        "state": str(one.state),
        "approved_by": _who(one.approved_by),
        "run": one.run,
        "url": one.url,
        "outcome": str(one.outcome) if one.outcome else None,
        "ended": _at(one.ended),
        "after": one.after,
        "approver": one.approver,
        "seconds": one.seconds,
        "text": one.text,
        "smoke": _wire(one.smoke) if one.smoke else None,
        "artifact": _wire(one.artifact) if one.artifact else None,
    }
