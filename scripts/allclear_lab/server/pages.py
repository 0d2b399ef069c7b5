"""What a browser shows of the lab: who is there with which token, issues, pull requests, files, runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import quote, unquote

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from allclear_lab.drill.markup import to_html
from allclear_lab.drill.moments import PANEL, visible
from allclear_lab.drill.script import ScriptPerson
from allclear_lab.github import CommentView, GitHub, GitHubRefusal, IssueView, RepositoryHandle
from allclear_lab.github.handles import PullView

_TEMPLATES = Environment(
    loader=ChoiceLoader([PackageLoader("allclear_lab.server", ""), PackageLoader("allclear_lab.drill", "")]),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class Lab(Protocol):
    """What the pages show of it."""

    @property
    def hub(self) -> GitHub:
        """The embedded GitHub."""
        ...

    @property
    def repository(self) -> RepositoryHandle:
        """Its one repository."""
        ...

    @property
    def people(self) -> Sequence[ScriptPerson]:
        """Who is there."""
        ...

    @property
    def tokens(self) -> Mapping[str, str]:
        """A token of everybody, by login."""
        ...


class LabPages:
    """The pages of one lab, at the places where the links of GitHub's answers lead."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    def html(self, path: str) -> str | None:
        """The page at a path, None where there is none."""
        if path == "/":
            return self._start()
        home = f"/{self._lab.repository.full_name}/"
        if not path.startswith(home):
            return None
        try:
            match path.removeprefix(home).split("/"):
                case ["issues" | "pull", number] if number.isdecimal():
                    return self._issue(int(number))
                case ["blob", ref, *names] if names:
                    return self._file(unquote(ref), unquote("/".join(names)))
                case ["actions", "runs", number, *_] if number.isdecimal():
                    return self._run(int(number))
        except GitHubRefusal:
            return None
        return None

    def summary(self) -> Mapping[str, object]:
        """The start page as data, for tools."""
        lab = self._lab
        people = [
            {
                "login": one.login,
                "name": one.name,
                "role": one.role,
                "titles": list(one.titles),
                "token": lab.tokens[one.login],
            }
            for one in lab.people
        ]
        return {
            "api_url": lab.hub.api_url,
            "graphql_url": f"{lab.hub.api_url}/graphql",
            "repository": lab.repository.full_name,
            "people": people,
        }

    def _start(self) -> str:
        lab = self._lab
        issues = sorted(lab.repository.issues(), key=lambda one: -one.number)
        return self._page(
            "start.html.j2",
            title=lab.repository.full_name,
            people=[
                {"person": one, "titles": ", ".join(one.titles), "token": lab.tokens[one.login]}
                for one in lab.people
            ],
            issues=issues,
            runs=sorted(lab.repository.runs(), key=lambda one: -one.id)[:20],
            now=lab.hub.now(),
        )

    def _issue(self, number: int) -> str:
        seen = self._lab.repository.issue(number)
        pulls = {one.number: one for one in self._lab.repository.pulls()}
        colors = {one.name: one.color for one in self._lab.repository.state.labels.values()}
        panels = [one for one in seen.comments if _ours(one) and one.body.startswith(PANEL)]
        return self._page(
            "issue.html.j2",
            title=f"{seen.title} · #{number}",
            issue=seen,
            pull=pulls.get(number),
            state=_state(seen, pulls.get(number)),
            labels=[{"name": name, "color": colors[name]} for name in sorted(seen.labels)],
            body=self._words(seen.body, trusted=False),
            panels=[self._comment(one) for one in panels],
            comments=[self._comment(one) for one in seen.comments if one not in panels],
        )

    def _comment(self, comment: CommentView) -> dict[str, Any]:
        return {
            "seen": comment,
            "ours": _ours(comment),
            "html": self._words(
                visible(comment.body) if _ours(comment) else comment.body, trusted=_ours(comment)
            ),
            "reactions": " ".join(content for _, content in comment.reactions),
        }

    def _file(self, ref: str, path: str) -> str | None:
        if ref not in self._lab.repository.branches():
            return None
        text = self._lab.repository.file(path, ref)
        return None if text is None else self._page("text.html.j2", title=path, parts=[(ref, text)])

    def _run(self, run_id: int) -> str:
        run = self._lab.repository.run(run_id)
        jobs = [(job.name, job.conclusion or "under way") for job in run.jobs]
        parts = [("state", f"{run.status} {run.conclusion or ''}"), *jobs, *sorted(run.logs.items())]
        return self._page("text.html.j2", title=f"{run.title} · run {run_id}", parts=parts)

    def _words(self, text: str, *, trusted: bool) -> Markup:
        rendered = to_html(text, address=self._address, trusted=trusted)
        return Markup(rendered)  # noqa: S704 - made by our renderer, which lets no foreign tag through

    def _address(self, target: str) -> str:
        """A link leads where it says, but for places of the lab that have no page, such as people's."""
        own = f"{self._lab.hub.server_url}/"
        if target.startswith(own):
            return target if target.removeprefix(own).count("/") > 2 else ""
        return target if target.startswith(("https://", "http://", "#")) else ""

    def _page(self, template: str, **values: Any) -> str:
        lab = self._lab
        home = f"/{quote(lab.repository.full_name)}"
        known = {"api": lab.hub.api_url, "home": home, "repository": lab.repository.full_name}
        return _TEMPLATES.get_template(template).render(**known, **values)


def _ours(comment: CommentView) -> bool:
    return comment.author.endswith("[bot]")


def _state(issue: IssueView, pull: PullView | None) -> str:
    return "merged" if pull is not None and pull.merged else issue.state
