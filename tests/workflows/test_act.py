"""The whole way: a person writes on the embedded GitHub, act runs the workflow, labels and panel change."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from allclear_lab.github.clock import SimClock
from allclear_lab.github.handles import RepositoryHandle
from allclear_lab.github.hub import GitHub
from allclear_lab.github.people.browser_user import BrowserUser
from allclear_lab.github.state import Role
from workflows.documents import FOLDER, NAMES, jobs
from workflows.runner import Run, Runner, copy_checkout, rights

pytestmark = pytest.mark.needs("act")


@pytest.fixture(scope="session")
def runner(tmp_path_factory: pytest.TempPathFactory, tool: Callable[[str], Path]) -> Runner:
    home = tmp_path_factory.mktemp("act")
    return Runner(tool("act"), copy_checkout(home / "checkout"), home)


class Scene:
    """A repository with the workflows in it; `turn` lets Actions run what the last deeds started."""

    def __init__(self, hub: GitHub, runner: Runner) -> None:
        self.hub = hub
        self.runner = runner
        self.repository: RepositoryHandle = hub.create_repository("acme/shop")
        for name in NAMES:
            self.repository.put_file(f".github/workflows/{name}", (FOLDER / name).read_text())
        self.heard = len(hub.deliveries)

    def person(self, login: str, role: Role | None) -> BrowserUser:
        account = self.hub.create_user(login)
        if role is not None:
            self.repository.grant(account, role)
        return self.repository.person(account)

    def run(self, name: str, job: str | None, event: str, payload: object) -> Run:
        """One run, with a token that may do what the file asks for, for that job or for all its jobs."""
        asked = [job] if job else [at for at, _ in jobs(name)]
        # act has one token for a whole run: it may do what any of its jobs may ("write" sorts behind "read").
        granted: dict[str, str] = {}
        for kind, level in (right for at in asked for right in rights(name, at).items()):
            granted[kind] = max(level, granted.get(kind, ""))
        env = {
            "GITHUB_API_URL": self.hub.api_url,
            "GITHUB_GRAPHQL_URL": f"{self.hub.api_url}/graphql",
            "GITHUB_SERVER_URL": self.hub.server_url,
            "GITHUB_REPOSITORY": self.repository.full_name,
            "GITHUB_REPOSITORY_ID": str(self.repository.id),
            "GITHUB_RUN_ID": str(1000 + len(self.hub.requests)),
        }
        token = self.hub.actions_token(self.repository, granted)
        assert isinstance(payload, dict)
        return self.runner.run(name, event, payload, env, token=token, job=job)

    def turn(self, name: str = "respond.yml", job: str | None = "respond") -> Run:
        """Run the workflow for the newest event; what older ones asked for is done with it. The labels that
        an issue is opened with are the opening's.
        """
        new = self.hub.deliveries[self.heard :]
        delivery = [one for one in new if one.payload.get("action") != "labeled" or one.event != "issues"][-1]
        self.heard = len(self.hub.deliveries)
        return self.run(name, job, delivery.event, delivery.payload)


@pytest.fixture
def scene(runner: Runner) -> Iterator[Scene]:
    with GitHub(clock=SimClock(datetime(2026, 11, 21, 14, 2, tzinfo=UTC)), http=True) as hub:
        yield Scene(hub, runner)
        assert hub.violations == []


def panel(scene: Scene, number: int) -> str:
    issue = scene.repository.issue(number)
    (pinned,) = [comment for comment in issue.comments if comment.id == issue.pinned_comment_id]
    assert pinned.author == "github-actions[bot]"
    return pinned.body


def test_a_comment_goes_in_and_labels_and_panel_change(scene: Scene) -> None:
    ann = scene.person("ann", "write")
    number = ann.open_issue(
        "[INCIDENT P1] Checkout fails", "Started: 2026-11-21T14:00:00Z", labels=("incident", "P1")
    )
    opened = scene.turn()
    assert opened.jobs == {"respond": "success"}, opened.output
    assert "P1" in panel(scene, number)
    assert {"incident", "P1", "status:investigating"} <= scene.repository.issue(number).labels

    scene.hub.clock.advance(timedelta(minutes=3))
    ann.comment(number, "/sev P0 nobody can pay")
    answered = scene.turn()
    assert answered.jobs == {"respond": "success"}, answered.output
    labels = scene.repository.issue(number).labels
    assert "P0" in labels
    assert "P1" not in labels
    assert "P0" in panel(scene, number)


def test_an_outsiders_command_changes_nothing(scene: Scene) -> None:
    ann, eve = scene.person("ann", "write"), scene.person("eve", None)
    number = ann.open_issue("[INCIDENT P1] Checkout fails", labels=("incident", "P1"))
    assert scene.turn().code == 0
    before = scene.repository.issue(number).labels
    eve.comment(number, "/sev P3")
    answered = scene.turn()
    assert answered.jobs == {"respond": "success"}, answered.output
    assert scene.repository.issue(number).labels == before


def test_a_comment_on_another_issue_costs_no_request(scene: Scene) -> None:
    ann = scene.person("ann", "write")
    number = ann.open_issue("How do I configure this?", labels=("question",))
    ann.comment(number, "/sev P0")
    seen = len(scene.hub.requests)
    assert scene.turn().jobs == {}
    assert len(scene.hub.requests) == seen
    assert scene.repository.issue(number).comments[-1].author == "ann"


def test_what_a_lost_event_left_undone_the_sweep_does(scene: Scene) -> None:
    ann = scene.person("ann", "write")
    number = ann.open_issue("[INCIDENT P1] Checkout fails", labels=("incident", "P1"))
    scene.hub.clock.advance(timedelta(minutes=11))
    swept = scene.run("sweep.yml", "sweep", "schedule", {"schedule": "7-59/10 * * * *"})
    assert swept.jobs == {"sweep": "success"}, swept.output
    assert "P1" in panel(scene, number)


def test_a_postmortem_by_hand_opens_a_pull_request(scene: Scene) -> None:
    ann = scene.person("ann", "maintain")
    number = ann.open_issue("[INCIDENT P2] Slow search", labels=("incident", "P2"))
    assert scene.turn().code == 0
    ann.dispatch("postmortem.yml", {"issue": str(number)})
    written = scene.turn("postmortem.yml", "postmortem")
    assert written.jobs == {"postmortem": "success"}, written.output
    (pull,) = scene.repository.pulls()
    assert pull.base == "main"
    assert any(name.startswith("reports/incidents/") for name in scene.repository.files(pull.head))


def test_the_close_of_an_incident_hands_it_to_the_postmortem_job(scene: Scene) -> None:
    ann = scene.person("ann", "maintain")
    number = ann.open_issue("[INCIDENT P1] Slow search", labels=("incident", "P2"))
    assert scene.turn().code == 0
    scene.hub.clock.advance(timedelta(hours=1))
    ann.comment(number, '/all-clear --override "the index was rebuilt; nothing else is open"')
    closed = scene.turn(job=None)
    assert closed.jobs == {"respond": "success", "postmortem": "success"}, closed.output
    assert len(scene.repository.pulls()) == 1
