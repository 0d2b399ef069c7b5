"""The repository of an incident that is over, and the job that writes its post-mortem."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from allclear.adapters.github.client import Client
from allclear.adapters.github.reports import Existing, Published, find, publish
from allclear.core.model.snapshot import Repository
from allclear.core.model.structs import replace
from allclear.core.postmortem.document import Written, candidates, write
from allclear.core.record.life import Cleared, Resolved
from allclear.core.record.people import Acknowledged
from allclear_lab.github.clock import SimClock
from allclear_lab.github.handles import RepositoryHandle
from allclear_lab.github.hub import GitHub
from allclear_lab.github.people.browser_user import BrowserUser
from allclear_lab.github.state import Account
from stories import ADA, BOB, HOTDASH, ISSUE_URL, NOON, RENDERER, SETTINGS, UTC_ZONE, Story

PATH = "reports/incidents/2025-10-19-production-down.md"
BRANCH = "allclear/postmortem-42"
PERMISSIONS = {"contents": "write", "pull-requests": "write"}
NAME = "hotdash/app"


def no_sleep(_seconds: float) -> None:
    """The clock does not move by waiting."""


@dataclass
class Desk:
    """The repository, its people, and the job that writes post-mortem 42."""

    hub: GitHub
    repo: RepositoryHandle
    ada: BrowserUser
    bob: BrowserUser
    story: Story
    number: int = 42
    permissions: dict[str, str] = field(default_factory=lambda: dict(PERMISSIONS))

    @property
    def client(self) -> Client:
        token = self.hub.actions_token(self.repo, self.permissions)
        return Client(self.hub.api_url, token, sleep=no_sleep, transport=self.hub.transport)

    @property
    def repository(self) -> Repository:
        return Repository(self.repo.id, NAME, f"https://github.com/{NAME}")

    def writer(self, existing: Existing) -> Callable[[str | None], Written]:
        incident = replace(self.story.incident, number=self.number)

        def again(text: str | None) -> Written:
            return write(
                incident,
                HOTDASH,
                SETTINGS,
                existing=text,
                taken=existing.taken,
                renderer=RENDERER,
                zone=UTC_ZONE,
                repository=NAME,
                issue_url=ISSUE_URL,
                now=NOON,
            )

        return again

    def find(self, client: Client | None = None) -> Existing:
        incident = replace(self.story.incident, number=self.number)
        return find(client or self.client, self.repository, self.number, candidates(incident, NOON), "main")

    def publish(self, meanwhile: Callable[[], object] = lambda: None) -> Published:
        """One run; ``meanwhile`` is what people do between its reading and its writing."""
        client = self.client
        existing = self.find(client)
        again = self.writer(existing)
        made = again(existing.text)
        meanwhile()
        return publish(client, self.repository, "main", existing, made, rewrite=again)

    def text(self, name: str = BRANCH, path: str = PATH) -> str:
        text = self.repo.file(path, name)
        assert text is not None
        return text

    def edit(self, old: str, new: str, name: str = BRANCH) -> None:
        """Bob changes the report in the browser."""
        text = self.text(name)
        assert old in text
        self.bob.push_file(name, PATH, text.replace(old, new))

    def commits(self, name: str = BRANCH) -> int:
        found = self.client.get(f"/repos/{NAME}/commits", {"sha": name, "path": PATH, "per_page": 100}).data
        return len(found)


@contextmanager
def open_desk() -> Iterator[Desk]:
    """An embedded GitHub with the incident over and nothing written yet."""
    with GitHub(clock=SimClock(NOON), seed=1) as hub:
        repo = hub.create_repository(NAME)
        people: dict[str, Account] = {login: hub.create_user(login) for login in ("ada", "bob")}
        repo.grant(people["ada"], "maintain")
        repo.grant(people["bob"], "write")
        repo.put_file("README.md", "HotDash\n")
        story = (
            Story().declare().notify().tell(4, BOB, Acknowledged(by=BOB)).tell(5, ADA, Acknowledged(by=ADA))
        )
        story.tell(30, BOB, Resolved(text="Rolled back")).tell(150, ADA, Cleared(text="Rolled back"))
        yield Desk(hub, repo, repo.person(people["ada"]), repo.person(people["bob"]), story)
        assert hub.violations == []
