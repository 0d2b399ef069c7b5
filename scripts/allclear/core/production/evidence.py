"""Evidence: what is kept of an incident (002-21), how its files are called, and the manifest over them.

A bundle takes texts, scrubs every one of them, keeps them within bounds and remembers what it did: what was
scrubbed, what was cut, what could not be had. Nothing that people wrote names a file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from msgspec import Struct, field
from pydantic import Field

from allclear.core.model.frozen import Frozen
from allclear.core.model.neutral import block, code, inline
from allclear.core.model.operation import Operation, Order, Outcome, Smoke
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.people import Person
from allclear.core.model.scrub import Scrubber
from allclear.core.model.slug import slug
from allclear.core.model.snapshot import Comment, Issue
from allclear.core.model.stored import fields_of, whole_json_of
from allclear.core.model.times import stamp
from allclear.core.policy.settings import Settings
from allclear.core.record.incident import Incident

MOST = 50_000_000
"""Bytes of all files together."""

MOST_FILE = 10_000_000
"""Bytes of one file."""

LEAST = 1000
"""With fewer bytes left, a file says nothing any more and is noted as missing."""

BEFORE = timedelta(hours=24)
"""How long before the start deployments and runs are looked at: what broke it usually came just before."""

MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"


class Kept(Frozen):
    """One file. ``at``: when it was read (UTC). ``cut``: bytes left out of its middle. ``scrubbed``: places
    where a secret was taken out.
    """

    path: str
    sha256: str
    bytes: int
    source: str
    at: datetime
    scrubbed: int = 0
    cut: int = 0


class Missing(Frozen):
    """What could not be had, and why."""

    source: str
    why: str


class Manifest(Frozen):
    """What an evidence folder holds; its JSON is ``manifest.json``.

    ``kinds``: the names of the commands that went well, such as ``logs``.
    """

    v: Literal[1] = 1
    repository: str
    issue: int
    operation: str
    run: int
    collected: datetime
    files: tuple[Kept, ...] = ()
    missing: tuple[Missing, ...] = Field(default=())
    kinds: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """One line for the incident, about what is not as whole as one might think; empty when all is."""
        cut = sum(one.cut > 0 for one in self.files)
        scrubbed = sum(one.scrubbed for one in self.files)
        parts = [
            f"{_many(len(self.missing), 'part')} could not be collected" if self.missing else "",
            f"{_many(cut, 'file')} cut short" if cut else "",
            f"{_many(scrubbed, 'secret')} removed" if scrubbed else "",
        ]
        said = ", ".join(part for part in parts if part)
        return f"{said} ({MANIFEST} names them)" if said else ""


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def table(manifest: Manifest) -> str:
    """The manifest as Markdown, for the summary of the job that collected it."""
    rows = [
        f"| {code(one.path)} | {one.bytes:,} | {one.scrubbed or ''} | {f'{one.cut:,}' if one.cut else ''} "
        f"| {code(one.sha256)} |"
        for one in manifest.files
    ]
    head = "| file | bytes | scrubbed | bytes cut | SHA-256 |\n|---|--:|--:|--:|---|"
    missing = [f"- {inline(one.source)}: {inline(one.why, 500)}" for one in manifest.missing]
    title = f"### Evidence of #{manifest.issue} ({code(manifest.operation)})"
    parts = [
        title,
        "\n".join([head, *rows]),
        "These parts could not be collected:" if missing else "",
        "\n".join(missing),
    ]
    return "\n\n".join(part for part in parts if part)


class Bundle(Struct):
    """The files so far. Every text passes the scrubber; ``left`` is how many bytes there is room for."""

    scrubber: Scrubber
    left: int = MOST
    most_file: int = MOST_FILE
    files: list[Kept] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)

    def keep(self, path: str, text: str, source: str, at: datetime, *, scrubbed: int = 0) -> bytes | None:
        """What to write to ``path``; None when there is no room, which is noted. ``scrubbed``: how many
        places were scrubbed before.
        """
        if self.left < LEAST:
            self.miss(source, f"there is no room left: the limit is {MOST // 1_000_000} MB")
            return None
        done = self.scrubber.scrub(text)
        whole = done.text.encode("utf-8", errors="replace")
        kept = shortened(whole, min(self.left, self.most_file), listed=path.endswith(".jsonl"))
        self.left -= len(kept)
        self.files.append(
            Kept(
                path=path,
                sha256=hashlib.sha256(kept).hexdigest(),
                bytes=len(kept),
                source=self.scrubber.clean(source),
                at=at,
                scrubbed=scrubbed + done.count,
                cut=max(0, len(whole) - len(kept)),
            )
        )
        return kept

    def keep_items(self, path: str, items: Iterable[Any], source: str, at: datetime) -> bytes | None:
        """JSON values, one a line (https://jsonlines.org): what is cut leaves whole lines."""
        lines = []
        scrubbed = 0
        for item in items:
            clean, count = self.scrubber.tree(item)
            scrubbed += count
            lines.append(json.dumps(clean, ensure_ascii=False, sort_keys=True, default=str) + "\n")
        return self.keep(path, "".join(lines), source, at, scrubbed=scrubbed)

    def once_more(self, kept: Kept, data: bytes) -> bytes | None:
        """A file that was kept before by a step that knew fewer secrets; None when nothing of it changes."""
        text = data.decode("utf-8", errors="replace")
        done = self.scrubber.scrub(text)
        if done.text == text:
            self.files.append(kept)
            return None
        new = done.text.encode("utf-8", errors="replace")
        found = {
            "sha256": hashlib.sha256(new).hexdigest(),
            "bytes": len(new),
            "scrubbed": kept.scrubbed + done.count,
        }
        self.files.append(kept.model_copy(update=found))
        return new

    def miss(self, source: str, why: str) -> None:
        """Note what could not be had."""
        why = " ".join(self.scrubber.clean(why).split())
        self.missing.append(Missing(source=self.scrubber.clean(source), why=why[:500]))

    def closing(self, about: Manifest) -> tuple[Manifest, bytes, bytes]:
        """The manifest ``about`` this bundle, its bytes, and those of the sums over all files and it."""
        files = tuple(sorted(self.files, key=lambda one: one.path))
        manifest = about.model_copy(
            update={"files": files, "missing": tuple(self.missing), "kinds": tuple(sorted(set(self.kinds)))}
        )
        text = json.dumps(manifest.model_dump(mode="json"), ensure_ascii=False, indent=2) + "\n"
        # No scrubbing here: a checksum is no secret, and the texts in it were scrubbed.
        data = text.encode("utf-8", errors="replace")
        sums = [(one.path, one.sha256) for one in files] + [(MANIFEST, hashlib.sha256(data).hexdigest())]
        return manifest, data, "".join(f"{sha}  {path}\n" for path, sha in sorted(sums)).encode("ascii")


def shortened(data: bytes, limit: int, *, listed: bool = False) -> bytes:
    """At most ``limit`` bytes of UTF-8: the first and the last lines, and in between how much was left out.

    ``listed``: it is a list of JSON lines, and stays one.
    """
    if len(data) <= limit:
        return data
    half = max(0, limit - 100) // 2
    front, back = data[:half], data[len(data) - half :]
    front = front[: front.rfind(b"\n") + 1] or (b"" if listed else front)
    back = back[back.find(b"\n") + 1 :] or (b"" if listed else back)
    front = front.decode("utf-8", errors="ignore").encode()
    back = back.decode("utf-8", errors="ignore").encode()
    out = len(data) - len(front) - len(back)
    note = f'{{"left_out_bytes": {out}}}\n' if listed else f"\n[{out} bytes are left out here]\n"
    return front + note.encode("ascii") + back


def file_name(number: int, words: str, ending: str) -> str:
    """``03-issue.json``: the number first, then ASCII letters, digits and hyphens (fault E19)."""
    return f"{number:02d}-{slug(words, number)}.{ending}"


_COLOUR = lazy_regex(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]{0,1000}(?:\x07|\x1b\\)|[@-Z\\^_])")
_CONTROLS = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127, 0xFEFF))


