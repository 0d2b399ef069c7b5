"""What each reference page says besides the keys, and the examples in it."""

from __future__ import annotations

import json
from collections.abc import Mapping

from msgspec import Struct, field
from pydantic import BaseModel

from allclear.adapters.files.reference import parts, reference, schema
from allclear.adapters.files.runbook_examples import BEGINS, EXAMPLES
from allclear.adapters.files.runbook_words import words_everywhere
from allclear.core.language.document import RunbookFile
from allclear.core.model.authored_model import model_of
from allclear.core.policy.settings import Settings

MADE = "This page is made from the code by `allclear reference {name} > docs/{name}.md`; a test holds it."
EDITORS = (
    "An editor with the [YAML language server](https://github.com/redhat-developer/yaml-language-server) "
    "completes keys and marks mistakes when the first line of the file names the schema, by its path from "
    "there or by its address:\n\n```yaml\n# yaml-language-server: $schema={path}/docs/schema/{name}.json\n```"
)


class ReferencePage(Struct, frozen=True):
    """A page about a file that people write. ``up``: from the file's folder to the top of the repository;
    ``partial``: such a file may change another one; ``examples``: by the path of the entry that they show;
    ``ending``: what stands below the keys, in Markdown.
    """

    name: str
    title: str
    intro: str
    model: type[BaseModel]
    up: str
    partial: bool = False
    examples: Mapping[str, str] = field(default_factory=dict)
    ending: str = ""

    @property
    def markdown(self) -> str:
        """The page."""
        told = (self.intro, EDITORS.format(path=self.up, name=self.name), MADE.format(name=self.name))
        page = reference(self.title, "\n\n".join(told), parts(self.model), self.examples)
        return f"{page}\n{self.ending}" if self.ending else page

    @property
    def json_schema(self) -> str:
        """The JSON Schema, as editors read it."""
        found = schema(self.model, self.title, partial=self.partial)
        return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


SETTINGS = ReferencePage(
    name="settings",
    title="Settings",
    intro=(
        "`.github/allclear.yml` says what an owner of the repository chooses. All of it is optional, and an "
        "empty file works. `allclear check` says what is wrong with it, with the line.\n\n"
        "[templates/settings](../templates/settings) has whole examples, one for each shipped runbook: "
        "services, deploy systems, actions, smoke checks and evidence on Fly.io, Vercel, Heroku, Supabase, "
        "Kubernetes and with npm scripts. `allclear init --runbook <name>` begins with one."
    ),
    model=model_of(Settings),
    up="..",
    examples={
        "": """\
runbook: hotdash
zone: Europe/Berlin
people:
  DevOps: [octocat, hubot]
  Manager: [monalisa]
services: [web, api]
hosts: [shop.example.com]
rights: { resolve: maintain }
status_page: https://status.example.com
""",
        "services.<id>": """\
services:
  web:
    provider: fly
    values: { app: shop-web }
    health: ["https://shop.example.com/health"]
    rollback: { approval: second-person, settle: 30s }
    hotfix: { start: production }
hosts: [shop.example.com]
""",
        "services.<id>.smoke": """\
services:
  web:
    smoke:
      - name: cart
        url: https://shop.example.com/api/cart
        expect: { status: ok }
        within: 2s
        retries: 2
hosts: [shop.example.com]
""",
        "services.<id>.commands": """\
services:
  web:
    commands:
      - { name: smoke, title: Smoke tests, run: [npm, run, "test:smoke"], env: [SHOP_TOKEN], timeout: 5m }
    evidence:
      - { name: logs, run: [flyctl, logs, --no-tail, --app, shop-web], env: [FLY_API_TOKEN] }
""",
        "services.<id>.recovery.<id>": """\
runbook: hotdash
services:
  web:
    recovery:
      error-rate: { url: "https://shop.example.com/metrics.json", path: errors.ratio, times: 100 }
      p95: { prometheus: "https://prometheus.example.com", query: "p95_seconds{app='web'}" }
hosts: [shop.example.com, prometheus.example.com]
""",
        "services.<id>.rollback": """\
services:
  web:
    rollback:
      approval: environment
      expires: 1h
      migrations: ["db/migrate/**"]
      after:
        - { name: clear-cache, run: [bin/clear-cache] }
""",
        "services.<id>.hotfix": """\
services:
  web:
    hotfix: { start: production, base: main }
""",
        "services.<id>.deployments": """\
services:
  web:
    deployments: { workflow: deploy-web.yml }
  api:
    deployments: { task: "deploy:api" }
""",
        "providers.<id>": """\
providers:
  ours:
    title: Our deploys
    target_from: payload.version
    pattern: "v[0-9]+"
    values: { host: The machine that runs it }
    env: [DEPLOY_TOKEN]
    rollback: [bin/deploy, "{host}", "{target}"]
    verify:
      - { name: version, run: [bin/version, "{host}", "{target}"] }
""",
        "providers.<id>.list": """\
providers:
  ours:
    title: Our deploys
    targets: provider
    pattern: "v[0-9]+"
    list: { run: [bin/releases], format: lines, pattern: '(?P<release>v[0-9]+) (?P<current>\\*)?' }
    rollback: [bin/deploy, "{target}"]
""",
        "providers.<id>.rerun": """\
providers:
  again:
    title: The deploy workflow, once more
    pattern: "[0-9a-f]{40}"
    rerun: { workflow: deploy.yml }
""",
        "providers.<id>.start": """\
providers:
  dispatched:
    title: The deploy workflow, with a commit
    pattern: "[0-9a-f]{40}"
    start: { workflow: deploy.yml, inputs: { ref: "{target}" } }
""",
        "actions.<id>": """\
actions:
  restart:
    title: Restart the web servers
    service: web
    run: [flyctl, apps, restart, shop-web]
    env: [FLY_API_TOKEN]
    least: write
services: [web]
""",
        "actions.<id>.parameters.<id>": """\
actions:
  scale:
    title: Scale the web servers
    run: [flyctl, scale, count, "{count}", --app, "{app}"]
    env: [FLY_API_TOKEN]
    parameters:
      count: { pattern: "[1-9]" }
      app: { choices: [shop-web, shop-api] }
""",
        "labels": """\
labels:
  incident: outage
  reviews: { in-review: "waits for review" }
  severities: { P0: "severity: critical" }
""",
    },
)
RUNBOOK = ReferencePage(
    name="runbook",
    title="Runbooks",
    intro=(
        "A runbook says what a team promises: who is told and when, what is said, what has to be done. "
        "`name`, `severities` and `chains` are needed; everything else has a default. It stands in "
        "`.github/allclear/runbooks/<name>.yml`, and the settings say which one is in force. "
        "`allclear runbook show NAME` prints it as people read it: the shipped ones stand in "
        "[runbooks](runbooks).\n\n"
        "`extends` takes another runbook and changes it: maps are merged key by key, lists and texts are "
        "replaced, and `none` takes an entry out. Each example below stands in a runbook that begins with\n\n"
        f"```yaml\n{BEGINS}```"
    ),
    model=RunbookFile,
    up="../..",
    partial=True,
    examples=EXAMPLES,
    ending=words_everywhere(),
)
PAGES = {one.name: one for one in (SETTINGS, RUNBOOK)}
