"""The repository of a script before its first step: its people, workflow files, labels, production."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from allclear import app
from allclear.adapters.files.settings import SETTINGS, Loaded, load_policy
from allclear.core.model.times import utc
from allclear.core.view.labels import Labels
from allclear_lab.drill.actions import People
from allclear_lab.drill.observer import Observer
from allclear_lab.drill.production_server import ProductionServer, Version
from allclear_lab.drill.script import Script
from allclear_lab.github import GitHub
from allclear_lab.github.issues.label_acts import make_label
from allclear_lab.runner.job_runner import Door, RunnerSetup
from allclear_lab.runner.workflow_runner import FOLDER, WorkflowRunner
from allclear_lab.runner.workflows import opens_a_door

DOORS: Mapping[str, Door] = {
    "respond": app.respond,
    "sweep": app.sweep,
    "postmortem": app.postmortem,
    "hotfix": app.hotfix,
    "review": app.review,
    "rollback": app.rollback,
    "smoke": app.smoke,
    "evidence": app.evidence,
}
"""The product's own entry points, by the names of their scripts."""


@dataclass(frozen=True, slots=True)
class ProductFiles:
    """What is needed of the product: its entry points by name (respond, sweep, postmortem), the folder with
    its texts and runbooks, that with its workflow files, and the action that they use.
    """

    doors: Mapping[str, Door]
    templates: Path
    workflows: Path
    action: Path


class ScriptedRepository:
    """A script's repository in an embedded GitHub that answers already, and its runner, set up by ``setup``,
    whose checkout is made here. Production runs until ``stack`` ends. Every time of the script is moved by
    ``shift``.
    """

    def __init__(
        self,
        script: Script,
        product: ProductFiles,
        hub: GitHub,
        setup: RunnerSetup,
        stack: ExitStack,
        *,
        shift: timedelta = timedelta(),
        runbook: str = "",
    ) -> None:
        self._checkout = setup.checkout
        self._script, self._product, self._hub, self._shift = script, product, hub, shift
        if script.production is not None:
            hub.clock.set(utc(script.production.releases[0].at) + shift)
        self.handle = hub.create_repository(script.repository, organization=True)
        self.handle.put_file("README.md", f"# {script.repository}\n")
        for file in sorted(product.workflows.glob("*.yml")):
            text = file.read_text(encoding="utf-8")
            if opens_a_door(text):
                self.handle.put_file(FOLDER + file.name, text)
        self.handle.put_file("action.yml", product.action.read_text(encoding="utf-8"))
        self.observer = Observer(self.handle)
        self.people = People(hub, self.handle, self.observer, script.people)
        self.runner = WorkflowRunner(hub, self.handle, setup)
        self._checkout.mkdir(parents=True)
        address = self._deploy(stack)
        shutil.copytree(self._product.templates, self._checkout / "templates")
        self.policy = self._settle(runbook, address, setup.folder / "begin")
        self._make_labels(Labels(self.policy.runbook, self.policy.settings.labels))
        self.runner.ignore()

    def _deploy(self, stack: ExitStack) -> str:
        """What was deployed before, and the service that runs; its address, "" without one."""
        production = self._script.production
        if production is None:
            return ""
        server = stack.enter_context(ProductionServer(self._checkout))
        for one in production.releases:
            self._hub.clock.set(utc(one.at) + self._shift)
            sha = self.people.push(one)
            self.handle.deploy(sha, production.environment, payload={"version": one.name})
            version = Version(one.name, healthy=one.healthy, errors=one.errors, p95=one.p95)
            # A provider may call a release by its commit or by its name.
            for word in (sha, one.name):
                server.release(word, version)
        self._hub.clock.set(utc(self._script.start) + self._shift)
        self.people.guard(production.environment, production.reviewers)
        return server.address

    def _settle(self, runbook: str, address: str, workspace: Path) -> Loaded:
        """Commit the settings of the script with its people, and read them as a workflow does."""
        titles: dict[str, list[str]] = {}
        for person in self._script.people:
            for title in person.titles:
                titles.setdefault(title, []).append(person.login)
        settings = {"people": titles} | _filled(self._script.settings, address)
        settings |= {"runbook": runbook} if runbook else {}
        text = yaml.safe_dump(settings, allow_unicode=True, sort_keys=False)
        self.runner.runner.checkouts.lay_out(self.handle.put_file(SETTINGS, text), workspace)
        loaded = load_policy(workspace)
        self.handle.state.variables["ALLCLEAR_LABEL"] = loaded.settings.labels.incident
        return loaded

    def _make_labels(self, labels: Labels) -> None:
        """What a repository has before its first incident: forms and `gh` only set labels that exist."""
        wanted = {labels.incident, *(labels.severity(severity) for severity in labels.runbook.severities)}
        with self._hub.turn():
            owner = self._hub.person_actor(self.handle.state.owner_id)
            for label in labels.catalogue():
                if label.name in wanted:
                    more = {"color": label.color, "description": label.description}
                    make_label(self._hub, self.handle.state, owner, label.name, **more)


def _filled(value: Any, address: str) -> Any:
    """Settings with the address of the script's production in them."""
    if isinstance(value, dict):
        return {key: _filled(one, address) for key, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, address) for one in value]
    return value.replace("{production}", address) if isinstance(value, str) else value
