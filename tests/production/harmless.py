"""That nothing came of hostile text: no command ran, no ref moved, nobody was called, no secret got out.

    watch = Watch(production, canary)
    ...                                  # text by somebody who means harm, and every run that follows
    watch.holds()                        # fails with what happened
    watch.holds(executions=[...])        # with the starts of the deploy program that are right

`HOSTILE` are the texts, of hostile.json; where one would run a command, it would make the file CANARY.
"""

from __future__ import annotations

import io
import json
import re
import shutil
import zipfile
from base64 import b64encode
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from markdown_it import MarkdownIt

from allclear_lab.drill.production_server import DeployStart
from allclear_lab.github.actions.artifacts import Artifacts
from allclear_lab.github.git.objects import GitObjects
from allclear_lab.runner.step_runs import StepRun
from allclear_lab.runner.uploads import outputs_of
from production.stage import Production

LONG = "A" * 60_000
HOSTILE: tuple[str, ...] = (*json.loads(Path(__file__).with_name("hostile.json").read_text()), LONG)
SECRETS = {"DEPLOY_TOKEN": "s3cr3t-d3pl0y-t0ken-of-the-shop", "DATABASE_URL": "postgres://u:p4ss-w0rd@db/x"}

MARKDOWN = MarkdownIt("commonmark", {"linkify": False}).enable(["table", "strikethrough"])
# What GitHub makes a mention, a reference or a link of when it stands outside of code. The room's own people
# are called by pages, which is right.
CALLS = re.compile(
    r"@(?!(?:ann|mia|bob|cat)\b)\w|(?<!\w)#4242|gh-4242|https?://(?!github\.com/acme/shop)|www\.",
    re.IGNORECASE,
)
CLOSES = re.compile(r"(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+(?:#|gh-)\d", re.IGNORECASE)
"""https://docs.github.com/en/issues/tracking-your-work-with-issues/using-issues/linking-a-pull-request-to-an-issue"""
# Where a marker counts: entries and panel in the first line, the checkpoint in the last one of the panel.
OUR_MARKERS = re.compile(
    r"\A<!-- allclear:(?:entries|panel) [^\n]* -->$|^<!-- allclear:checkpoint [^\n]* -->\Z", re.MULTILINE
)
OUR_HOSTS = {"github.com", "github.blog", "127.0.0.1", "fly.io", "app.supabase.com"}
OUR_HTML = re.compile(r"</?(?:details|summary|sub|br)>")
OUR_REFS = re.compile(
    r"refs/allclear/(?:\d+/(?:rollback|action|smoke|evidence|hand)-[0-9a-z]{6,20}|services/[0-9a-f]+)"
)
OUR_OUTPUTS = {
    "api": re.compile(r"true|false"),
    "decision": re.compile(r"[0-9a-f]{64}"),
    "environment": re.compile(r"|production"),
    "go": re.compile(r"true"),
    "hotfix": re.compile(r"\[\d*\]"),
    "issue": re.compile(r"\d+"),
    "outcome": re.compile(r"done|failed|refused|unknown|expired|cancelled"),
    "operation": re.compile(r"(?:rollback|action|smoke|evidence|hand)-[0-9a-z]{6,20}"),
    "postmortem": re.compile(r"\[\d*\]"),
    # What was said to us stands in here, as text in one line of JSON, which is read as nothing else.
    "result": re.compile(r"\{[ -~\u00a0-\U0010ffff]*\}"),
    "secrets": re.compile(r"\[\]|\[\"DEPLOY_TOKEN\"\]"),
    "service": re.compile(r"|web|answer|redirect|status"),
    "smoke": re.compile(r"true|false"),
    "smoke_environment": re.compile(r"|production"),
    "smoke_secrets": re.compile(r"\[\]|\[\"DEPLOY_TOKEN\"\]"),
}
OUR_LABELS = re.compile(r"incident|P\d|status:[a-z]+|[a-z-]+")
# A line that the runner reads as a command, whatever invisible signs stand in front of it.
COMMAND = re.compile(r"^[^!-~]*(?:::|##?\[)")


