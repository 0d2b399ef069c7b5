"""The shipped example settings in a repository, with a stand-in for every program and site that they name.

    with open_shipped(tmp_path, "sev", monkeypatch) as shipped:
        shipped.declares()                                 # an incident of the gravest severity
        shipped.runs("/run cache-clear-all")               # asked for, approved, executed: the operation
        shipped.programs["npm"].state["ran"]               # what it came to

The files are used as they are. Two things are put in: the people of the room for the example logins, and the
address of the stand-in site for the hosts that smoke checks may talk to.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from allclear.adapters.files.settings import read_settings
from allclear.core.model.operation import Operation, OperationKind, SmokeLine
from allclear.core.policy.settings import Settings
from allclear_lab.github.actions.artifacts import Artifacts
from conversations.room import ROOT
from production.deploy_systems import (
    Installed,
    curl,
    flyctl,
    heroku,
    install,
    kubectl,
    npm,
    psql,
    sentry_cli,
    stripe,
    tsx,
    vercel,
)
from production.site import Site
from production.stage import REVIEWERS, Production, open_production

FOLDER = ROOT / "templates" / "settings"
NAMES = sorted(file.stem for file in FOLDER.glob("*.yml"))
LOGINS = {"octocat": "bob", "hubot": "mia", "monalisa": "ann"}
GRAVEST = {"sev": "SEV1", "dirt-free-crm": "SEV1", "pagerduty": "SEV1"}
READS, WRITES = "FlyV1 fm2_reads", "FlyV1 fm2_deploys"
SECRETS = {
    "DATABASE_URL": psql.URL,
    "DEPLOY_TOKEN": "secret-of-the-scripts",
    "FLY_API_TOKEN": WRITES,
    "HEROKU_API_KEY": "secret-of-the-account",
    "KUBECONFIG_DATA": "apiVersion: v1, kind: Config",
    "POSTHOG_PERSONAL_API_KEY": "phx_secret-of-the-project",
    "SENTRY_AUTH_TOKEN": "sntrys_secret-of-the-organization",
    "STRIPE_API_KEY": "rk_live_secret-of-the-shop",
    "SUPABASE_ACCESS_TOKEN": "sbp_secret-of-the-database",
    "VERCEL_ORG_ID": "team_1a2b3c4d5e",
    "VERCEL_PROJECT_ID": "prj_1a2b3c4d5e",
    "VERCEL_TOKEN": "secret-of-the-team",
}
BACKUPS = ["2026-03-01T04-00", "2026-03-02T04-00", "2026-03-03T04-00"]
SITES = [f"https://shop-{word}-acme.vercel.app" for word in ("aaaaaaaaa", "bbbbbbbbb", "ccccccccc")]
SCRIPTS = (
    "test:smoke monitor:errors monitor:users:affected monitor:revenue:impact logs:errors logs:service "
    "logs:search metrics:system metrics:database metrics:api:latency logs:archive metrics:snapshot "
    "db:snapshot "
    "health:check:full cache:clear:all circuits:reset db:verify:integrity monitor:enhanced "
    "deploy:prepare-rollback db:pool:resize db:connections:kill-idle restart:rolling scale:memory "
    "feature:disable config:set"
)
"""Those of the written runbooks, and no other."""
ANSWERS: dict[str, tuple[int, Any]] = {
    "/": (200, {}),
    "/health": (200, {"status": "ok"}),
    "/api/health": (200, {"status": "ok", "database": "ok"}),
    "/api/cart": (200, {"status": "ok"}),
}
HEALTH_CHECK = "scripts/monitoring/health-check.sh"


def text_of(name: str) -> str:
    """The file of these settings."""
    return (FOLDER / f"{name}.yml").read_text(encoding="utf-8")


def lay_out(name: str, root: Path) -> None:
    """What the settings expect of a repository, in the folder ``root``."""
    (root / "scripts" / "monitoring").mkdir(parents=True, exist_ok=True)
    script = root / HEALTH_CHECK
    script.write_text("#!/bin/sh\necho 'All systems operational'\n", encoding="utf-8")
    script.chmod(0o755)
    (root / "scripts" / "migrate.ts").write_text("// restores a backup\n", encoding="utf-8")
    (root / ".github" / "allclear.yml").write_text(text_of(name), encoding="utf-8")


@dataclass
class Shipped:
    """A production by these settings."""

    name: str
    production: Production
    programs: Mapping[str, Installed]
    site: Site

    @property
    def settings(self) -> Settings:
        return read_settings(self.production.room.root)

    @property
    def now(self) -> str:
        return self.production.room.clock.now().isoformat()

    def declares(self) -> None:
        """An incident of the gravest severity."""
        severity = GRAVEST.get(self.name, "P0")
        room = self.production.room
        room.clock.advance(120)
        room.number = room.people["ann"].open_issue(f"[INCIDENT {severity}] Down", "", ("incident", severity))
        self.production.run_everything()

    def runs(self, line: str) -> Operation:
        """An action, asked for in a new incident, and approved where it needs that."""
        self.declares()
        return self.asks(line, "action")

    def rolls_back(self, line: str) -> Operation:
        """A rollback, asked for in a new incident, and approved."""
        self.declares()
        return self.asks(line, "rollback")

    def asks(self, line: str, kind: OperationKind) -> Operation:
        """It is typed, and approved where it needs that."""
        before = len(self.production.operations(kind))
        said = self.production.says("mia", line)
        assert len(self.production.operations(kind)) == before + 1, said
        for program in self.programs.values():  # time went by for the deploy systems as well
            if "now" in program.state:
                program.change(now=self.now)
        if self.production.waiting():
            self.production.approve("ann")
        return self.production.operation(kind)

    def looks(self, service: str) -> dict[str, SmokeLine]:
        """A smoke run in a new incident: its lines by name."""
        self.declares()
        self.production.says("bob", f"/smoke {service}")
        ended = self.production.operation("smoke")
        assert ended.smoke is not None, ended.text
        return {line.name: line for line in ended.smoke.lines}

    def collects(self, service: str) -> tuple[Operation, dict[str, str]]:
        """The evidence of a new incident, and what each command printed, by its name."""
        self.production.room.repo.state.private = True
        self.declares()
        self.production.says("bob", f"/evidence {service}")
        found = self.production.room.repo.state.room(Artifacts).by_id.values()
        (artifact,) = [one for one in found if one.name.startswith("evidence-")]
        with zipfile.ZipFile(io.BytesIO(artifact.data)) as archive:
            texts = {one: archive.read(one).decode() for one in archive.namelist() if "11-commands/" in one}
        printed = {re.sub(rf".*/\d+-{service}-|\.txt$", "", one): text for one, text in texts.items()}
        return self.production.operation("evidence"), printed


def _states(now: str) -> dict[str, dict[str, Any]]:
    """Every program, as it is when the incident begins."""
    releases = [(40, "complete", "A"), (41, "complete", "B"), (42, "complete", "C")]
    apps = {"others": ["hotdash-agent-service", "hotdash-llamaindex-mcp"]}
    slugs = [(40, "succeeded", "Deploy aaaa"), (41, "succeeded", "Deploy bbbb")]
    addons = {"postgresql-curved-12345": "heroku-postgresql:standard-0"}
    return {
        "curl": curl.fresh(WRITES),
        "flyctl": flyctl.fresh(now, releases, [(42, "C"), (42, "C")]) | apps,
        "heroku": heroku.fresh(now, slugs) | {"app": "habit-tracker", "addons": addons},
        "kubectl": kubectl.fresh(now, [(1, "A"), (2, "B"), (3, "C")]),
        "npm": npm.fresh(SCRIPTS.split()),
        "psql": psql.fresh(),
        "sentry-cli": sentry_cli.fresh("habit-tracker/habit-tracker"),
        "stripe": stripe.fresh(),
        "tsx": tsx.fresh(BACKUPS),
        "vercel": vercel.fresh(SITES),
    }


def _local(text: str, address: str) -> str:
    """These settings for the room: its people, and the stand-in site."""
    for example, login in LOGINS.items():
        text = re.sub(rf"\b{example}\b", login, text)
    listed = re.search(r"^hosts: \[(.*?)\].*$", text, re.MULTILINE)
    for host in listed[1].split(", ") if listed else ():
        text = text.replace(f"https://{host}/", f"http://{address}/")
    return re.sub(r"^hosts: .*$", f'private_hosts: ["{address}"]', text, flags=re.MULTILINE)


@contextmanager
def open_shipped(folder: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shipped]:
    """A production by the settings ``name``, everything well, and v42 or the like running."""
    monkeypatch.setenv("PATH", str(folder / "bin"), prepend=":")
    secrets = {
        "production": SECRETS,
        "production-database": SECRETS,
        "monitoring": SECRETS | {"FLY_API_TOKEN": READS},
    }
    with Site(ANSWERS) as site, open_production(folder, services="", secrets=secrets) as production:
        room = production.room
        lay_out(name, room.root)
        settings = room.root / ".github" / "allclear.yml"
        settings.write_text(_local(text_of(name), site.address), encoding="utf-8")
        room.repo.environment("production-database", [room.account(login) for login in REVIEWERS])
        room.repo.environment("monitoring")
        states = _states(room.clock.now().isoformat())
        programs = {program: install(folder, program, state) for program, state in states.items()}
        programs["curl"].change(
            authorization=READS if name == "hotdash" else "Bearer phx_secret-of-the-project"
        )
        yield Shipped(name, production, programs, site)
