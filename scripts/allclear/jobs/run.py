"""What one run of a workflow works with."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct, field

from allclear.adapters.files.event import Env, SetupError
from allclear.adapters.files.settings import Loaded, load_policy
from allclear.adapters.files.shipped import TEMPLATES, stands_at
from allclear.adapters.files.templates import Templates
from allclear.adapters.files.text_check import with_texts
from allclear.adapters.files.written_file import Earlier
from allclear.adapters.github.at_once import AtOnce, in_turn, together
from allclear.adapters.github.client import Client
from allclear.adapters.github.first_reads import FirstReads
from allclear.adapters.github.versions import versions
from allclear.commands import COMMANDS
from allclear.core.conversation.command import Policy
from allclear.core.model.neutral import plain
from allclear.core.model.operation import OperationKind
from allclear.core.model.snapshot import Issue, PullSeen, Repository
from allclear.core.plan.plan import Plan
from allclear.core.record.incident import Incident
from allclear.core.record.seal import SECRET, Keyring, KeyringError, parse_keys

if TYPE_CHECKING:
    from requests.adapters import BaseAdapter

    from allclear.adapters.github.freeze import PullPage


class Load(Protocol):
    """Reads the settings and the runbook, as ``load_policy`` does."""

    def __call__(self, root: Path, *, last_good: str | None, earlier: Earlier) -> Loaded:
        """Read them."""
        ...


class FreezeState(Struct, frozen=True):
    """An incident that this run decided about, its issue's address, and whether it froze deploys before."""

    incident: Incident
    url: str
    was_frozen: bool


class LocalStep(Struct):
    """What a step works with that runs commands: this machine, and neither a token nor GitHub.

    No Run, and nothing to make one of: what takes a Run cannot be called here. ``env`` holds the secrets that
    the operation names; ``pause`` and ``seconds`` are the clock; ``failed`` makes the step red.
    """

    env: Env
    root: Path
    out: Callable[[str], None]
    pause: Callable[[float], None] = time.sleep
    seconds: Callable[[], float] = time.monotonic
    failed: bool = False


_ESCAPED = {"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"}
"""What the runner reads in the properties of a command."""

TOKENS = ("GITHUB_TOKEN", "GH_TOKEN", "ACTIONS_RUNTIME_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN")
"""Variables that hold a token of GitHub's."""


def start_local(env: Env, sleep: Callable[[float], None] | None, out: Callable[[str], None]) -> LocalStep:
    """What a step without a token works with. Raises SetupError when there is one: then no command may run,
    since every process of this machine could read it.
    """
    held = [name for name in TOKENS if env.get(name)]
    if held:
        raise SetupError(
            f"{' and '.join(held)} is set, but this step runs commands, which must not see a token. "
            "Use the action with `token: false` here"
        )
    return LocalStep(env, root_of(env), out, sleep or time.sleep)


def root_of(env: Env) -> Path:
    """The checkout."""
    return Path(env.get("GITHUB_WORKSPACE") or Path(__file__).parents[3])


