"""Records incidents as issues that people already have, for all later versions to read.

    .venv/bin/python tests/recorded/record.py NAME...

NAME is one of `incidents.INCIDENTS`. Each is played with the real doors against the embedded GitHub, and each
of its issues becomes `tests/recorded/<name>.json`: the issue, its comments and events as GitHub's REST API
shows them; what else a pass could look up (`known`: operations with their records in git, people's access,
other issues, pull requests, labels, the time); the settings and the runbook in force; and what the product
made of it: `entries`, the folded incident (`state`), `labels`, `replies` and `panel` as people see them.

A recording is never made anew. What is recorded is what people have in their repositories: there it cannot be
made anew either. So a name that exists is refused. A new kind of fact or command gets a new incident in
`incidents.py` and a recording of its own; its sum is added to `SHA256SUMS`.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

HERE = Path(__file__).resolve().parent
if __name__ == "__main__":
    # As pytest does it (pyproject.toml), and without this folder, whose files are `recorded.<name>`.
    sys.path[:1] = [str(HERE.parent), str(HERE.parents[1] / "scripts")]

from allclear.adapters.files.settings import load_policy  # noqa: E402 - found by the path above
from allclear.adapters.github.errors import NotFoundError  # noqa: E402 - found by the path above
from allclear.adapters.github.executions import Executions  # noqa: E402 - found by the path above
from allclear.core.model.snapshot import Repository, RunSeen  # noqa: E402 - found by the path above
from allclear.core.record.chain import read  # noqa: E402 - found by the path above
from allclear.core.record.fold import fold  # noqa: E402 - found by the path above
from production.stage import Production, open_production  # noqa: E402 - found by the path above
from recorded.incidents import INCIDENTS, Script  # noqa: E402 - found by the path above
from recorded.replay import (  # noqa: E402 - found by the path above
    MANIFEST,
    Recording,
    flat,
    manifest,
    panel_text,
    replies,
    snapshot,
    sums,
)

NAME = "acme/shop"
URL = f"https://github.com/{NAME}"


class Camera:
    """Reads one repository of the embedded GitHub as the REST API shows it."""

    def __init__(self, production: Production) -> None:
        self.room = room = production.room
        rights = {"contents": "read", "issues": "read", "actions": "read", "pull_requests": "read"}
        token = room.hub.actions_token(room.repo, permissions=rights)
        self.client = room.client(token)
        self.base = f"/repos/{NAME}"

    def record(self, number: int) -> Recording:
        """One issue, and what the product makes of it."""
        issue = self.client.get(f"{self.base}/issues/{number}").data
        now = self.client.now
        comments = self.client.items(f"{self.base}/issues/{number}/comments")
        loaded = load_policy(self.room.root)
        assert loaded.trouble == ()
        recorded: dict[str, Any] = {
            "repository": {"id": self.room.repo.id, "name": NAME, "url": URL},
            "issue": _issue(issue),
            "comments": [_comment(one) for one in comments],
            "events": [_event(one) for one in self.client.items(f"{self.base}/issues/{number}/events")],
            "settings": (self.room.root / ".github" / "allclear.yml").read_text(encoding="utf-8"),
            "runbook": self._runbook(loaded.runbook.name),
            "known": {
                "now": now.isoformat(),
                "access": {login: self._access(login) for login in self.room.people},
                "labels": sorted(one["name"] for one in self.client.items(f"{self.base}/labels")),
                "others": self._others(number),
                "pulls": self._pulls(),
                "operations": {},
            },
        }
        journal = read(snapshot(recorded), loaded.settings.bots)
        incident = fold(number, journal.entries, loaded.runbook)
        recorded["known"]["operations"] = self._operations(number, frozenset(incident.production.operations))
        (panel,) = [one for one in comments if one["id"] == issue["pinned_comment"]["id"]]
        return recorded | {
            "entries": [entry.compact() for entry in journal.entries],
            "state": flat(incident),
            "labels": sorted(one["name"] for one in issue["labels"]),
            "replies": replies(recorded),
            "panel": panel_text(panel["body"]).split("\n"),
        }

    def _runbook(self, name: str) -> dict[str, str]:
        """Its text stands beside the recordings, under a name that says what is in it."""
        text = (self.room.root / "templates" / "runbooks" / f"{name}.yml").read_bytes()
        folder = HERE / "runbooks"
        folder.mkdir(exist_ok=True)
        same = [one for one in folder.glob(f"{name}-*.yml") if one.read_bytes() == text]
        file = same[0] if same else folder / f"{name}-{len(list(folder.glob(f'{name}-*.yml'))) + 1}.yml"
        file.write_bytes(text)
        return {"name": name, "file": file.name}

    def _access(self, login: str) -> dict[str, Any] | None:
        try:
            data = self.client.get(f"{self.base}/collaborators/{quote(login)}/permission").data
        except NotFoundError:
            return None
        return {
            "permission": data["permission"],
            "role_name": data["role_name"],
            "user": _user(data["user"]),
        }

    def _others(self, number: int) -> dict[str, Any]:
        found = self.client.items(f"{self.base}/issues", {"state": "all"})
        return {
            str(one["number"]): {
                "number": one["number"],
                "title": one["title"],
                "incident": any(label["name"] == "incident" for label in one["labels"]),
                "open": one["state"] == "open",
            }
            for one in found
            if one["number"] != number
        }

    def _pulls(self) -> dict[str, Any]:
        found = self.client.items(f"{self.base}/issues", {"state": "all"})
        pulls = [one for one in found if one.get("pull_request")]
        return {str(one["number"]): one["pull_request"]["merged_at"] for one in pulls}

    def _operations(self, number: int, named: frozenset[str]) -> dict[str, Any]:
        """The text of every record in git, and the run that it names."""
        repository = Repository(self.room.repo.id, NAME, URL)
        executions = Executions(self.client, repository)
        refs = executions.records.starting(f"refs/allclear/{number}/")
        messages = {ref.rpartition("/")[2]: executions.records.message(sha) for ref, sha in refs.items()}
        seen = executions.sightings(number, named | frozenset(messages))
        return {
            name: {"record": messages.get(name), "run": _run(one.run) if one.run else None}
            for name, one in sorted(seen.items())
        }


def _user(data: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return {key: data[key] for key in ("id", "login", "type")} if data else None


def _comment(data: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: data[key] for key in ("id", "body", "created_at", "updated_at", "html_url")}
    return kept | {"user": _user(data["user"]), "reactions": {"-1": data["reactions"]["-1"]}}


def _issue(data: Mapping[str, Any]) -> dict[str, Any]:
    plain = ("number", "title", "body", "state", "state_reason", "created_at", "closed_at", "html_url")
    return {key: data[key] for key in plain} | {
        "locked": data["locked"],
        "user": _user(data["user"]),
        "closed_by": _user(data["closed_by"]),
        "assignees": [_user(one) for one in data["assignees"]],
        "labels": [{"name": one["name"]} for one in data["labels"]],
        "pinned_comment": {"id": data["pinned_comment"]["id"]} if data["pinned_comment"] else None,
    }


def _event(data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": data["id"],
        "event": data["event"],
        "actor": _user(data["actor"]),
        "created_at": data["created_at"],
        "label": {"name": data["label"]["name"]} if data.get("label") else None,
        "commit_id": data["commit_id"],
    }


def _run(run: RunSeen) -> dict[str, Any]:
    return {
        "id": run.id,
        "url": run.url,
        "status": run.status,
        "conclusion": run.conclusion,
        "ours": run.ours,
        "by": {"id": run.by.id, "login": run.by.login} if run.by else None,
        "attempt": run.attempt,
    }


def play(script: Script) -> dict[str, Recording]:
    """Play an incident; its recordings by name."""
    # A folder that is called the same everywhere: its path stands in the settings.
    folder = Path(tempfile.gettempdir()) / "allclear-recording"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        with open_production(
            folder, script.settings, services=script.services, reviewers=script.reviewers
        ) as production:
            _own_templates(production.room.root)
            # What is under way at the end stays so.
            numbers = script.play(production)
            camera = Camera(production)
            return {name: camera.record(number) for name, number in numbers.items()}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _own_templates(checkout: Path) -> None:
    """Templates that an incident may change: the runbooks are copies."""
    templates = checkout / "templates"
    real = templates.resolve()
    templates.unlink()
    templates.mkdir()
    for one in real.iterdir():
        if one.name != "runbooks":
            (templates / one.name).symlink_to(one)
    shutil.copytree(real / "runbooks", templates / "runbooks")


def write(name: str, recorded: Recording) -> Path:
    """One file. Refuses to write over a recording."""
    file = HERE / f"{name}.json"
    if file.exists():
        raise SystemExit(f"{file.name} exists, and a recording is never made anew; give it another name")
    file.write_text(json.dumps(recorded, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return file


def main(asked: list[str]) -> None:
    """Record what is asked for."""
    unknown = [name for name in asked if name not in INCIDENTS]
    if unknown or not asked:
        raise SystemExit(f"usage: record.py NAME...; there are {', '.join(sorted(INCIDENTS))}")
    held = manifest()
    for name in asked:
        for one, recorded in play(INCIDENTS[name]).items():
            file = write(one, recorded)
            size = file.stat().st_size // 1024
            sys.stdout.write(f"{file.name}: {size} KiB, {len(recorded['entries'])} entries\n")
    # What is in the manifest stays there: whatever changed since is for the test to tell.
    lines = [f"{digest}  {file}\n" for file, digest in sorted((sums() | held).items())]
    MANIFEST.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
