"""Every quickstart of docs/rollback.md, against a deploy system that behaves as its documentation says.

With its states, delays, refusals, other versions, too many requests, and deploys that go through and leave
something as it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from allclear.core.model.operation import Operation
from allclear.core.production.what_runs import SILENT
from production.deploy_systems import Installed, flyctl, heroku, install, kubectl, tsx, vercel
from production.quickstart import quickstart
from production.stage import Production, open_production

SECRETS = {
    "fly": {"FLY_API_TOKEN": "fo1_secret-of-the-app"},
    "heroku": {"HEROKU_API_KEY": "secret-of-the-account"},
    "kubernetes": {"KUBECONFIG_DATA": "apiVersion: v1, kind: Config"},
    "vercel": {
        "VERCEL_TOKEN": "secret-of-the-team",
        "VERCEL_ORG_ID": "team_1a2b3c4d5e",
        "VERCEL_PROJECT_ID": "prj_1a2b3c4d5e",
    },
    "script": {"DATABASE_URL": "postgres://u:p4ss-w0rd@db/x"},
}


@dataclass
class Stage:
    """A production, and the deploy system that it is put back by."""

    production: Production
    system: Installed

    @property
    def now(self) -> str:
        return self.production.room.clock.now().isoformat()

    def later(self, minutes: float = 1) -> str:
        """Time goes by, for the deploy system as well."""
        self.production.room.clock.advance(minutes * 60)
        self.system.change(now=self.now)
        return self.now

    def rolled_back(
        self, line: str = "/rollback web", meanwhile: Callable[[], None] = lambda: None
    ) -> Operation:
        """Asked for in a new incident, approved, executed, told. Something may happen in between."""
        self.production.opens()
        self.production.says("mia", line)
        self.later()
        meanwhile()
        self.production.approve("ann")
        return self.production.operation()

    def asked(self, *words: str) -> list[list[str]]:
        """The calls of the program that begin with these words."""
        return [call for call in self.system.calls if call[: len(words)] == list(words)]


@contextmanager
def stage(
    folder: Path,
    settings: str,
    program: str,
    state: Callable[[str], dict[str, Any]],
    secrets: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Stage]:
    """`state` gets the time at which everything was deployed."""
    bin_ = folder / "bin"
    monkeypatch.setenv("PATH", str(bin_), prepend=":")
    with open_production(folder, services=settings, secrets={"production": secrets}) as production:
        begun = production.room.clock.now().isoformat()
        yield Stage(production, install(folder, program, state(begun)))


# -- Fly.io


RELEASES = [(40, "complete", "A"), (41, "complete", "B"), (42, "complete", "C")]
BOTH = [(42, "C"), (42, "C")]


@pytest.fixture
def fly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    made = lambda now: flyctl.fresh(now, RELEASES, BOTH)  # noqa: E731 - one expression, used once
    with stage(tmp_path, quickstart("Fly.io"), "flyctl", made, SECRETS["fly"], monkeypatch) as found:
        yield found


def images(found: Stage) -> list[str]:
    return [one["image"].rpartition("-")[2] for one in found.system.state["machines"]]


def test_fly_deploys_the_image_again_and_every_machine_has_it(fly: Stage) -> None:
    ended = fly.rolled_back()
    assert (ended.outcome, ended.unverified, ended.before, ended.after) == ("done", "", "v42", "v41")
    assert images(fly) == ["B", "B"]
    assert fly.production.room.incident.status == "monitoring"
    assert len(fly.asked("deploy")) == 1
    # And again: what was left behind is not gone back to.
    assert fly.rolled_back().after == "v40"


FLY_FAILS: dict[str, tuple[dict[str, Any], str, list[str]]] = {
    # superfly/flyctl#4921: the deploy goes through although a machine went back to its old image.
    "partial": ({"deploy": "partial"}, "it went through, but 1 of 2 still run v42", ["B", "C"]),
    "half": ({"deploy": "half"}, "the rollback failed: exit 1: Error: failed to update machine", ["B", "C"]),
    "release command": ({"deploy": "release-command"}, "release command failed", ["C", "C"]),
    "image gone": ({"known": []}, "failed to fetch an image", ["C", "C"]),
    "old version": ({"lacks": ["--image"]}, "Error: unknown flag: --image", ["C", "C"]),
    "too busy": (
        {"busy": 99},
        "its releases could not be listed: exit 1: Error: failed retrieving",
        ["C", "C"],
    ),
    "other app": ({"app": "other"}, 'Could not find App "hotdash-app"', ["C", "C"]),
}


@pytest.mark.parametrize(("change", "said", "there"), FLY_FAILS.values(), ids=FLY_FAILS)
def test_fly_says_why_it_failed(fly: Stage, change: dict[str, Any], said: str, there: list[str]) -> None:
    fly.system.change(**change)
    ended = fly.rolled_back()
    assert ended.outcome == "failed"
    assert said in ended.text
    assert images(fly) == there
    assert fly.production.room.incident.status != "monitoring"


def test_fly_that_is_busy_for_a_moment_is_asked_again(fly: Stage) -> None:
    fly.system.change(busy=2)
    assert fly.rolled_back().outcome == "done"


def test_fly_without_its_secret_says_which(fly: Stage) -> None:
    fly.production.hosted.runner.contexts._secrets["production"] = {}  # type: ignore[index] # nobody set it
    ended = fly.rolled_back()
    assert ended.outcome == "failed"
    assert "FLY_API_TOKEN is empty: set it in the environment production" in ended.text
    assert fly.asked("deploy") == []


def test_fly_goes_back_from_a_deploy_that_failed_half_way(fly: Stage) -> None:
    half = flyctl.fresh(fly.now, [*RELEASES[:2], (42, "failed", "C")], [(42, "C"), (41, "B")])
    fly.system.change(releases=half["releases"], machines=half["machines"])
    ended = fly.rolled_back()
    assert (ended.outcome, ended.before, ended.after) == ("done", "v42", "v41")
    assert images(fly) == ["B", "B"]


def test_fly_that_somebody_deployed_to_meanwhile_is_left_alone(fly: Stage) -> None:
    def deploy() -> None:
        newer = {"Version": 43, "Status": "complete", "ImageRef": flyctl.image("D"), "CreatedAt": fly.now}
        machines = [{"version": 43, "image": flyctl.image("D")}] * 2
        fly.system.change(releases=[*fly.system.state["releases"], newer], machines=machines)

    ended = fly.rolled_back(meanwhile=deploy)
    assert ended.outcome == "refused"
    assert "v43 came at" in ended.text
    assert "ask for it again" in ended.text
    assert images(fly) == ["D", "D"]


def test_fly_that_is_deploying_right_now_takes_a_word(fly: Stage) -> None:
    before = (fly.production.room.clock.now() - timedelta(minutes=3)).isoformat()
    running = {"Version": 43, "Status": "running", "ImageRef": flyctl.image("D"), "CreatedAt": before}
    fly.system.change(releases=[*fly.system.state["releases"], running])
    ended = fly.rolled_back()
    assert ended.outcome == "refused"
    assert "v43 is being deployed right now" in ended.text
    assert fly.rolled_back("/rollback web --while-deploying").outcome == "done"


def test_two_incidents_for_one_outage_go_back_once(fly: Stage) -> None:
    """Both were asked for before either began; both are approved."""
    fly.production.opens()
    fly.production.asks("mia", "/rollback web")
    first = fly.production.room.number
    fly.production.hosted.ignore()  # its run is not created yet: Actions is late
    late = fly.production.operation()
    fly.production.opens(title="[INCIDENT P0] Checkout down")
    fly.production.says("mia", "/rollback web")
    fly.later()
    fly.production.approve("ann")
    assert fly.production.operation().outcome == "done"
    assert images(fly) == ["B", "B"]
    fly.later()
    fly.production.room.number = first
    given = {"operation": late.id, "service": "web", "incident": str(first), "target": ""}
    fly.production.dispatch("mia", "rollback-production.yml", given)
    fly.production.approve("ann")
    ended = fly.production.operation()
    assert ended.outcome == "refused"
    assert "web was changed by rollback-" in ended.text
    assert images(fly) == ["B", "B"]
    assert len(fly.asked("deploy")) == 1


def test_run_workflow_pressed_twice_goes_back_once(fly: Stage) -> None:
    fly.production.opens()
    for _ in range(2):
        fly.production.room.people["mia"].dispatch("rollback-production.yml", {})
    fly.production.run_everything()
    fly.later()
    for run in fly.production.waiting():
        fly.production.room.people["ann"].approve(run)
        fly.production.run_everything()
    assert len(fly.asked("deploy")) == 1
    assert images(fly) == ["B", "B"]


def test_fly_tells_in_a_dry_run_and_changes_nothing(fly: Stage) -> None:
    fly.production.opens()
    fly.production.says("mia", "/rollback web --dry-run")
    ended = fly.production.operation()
    assert ended.outcome == "failed"  # its secret is behind the reviewers of production
    assert "FLY_API_TOKEN is empty" in ended.text
    assert fly.asked("deploy") == []


# -- Heroku


SLUGS = [(40, "succeeded", "Deploy aaaa"), (41, "succeeded", "Deploy bbbb"), (42, "succeeded", "Deploy cccc")]


@pytest.fixture
def herokus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    made = lambda now: heroku.fresh(now, SLUGS)  # noqa: E731 - one expression, used once
    with stage(tmp_path, quickstart("Heroku"), "heroku", made, SECRETS["heroku"], monkeypatch) as found:
        yield found


def current(found: Stage) -> str:
    return str(next(row["description"] for row in found.system.state["releases"] if row["current"]))


@pytest.mark.parametrize("phase", [0, 3])
def test_heroku_makes_a_new_release_of_the_old_one(herokus: Stage, phase: int) -> None:
    herokus.system.change(phase=phase)
    ended = herokus.rolled_back()
    assert (ended.outcome, ended.unverified, ended.before, ended.after) == ("done", "", "v42", "v41")
    assert current(herokus) == "Rollback to v41"
    # v43 repeats v41, and v42 is what was broken.
    assert herokus.rolled_back().after == "v40"


HEROKU_FAILS: dict[str, tuple[dict[str, Any], str, str]] = {
    "release phase fails": (
        {"phase": 2, "ends": "failed"},
        "it went through, but v42 is what runs",
        "Deploy cccc",
    ),
    "release phase does not end": ({"phase": 999}, "it went through, but v42 is what runs", "Deploy cccc"),
    "busy": ({"busy": 99}, "reached the API limit", "Deploy cccc"),
    "other app": ({"app": "other"}, "Couldn't find that app", "Deploy cccc"),
}


@pytest.mark.parametrize(("change", "said", "there"), HEROKU_FAILS.values(), ids=HEROKU_FAILS)
def test_heroku_says_why_it_failed(herokus: Stage, change: dict[str, Any], said: str, there: str) -> None:
    herokus.system.change(**change)
    ended = herokus.rolled_back()
    assert ended.outcome == "failed"
    assert said in ended.text
    assert current(herokus) == there


def test_heroku_whose_config_was_changed_meanwhile_is_left_alone(herokus: Stage) -> None:
    def configure() -> None:
        rows = [row | {"current": False} for row in herokus.system.state["releases"]]
        newer = {"version": 43, "status": "succeeded", "description": "Set FOO config vars", "current": True}
        herokus.system.change(releases=[*rows, newer | {"created_at": herokus.now}])

    ended = herokus.rolled_back(meanwhile=configure)
    assert ended.outcome == "refused"
    assert "v43 came at" in ended.text
    assert herokus.asked("releases:rollback") == []


def test_heroku_that_runs_it_already_is_left_alone(herokus: Stage) -> None:
    assert herokus.rolled_back("/rollback web to v41").outcome == "done"
    ended = herokus.rolled_back("/rollback web to v41")
    assert (ended.outcome, ended.text) == ("refused", "v41 is already running, as v43")
    assert len(herokus.asked("releases:rollback")) == 1


def test_heroku_does_not_go_back_to_a_release_that_failed(herokus: Stage) -> None:
    rows = heroku.fresh(herokus.now, [(39, "failed", "Deploy 9999"), *SLUGS])["releases"]
    herokus.system.change(releases=rows)
    ended = herokus.rolled_back("/rollback web to v39")
    assert (ended.outcome, ended.text) == ("refused", "v39 was never deployed successfully")


# -- Kubernetes


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    made = lambda now: kubectl.fresh(now, [(1, "A"), (2, "B"), (3, "C")])  # noqa: E731 - one expression, used once
    settings = quickstart("Kubernetes")
    with stage(tmp_path, settings, "kubectl", made, SECRETS["kubernetes"], monkeypatch) as found:
        yield found


def template(found: Stage) -> str:
    return str(max(found.system.state["sets"], key=lambda one: one["revision"])["template"])


@pytest.mark.parametrize("lag", [0, 3])
def test_kubernetes_numbers_the_revision_anew_and_its_replica_set_remembers(cluster: Stage, lag: int) -> None:
    def slow() -> None:
        cluster.system.change(lag=lag, before=3)

    ended = cluster.rolled_back(meanwhile=slow)
    assert (ended.outcome, ended.unverified, ended.before, ended.after) == ("done", "", "3", "2")
    assert template(cluster) == "B"
    assert cluster.rolled_back().after == "1"  # not 3, which is the broken one


KUBERNETES_FAILS: dict[str, tuple[dict[str, Any], str, str]] = {
    "paused": ({"paused": True}, "you cannot rollback a paused deployment", "C"),
    "stuck": ({"stuck": True}, "it went through, but rollout failed: exit 1: error: deployment", "B"),
    "busy": ({"busy": 99}, "TooManyRequests", "C"),
    "gone": ({"name": "api"}, "No line of the list of releases matches", "C"),
}


@pytest.mark.parametrize(("change", "said", "there"), KUBERNETES_FAILS.values(), ids=KUBERNETES_FAILS)
def test_kubernetes_says_why_it_failed(cluster: Stage, change: dict[str, Any], said: str, there: str) -> None:
    cluster.system.change(**change)
    ended = cluster.rolled_back()
    assert ended.outcome == "failed"
    assert said in ended.text
    assert template(cluster) == there


def test_kubernetes_that_skips_the_rollback_did_not_do_it(cluster: Stage) -> None:
    """`skipped rollback (current template already matches revision 2)`, with exit code 0."""
    cluster.system.change(sets=kubectl.fresh("", [(1, "A"), (2, "C"), (3, "C")])["sets"])
    ended = cluster.rolled_back()
    assert (ended.outcome, ended.text) == ("failed", "it went through, but 3 is what runs")


def test_kubernetes_where_a_rollout_came_along_is_left_alone(cluster: Stage) -> None:
    def roll_out() -> None:
        cluster.system.change(since=cluster.now)

    ended = cluster.rolled_back(meanwhile=roll_out)
    assert ended.outcome == "refused"
    assert "3 came at" in ended.text
    assert cluster.asked("rollout") == []


# -- Vercel


SITES = [f"https://shop-{word}-acme.vercel.app" for word in ("aaaaaaaaa", "bbbbbbbbb", "ccccccccc")]


def deployed_by_vercel(production: Production) -> None:
    """The deployments that Vercel's GitHub integration records."""
    room = production.room
    client = room.client(room.hub.actions_token(room.repo, {"deployments": "write", "contents": "write"}))
    for number, url in enumerate(SITES):
        room.clock.advance(60)
        sha = room.repo.put_file("site.txt", str(number))
        body = {"ref": sha, "auto_merge": False, "required_contexts": [], "environment": "production"}
        made = client.send("POST", "/repos/acme/shop/deployments", body).data
        said = {"state": "success", "environment_url": url}
        client.send("POST", f"/repos/acme/shop/deployments/{made['id']}/statuses", said)
    production.hosted.ignore()