class Run(Struct):
    """What one run works with. ``outputs``: issue numbers by the name of the job output that carries them.

    ``policies``: what ``load`` made of the checkout, by the settings it was to fall back on. ``earlier``: the
    versions of broken files, by path.
    ``look_backs``: the plans after which it is to be looked what changed before the start, by issue.
    ``freezes``: the incidents it decided about so far, by number, where the runbook freezes deploys.
    ``recent_pulls``: those that changed last, where it looks at all incidents and has asked once for all;
    ``action_issues``: those of action items, in the same way.
    ``over``: who reported more than an hour's share, by id. ``incident``: it worked on an open incident.
    ``sweeping``: it looks at all incidents, because an event may have been lost.
    ``kinds``: the operations that its job may work on. ``seconds`` is a monotonic clock. ``keys`` sign the
    record; None: it is not signed, or this job is not given them. ``at_once`` makes requests that do not wait
    for each other; ``first_pulls``: the open pull requests that were asked for so.
    """

    env: Env
    client: Client
    repository: Repository
    root: Path
    out: Callable[[str], None]
    outputs: dict[str, list[int]] = field(default_factory=lambda: {"postmortem": [], "hotfix": []})
    freezes: dict[int, FreezeState] = field(default_factory=dict)
    look_backs: dict[int, Plan] = field(default_factory=dict)
    recent_pulls: tuple[PullSeen, ...] | None = None
    action_issues: tuple[Issue, ...] | None = None
    over: set[int] = field(default_factory=set)
    incident: bool = False
    sweeping: bool = False
    crashes: list[Exception] = field(default_factory=list)
    failed: bool = False
    load: Load = load_policy
    policies: dict[str | None, Policy] = field(default_factory=dict)
    earlier: dict[str, tuple[tuple[str, bytes], ...]] = field(default_factory=dict)
    kinds: tuple[OperationKind, ...] = ()
    seconds: Callable[[], float] = time.monotonic
    keys: Keyring | None = None
    at_once: AtOnce = in_turn
    first_pulls: PullPage | None = None

    def _earlier(self, path: str) -> tuple[tuple[str, bytes], ...]:
        """The earlier versions of a broken file of the repository; asked for once a run."""
        if path not in self.earlier:
            self.earlier[path] = tuple(versions(self.client, self.repository, path))
        return self.earlier[path]

    def warn(self, message: str) -> None:
        """Show a warning on the run's page: one line, whatever stands in the message.

        https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
        """
        line = " ".join(message.split()).replace("%", "%25")
        self.out(f"::warning::{line}")

    def annotate(self, path: str, line: int, text: str, *, aloud: bool) -> None:
        """Show a message at a line of a file that the run's pull request changes: a warning, or a notice.

        https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
        """
        said = " ".join(plain(text).split()).replace("%", "%25")
        where = "".join(_ESCAPED.get(sign, sign) for sign in path)
        self.out(f"::{'warning' if aloud else 'notice'} file={where},line={line}::{said}")

    def policy(self, last_good: str | None = None) -> Policy:
        """The settings and the runbook of the checkout, with the commands and the words; read once a run."""
        if last_good not in self.policies:
            loaded = self.load(self.root, last_good=last_good, earlier=self._earlier)
            policy = Policy(
                loaded.settings,
                loaded.runbook,
                COMMANDS,
                Templates(stands_at(self.root, TEMPLATES)),
                loaded.trouble,
                loaded.providers,
                self.keys,
            )
            # For one severity: a run cannot take the time that `allclear check` has.
            self.policies[last_good] = with_texts(self.root, policy, self._earlier, severities=1)
        return self.policies[last_good]


def start(
    env: Env,
    sleep: Callable[[float], None] | None,
    out: Callable[[str], None],
    transport: BaseAdapter | None,
    early: FirstReads | None = None,
    at_once: AtOnce | None = None,
) -> Run:
    """What the environment of a job asks for. ``early``: what it asked GitHub for already. Raises SetupError
    when something is missing in the environment.

    ``at_once``: how requests are made that do not wait for each other; without it, in threads over the
    network, and in turn over a ``transport``, which may take no two at once.
    """
    missing = [name for name in ("GITHUB_TOKEN", "GITHUB_REPOSITORY") if not env.get(name)]
    if missing:
        raise SetupError(f"{' and '.join(missing)} is not set; this script is started by a workflow")
    try:
        keys = parse_keys(env.get(SECRET, ""))
    except KeyringError as error:
        raise SetupError(str(error)) from None
    name = env["GITHUB_REPOSITORY"]
    client = Client(
        env.get("GITHUB_API_URL", "https://api.github.com"),
        env["GITHUB_TOKEN"],
        sleep=sleep or time.sleep,
        transport=transport,
        early=early,
    )
    number = env.get("GITHUB_REPOSITORY_ID", "")
    repo_id = int(number) if number.isdigit() else int(client.get(f"/repos/{name}").data["id"])
    url = f"{env.get('GITHUB_SERVER_URL', 'https://github.com')}/{name}"
    around = at_once or (together if transport is None else in_turn)
    return Run(env, client, Repository(repo_id, name, url), root_of(env), out, keys=keys, at_once=around)