class Watch:
    """What is there now, to compare with later."""

    def __init__(self, production: Production, canary: Path) -> None:
        self.production = production
        self.canary = canary
        self.main = production.room.repo.branches()
        self.refs = self._others()
        self.files = production.room.repo.files()
        self.ran = len(production.hosted.ran)
        self.comments = production.room.comments

    def holds(self, executions: Sequence[DeployStart] = (), branches: Sequence[str] = ()) -> None:
        """Nothing came of it, but for these starts of the deploy program, and these new branches."""
        production = self.production
        assert production.target.executions() == tuple(executions)
        assert not self.canary.exists()
        self._refs_hold(branches)
        if production.room.comments != self.comments:
            assert not production.room.journal.broken
            for comment in (*production.room.replies, production.room.panel):
                inert(comment.body)
        assert all(OUR_LABELS.fullmatch(label) for label in production.room.issue.labels)
        for pull in production.room.repo.pulls():
            inert(pull.body)
            # A title is plain text, and the message of the commit that a squash makes.
            assert not CALLS.search(pull.title)
            assert not CLOSES.search(pull.title)
        for run in production.hosted.ran[self.ran :]:
            _orders_nothing(run)
            inert(run.summary)
        jobs = list(production.room.folder.glob("job-*"))
        for job in jobs:
            _gives_nothing_else(job)
        self._keeps_secrets()
        for job in jobs:
            shutil.rmtree(job)

    def _others(self) -> dict[str, str]:
        refs = self.production.room.repo.refs().items()
        return {ref: sha for ref, sha in refs if not ref.startswith("refs/allclear/")}

    def _refs_hold(self, branches: Sequence[str]) -> None:
        repo = self.production.room.repo
        there = self._others()
        assert there.keys() - self.refs.keys() == {f"refs/heads/{name}" for name in branches}
        assert self.refs.items() <= there.items()
        assert all(OUR_REFS.fullmatch(ref) for ref in repo.refs("refs/allclear/"))
        assert repo.files() == self.files
        commits = repo.state.room(GitObjects).commits
        for name in branches:
            message = commits[there[f"refs/heads/{name}"]].message
            assert not CALLS.search(message)
            assert not CLOSES.search(message)

    def _keeps_secrets(self) -> None:
        for place, text in self._told():
            for name, secret in SECRETS.items():
                assert secret not in text, f"{name} in {place}"
                assert b64encode(secret.encode()).decode() not in text, f"{name} in {place}, encoded"

    def _told(self) -> Iterator[tuple[str, str]]:
        """Everything that people may read."""
        production = self.production
        for comment in production.room.comments:
            yield "a comment", comment.body
        for commit in production.room.repo.state.room(GitObjects).commits.values():
            yield "a record", commit.message
        for run in production.hosted.ran[self.ran :]:
            yield f"the log of {run.step}", run.output
            yield f"the summary of {run.step}", run.summary
        for artifact in production.room.repo.state.room(Artifacts).by_id.values():
            with zipfile.ZipFile(io.BytesIO(artifact.data)) as archive:
                for name in archive.namelist():
                    yield name, archive.read(name).decode(errors="replace")
        for output in production.room.folder.glob("job-*/output-*"):
            yield str(output), output.read_text(encoding="utf-8")


@cache
def inert(text: str) -> None:
    """Markdown that calls nobody, hides nothing but our own first line, and leads nowhere but home."""
    for token in MARKDOWN.parse(OUR_MARKERS.sub("", text)):
        assert token.type != "html_block" or _only_ours(token.content), text
        for child in token.children or ():
            assert child.type != "image", text
            if child.type == "html_inline":
                assert _only_ours(child.content), text
            if child.type == "link_open":
                where = urlsplit(str(child.attrs["href"]))
                assert where.hostname in OUR_HOSTS, text
                assert where.scheme in ("http", "https"), text
            if child.type in ("text", "text_special"):
                assert not CALLS.search(child.content), text


def _only_ours(html: str) -> bool:
    return "<" not in OUR_HTML.sub("", html)


def _orders_nothing(run: StepRun) -> None:
    """No line of the log is a command but our own `::error::`, once; and nothing crashed."""
    lines = run.output.split("\n")
    orders = [line for line in lines if COMMAND.match(line)]
    assert all(line.startswith("::error::") for line in orders), orders
    assert len(orders) <= 1, orders
    assert not any("\r" in line or "\x1b" in line or "\0" in line for line in lines)
    assert run.code in (0, 1)
    assert bool(orders) <= (run.code == 1)
    assert "Traceback" not in run.output


def _gives_nothing_else(job: Path) -> None:
    """The outputs that the job wrote, and no others."""
    for file in job.glob("output-*"):
        for name, value in outputs_of(file.read_text(encoding="utf-8")).items():
            assert name in OUR_OUTPUTS, (name, value)
            assert OUR_OUTPUTS[name].fullmatch(value), (name, value)