def legible(data: bytes) -> str:
    """A log as text: without colours and other terminal control, line ends as they are in the rest."""
    text = data.decode("utf-8", errors="replace")
    return _COLOUR.sub("", text).translate(_CONTROLS).replace("\r\n", "\n").replace("\r", "\n")


KEPT_LINKS = frozenset({"html_url", "log_url", "target_url", "environment_url"})


def lean(value: Any) -> Any:
    """An answer of the API without what only leads to other answers; accounts and repositories by name.

    What a deployment carries as its payload is somebody's data and stays as it is.
    """
    if isinstance(value, list):
        return [lean(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    if "login" in value and "id" in value:
        return {key: value[key] for key in ("id", "login", "type") if key in value}
    if "full_name" in value and "id" in value:
        return {"id": value["id"], "full_name": value["full_name"]}
    return {
        key: item if key == "payload" else lean(item)
        for key, item in value.items()
        if key in KEPT_LINKS or not (key in ("url", "node_id") or key.endswith("_url"))
    }


def conversation(issue: Issue, comments: Iterable[Comment], bots: Iterable[int], now: datetime) -> str:
    """The issue and its comments as Markdown that can be read without GitHub; all text of people is inert.

    The hidden first line of our own comments is left out here: it stands in the JSON, and in the journal.
    """
    ours = frozenset(bots)
    head = (
        f"# #{issue.number}: {inline(issue.title)}\n\n{issue.url}, as it was at {stamp(now)}. Times are UTC."
    )
    opened = f"## Opened by {_name(issue.author)}, {stamp(issue.created_at)}\n\n{_said(issue.body)}"
    parts = [head, opened]
    for number, comment in enumerate(comments, start=1):
        edited = f", edited {stamp(comment.updated_at)}" if comment.edited else ""
        body = comment.body
        if comment.author is not None and comment.author.id in ours and body.startswith("<!-- allclear:"):
            body = body.partition("\n")[2]
        title = f"## {number}. {_name(comment.author)}, {stamp(comment.created_at)}{edited}"
        parts.append(f"{title}\n\n<{comment.url}>\n\n{_said(body)}")
    return "\n\n".join(parts) + "\n"


def _name(person: Person | None) -> str:
    return code(person.login) if person else "an account that is gone"


def _said(body: str) -> str:
    return block(body, 70_000) if body.strip() else "*Nothing.*"


def operations(incident: Incident) -> list[dict[str, Any]]:
    """What was done to production, oldest first, with the smoke results, as JSON values."""
    return [
        _operation(one)
        for one in sorted(incident.production.operations.values(), key=lambda o: (o.asked, o.id))
    ]


def _operation(one: Operation) -> dict[str, Any]:
    shown = {
        **fields_of(Order, one),
        **fields_of(Outcome, one),
        "id": one.id,
        "why": one.why,
        "asked_by": one.by.login if one.by else "allclear",
        "approved_by": one.approved_by.login if one.approved_by else one.approver,
        "approver": None,
        "asked": stamp(one.asked),
        "state": one.state,
        "ended": stamp(one.ended) if one.ended else None,
        "seconds": one.seconds,
        "run": one.run,
        "url": one.url,
        "smoke": _smoke(one.smoke),
        "artifact": whole_json_of(one.artifact) if one.artifact else None,
    }
    return {key: value for key, value in shown.items() if value not in ("", None, {}, 0, False)}


def _smoke(smoke: Smoke | None) -> dict[str, Any] | None:
    return {"passed": smoke.passed, **whole_json_of(smoke)} if smoke else None


def smoke_runs(incident: Incident) -> list[dict[str, Any]]:
    """The newest smoke result of each service, as JSON values; ``count``: of so many that passed in a row."""
    return [
        {"service": name, "at": stamp(run.at), "operation": run.operation, "url": run.url, "count": run.count}
        | (_smoke(run.smoke) or {})
        for name, run in sorted(incident.production.smoke.items())
    ]


def services(asked: str, incident: Incident, settings: Settings) -> tuple[str, ...]:
    """Whose evidence is collected: the service that was named, else those the incident hit, else all."""
    if asked:
        return tuple(name for name in settings.services if name == asked)
    hit = {name.lower() for name in incident.impact.services}
    hit |= {one.service.lower() for one in incident.production.operations.values() if one.service}
    return tuple(name for name in settings.services if name.lower() in hit) or tuple(settings.services)


def environment(names: Iterable[str], settings: Settings) -> str:
    """The GitHub environment whose secrets the collecting job gets: that of the first service with commands
    that names one. A job has one environment; commands that need another are left out, and it is said.
    """
    those = (settings.services[name] for name in names)
    return next((one.smoke_environment for one in those if one.evidence and one.smoke_environment), "")