@pytest.fixture(params=["vercel", "vercel-promote"])
def site(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    settings = quickstart("Vercel", provider=request.param)
    made = lambda _now: vercel.fresh(SITES)  # noqa: E731 - one expression, used once
    with stage(tmp_path, settings, "vercel", made, SECRETS["vercel"], monkeypatch) as found:
        deployed_by_vercel(found.production)
        yield found


def test_vercel_shows_the_old_deployment_under_the_domain(site: Stage) -> None:
    ended = site.rolled_back()
    assert (ended.outcome, ended.unverified) == ("done", "")
    assert site.system.state["current"] == SITES[1]
    assert site.production.room.incident.status == "monitoring"


VERCEL_FAILS: dict[str, tuple[dict[str, Any], str]] = {
    "the domain does not follow": (
        {"remaps": False},
        "it went through, but shop-ccccccccc-acme.vercel.app is what",
    ),
    "the deployment is gone": ({"deployments": SITES[2:]}, "Can't find the deployment"),
    "busy": ({"busy": 99}, "Too many requests"),
}


@pytest.mark.parametrize(("change", "said"), VERCEL_FAILS.values(), ids=VERCEL_FAILS)
def test_vercel_says_why_it_failed(site: Stage, change: dict[str, Any], said: str) -> None:
    site.system.change(**change)
    ended = site.rolled_back()
    assert ended.outcome == "failed"
    assert said in ended.text
    assert site.system.state["current"] == SITES[2]


def test_vercel_whose_program_is_too_old_to_be_asked_is_not_verified(site: Stage) -> None:
    site.system.change(old=True)
    ended = site.rolled_back()
    assert ended.outcome == "done"
    assert "what runs now could not be asked: exit 1: Error: unknown or unexpected option: --format" in (
        ended.unverified
    )
    assert site.system.state["current"] == SITES[1]


def test_vercel_that_somebody_rolled_back_in_its_own_pages_is_left_alone(site: Stage) -> None:
    ended = site.rolled_back(meanwhile=lambda: site.system.change(current=SITES[0]))
    assert ended.outcome == "refused"
    assert "shop-aaaaaaaaa-acme.vercel.app is what runs now" in ended.text
    assert site.system.state["current"] == SITES[0]


def test_vercel_that_builds_anew_what_was_a_preview_has_not_put_that_deployment_back(site: Stage) -> None:
    """It is built once more under another address; an instant rollback refuses it."""
    site.system.change(previews=[SITES[1]], deployments=[SITES[0], SITES[2]])
    ended = site.rolled_back()
    assert ended.outcome == "failed"
    assert re.search(
        "shop-again-bbbbbbbbb-acme.vercel.app is what runs|not eligible for rollback", ended.text
    )


@pytest.mark.parametrize("states", ["pending failure", "in_progress failure", "failure"])
def test_vercel_goes_back_although_a_fix_did_not_build(site: Stage, states: str) -> None:
    """A build that fails leaves the domain where it was: what is to be undone is what ran before."""
    room = site.production.room
    room.clock.advance(60)
    room.repo.deploy(room.repo.put_file("site.txt", "fix"), "production", states)
    site.production.hosted.ignore()
    ended = site.rolled_back(f"/rollback web to {SITES[1]}")
    assert (ended.outcome, ended.text, ended.unverified) == ("done", "", "")
    assert site.system.state["current"] == SITES[1]


def test_vercel_without_a_domain_is_not_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = quickstart("Vercel", values={})
    made = lambda _now: vercel.fresh(SITES)  # noqa: E731 - one expression, used once
    with stage(tmp_path, settings, "vercel", made, SECRETS["vercel"], monkeypatch) as found:
        deployed_by_vercel(found.production)
        ended = found.rolled_back()
        assert (ended.outcome, ended.unverified) == (
            "done",
            "the deploy system cannot be asked what runs now",
        )
        assert found.asked("inspect") == []


def test_vercel_on_the_hobby_plan_goes_back_one_deployment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = lambda _now: vercel.fresh(SITES) | {"hobby": True}  # noqa: E731 - one expression, used once
    settings = quickstart("Vercel")
    with stage(tmp_path, settings, "vercel", made, SECRETS["vercel"], monkeypatch) as found:
        deployed_by_vercel(found.production)
        ended = found.rolled_back(f"/rollback web to {SITES[0]}")
        assert ended.outcome == "failed"
        assert "upgrade to pro" in ended.text


# -- a restore script


BACKUPS = ["2026-03-01T04-00", "2026-03-02T04-00", "2026-03-03T04-00"]


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    settings = quickstart("A restore script")
    made = lambda _now: tsx.fresh(BACKUPS)  # noqa: E731 - one expression, used once
    with stage(tmp_path, settings, "tsx", made, SECRETS["script"], monkeypatch) as found:
        yield found


NAMED = f"/rollback database to {BACKUPS[1]}"


def test_a_restored_backup_is_not_verified_where_the_script_does_not_say_what_runs(database: Stage) -> None:
    ended = database.rolled_back(NAMED)
    assert (ended.outcome, ended.unverified) == ("done", SILENT)
    assert database.system.state["current"] == BACKUPS[1]
    said = database.production.room.panel.body
    assert "**not verified**: the deploy system does not say what runs now" in said


def test_a_script_that_marks_what_runs_is_verified(database: Stage) -> None:
    database.system.change(marks=True, current=BACKUPS[2])
    ended = database.rolled_back(NAMED)
    assert ended.text == ""
    assert (ended.outcome, ended.unverified) == ("done", "")


def test_no_backup_is_chosen_by_itself(database: Stage) -> None:
    database.production.opens()
    said = database.production.says("mia", "/rollback database")
    assert "does not say since when a release is there" in said
    assert database.production.operations() == []
    said = database.production.says("mia", NAMED)
    assert "**Nobody would notice if somebody else changed the service before it begins**" in said


def test_a_backup_that_is_not_there_is_refused(database: Stage) -> None:
    ended = database.rolled_back("/rollback database to 2020-01-01")
    assert ended.outcome == "refused"
    assert database.asked("scripts/migrate.ts", "--env", "PROD", "--rollback") == []


# -- a command of one's own


def test_a_command_that_cannot_be_asked_is_done_and_not_verified_until_somebody_says_so(
    tmp_path: Path,
) -> None:
    with open_production(tmp_path, services=quickstart("Others")) as production:
        script = production.room.root / "ops" / "deploy.sh"
        script.parent.mkdir()
        script.write_text("#!/bin/sh\necho deployed $1\n", encoding="utf-8")
        script.chmod(0o755)
        production.opens()
        production.says("mia", "/rollback web")
        told = production.approve("ann")
        assert "is done, but **not verified**: the deploy system cannot be asked what runs now" in told
        assert production.room.incident.status != "monitoring"
        assert "**not verified**" in production.room.panel.body
        production.says("mia", "/check verification")
        assert "**not verified**" not in production.room.panel.body
