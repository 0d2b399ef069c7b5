"""`GitHub`: one embedded GitHub, its people, its clock, its records and the ways in."""

from __future__ import annotations

import hashlib
import pickle
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Self

from allclear_lab.github.actions import acts as actions_acts
from allclear_lab.github.clock import SimClock
from allclear_lab.github.faults import Faults
from allclear_lab.github.front import Front
from allclear_lab.github.handles import RepositoryHandle
from allclear_lab.github.pulls import acts as pulls_acts
from allclear_lab.github.records import Delivery, RequestRecord
from allclear_lab.github.routing import Actor, GitHubRefusal
from allclear_lab.github.server import Server
from allclear_lab.github.state import (
    ACTIONS_BOT_ID,
    ACTIONS_BOT_LOGIN,
    Account,
    Issue,
    Repository,
    Token,
    World,
)
from allclear_lab.github.transport import API_URL, InProcess
from allclear_lab.github.views import Views

# A workflow's token starts runs only with these.
# https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/trigger-a-workflow
# A run started again is no event of GitHub's (see run_acts.rerun).
_BOT_EVENTS = frozenset({"workflow_dispatch", "repository_dispatch", "rerun"})


@dataclass(frozen=True, slots=True)
class HubSnapshot:
    """Everything `restore` needs, opaque to others."""

    world: bytes
    now: datetime
    deliveries: tuple[Delivery, ...]
    requests: tuple[RequestRecord, ...]
    violations: tuple[str, ...]


class GitHub:
    """A strict GitHub, as a context manager; act inside the `with`, where addresses are known.

    It answers in this process, to clients that are given its `transport`; with `http` it listens on 127.0.0.1
    instead, at `port` (0 is a free one), and there is no transport. `front` answers in place of a strict one.
    `server_url` leads the links meant for people; nothing answers there, unless it is "", which stands for
    the address that it listens on. With ``limits_writes`` one account has 80 writes a
    minute and 500 an hour. Ids and tokens depend on `seed` and the order of acts: who knows the seed knows
    the tokens.
    """

    def __init__(
        self,
        clock: SimClock,
        seed: int = 0,
        server_url: str = "https://github.com",
        *,
        http: bool = False,
        port: int = 0,
        front: Callable[[GitHub], Front] | None = None,
        limits_writes: bool = False,
    ) -> None:
        self.limits_writes = limits_writes
        self.clock = clock
        self.server_url = server_url
        self.deliveries: list[Delivery] = []
        self.requests: list[RequestRecord] = []
        self.violations: list[str] = []
        self.faults = Faults()
        self.world = World(seed)
        self.world.accounts[ACTIONS_BOT_ID] = Account(ACTIONS_BOT_ID, ACTIONS_BOT_LOGIN, "Bot", clock.now())
        self._lock = threading.RLock()
        self._depth = 0
        self._undelivered: list[Delivery] = []
        self._subscribers: list[Callable[[Delivery], None]] = []
        self.front = (front or Front)(self)
        self.transport = None if http else InProcess(self.front, self.violations)
        self._server = Server(self.front, port) if http else None
        self.views = Views(self.world, self.api_url, self.server_url)

    def __enter__(self) -> Self:
        if self._server is not None:
            self._server.start()
            self.server_url = self.server_url or self.api_url
        self.views = Views(self.world, self.api_url, self.server_url)
        return self

    def __exit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.stop()

    @property
    def api_url(self) -> str:
        """Where the REST API answers, without a slash at the end; GraphQL is at /graphql below it."""
        return API_URL if self._server is None else self._server.url

    def now(self) -> datetime:
        """The clock's time."""
        return self.clock.now()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold the world still.

        When the outermost turn ends, subscribers hear of what was delivered, in order, on this thread and
        with the world free, so that they may make requests.
        """
        self._lock.acquire()
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            news = []
            if self._depth == 0:
                news, self._undelivered = self._undelivered, []
            self._lock.release()
        for delivery in news:
            for subscriber in self._subscribers:
                subscriber(delivery)

    # People and places

    def create_user(self, login: str, name: str | None = None) -> Account:
        """A new user, or the bot of an app, whose login ends with "[bot]"; ValueError when the login is taken
        now. A login somebody gave up can be had again.
        """
        return self._create_account(login, "Bot" if login.endswith("[bot]") else "User", name)

    def create_repository(
        self,
        full_name: str,
        *,
        private: bool = False,
        default_branch: str = "main",
        organization: bool = True,
    ) -> RepositoryHandle:
        """A new repository. Its owner is made when there is none of that login."""
        login, _, name = full_name.partition("/")
        with self.turn():
            owner = self.world.account_named(login)
            if owner is None:
                owner = self._create_account(login, "Organization" if organization else "User", None)
            if self.world.repository_named(full_name):
                msg = f"{full_name} exists"
                raise ValueError(msg)
            now = self.now()
            made = Repository(
                id=self.world.next_id("repository"),
                owner_id=owner.id,
                name=name,
                private=private,
                default_branch=default_branch,
                created_at=now,
                updated_at=now,
                pushed_at=now,
            )
            self.world.repositories[made.id] = made
        return RepositoryHandle(self, made.id)

    def add_org_member(
        self, organization: str, user: Account, *, public: bool = False, owner: bool = False
    ) -> None:
        """Make a user a member. Private membership is what outsiders (author_association) do not see."""
        with self.turn():
            where = self._account(organization)
            where.members[user.id] = "public" if public else "private"
            if owner:
                where.owners.add(user.id)

    def rename_user(self, user: Account, login: str) -> None:
        """Give a user another login; the id stays, the old login becomes free."""
        with self.turn():
            holder = self.world.account_named(login)
            if holder is not None and holder.id != user.id:
                msg = f"{login} is taken"
                raise ValueError(msg)
            self.world.accounts[user.id].login = login

    def delete_user(self, user: Account) -> None:
        """Delete an account: what it wrote stays, by a ghost."""
        with self.turn():
            del self.world.accounts[user.id]
            for repository in self.world.repositories.values():
                repository.roles.pop(user.id, None)
                for issue in repository.issues.values():
                    issue.assignee_ids = [one for one in issue.assignee_ids if one != user.id]

    def rename_repository(self, repository: RepositoryHandle, name: str) -> None:
        """Rename; the old name answers 301 (307 for writes) from then on."""
        with self.turn():
            state = repository.state
            self.world.moved_names[self.world.full_name(state).casefold()] = state.id
            state.name = name

    # Tokens

    def actions_token(self, repository: RepositoryHandle, permissions: Mapping[str, str]) -> str:
        """A GITHUB_TOKEN of one repository. Permissions are named as in a workflow or as in the API."""
        grants = {name.replace("-", "_"): level for name, level in permissions.items()}
        grants["metadata"] = "read"
        token = Token(
            "actions", ACTIONS_BOT_ID, repository.id, {k: v for k, v in grants.items() if v != "none"}
        )
        return self._keep_token("ghs", token)

    def personal_token(self, user: Account) -> str:
        """A personal access token with every scope."""
        return self._keep_token("ghp", Token("personal", user.id))

    def revoke_token(self, token: str) -> None:
        """From now on it is answered 401."""
        del self.world.tokens[token]

    # Events

    def deliver(
        self,
        repository: Repository,
        actor: Actor,
        event: str,
        action: str | None,
        *,
        run: int | None = None,
        **parts: Any,
    ) -> Delivery | None:
        """Write down an event with its full payload; none for the acts of a workflow's token."""
        if actor.is_actions and event not in _BOT_EVENTS:
            return None
        payload: dict[str, Any] = {} if action is None else {"action": action}
        payload |= parts
        payload["repository"] = self.views.repository(repository)
        owner = self.world.accounts[repository.owner_id]
        if owner.kind == "Organization":
            payload["organization"] = self.views.organization(owner)
        payload["sender"] = self.views.user(actor.account)
        made = Delivery(
            self.world.next_id("delivery"), event, action, payload, actor.account.login, self.now(), run
        )
        self.deliveries.append(made)
        self._undelivered.append(made)
        return made

    def schedule(
        self, workflow: str, repository: RepositoryHandle | None = None, cron: str = "7-59/10 * * * *"
    ) -> None:
        """GitHub's cron starts `workflow`, a file name; without `repository` there must be only one.

        The actor is who last edited the cron line (platform note C1): here the repository's owner.
        """
        with self.turn():
            known = list(self.world.repositories.values())
            if repository is None and len(known) != 1:
                msg = f"{len(known)} repositories: say which one"
                raise ValueError(msg)
            state = repository.state if repository else known[0]
            actions_acts.schedule(self, state, self.person_actor(state.owner_id), workflow, cron)

    def announce_pull(
        self, repository: Repository, issue: Issue, actor: Actor, action: str, more: Mapping[str, Any]
    ) -> None:
        """Deliver a `pull_request` event for the conversation half of a pull request."""
        pulls_acts.announce(self, repository, issue, actor, action, more)

    def subscribe(self, listener: Callable[[Delivery], None]) -> None:
        """Call `listener` with every delivery from now on, on the thread of the act, after it is done."""
        self._subscribers.append(listener)

    # All state

    def snapshot(self) -> HubSnapshot:
        """A copy of everything: world, clock and records."""
        with self.turn():
            return HubSnapshot(
                pickle.dumps(self.world, pickle.HIGHEST_PROTOCOL),
                self.now(),
                tuple(self.deliveries),
                tuple(self.requests),
                tuple(self.violations),
            )

    def restore(self, snapshot: HubSnapshot) -> None:
        """Go back to a snapshot of this hub. Faults and subscribers stay as they are."""
        with self.turn():
            self.world = pickle.loads(snapshot.world)  # noqa: S301  # our own bytes, never left this process
            self.views = Views(self.world, self.api_url, self.server_url)
            self.clock.set(snapshot.now)
            self.deliveries[:] = snapshot.deliveries
            self.requests[:] = snapshot.requests
            self.violations[:] = snapshot.violations

    def person_actor(self, account_id: int) -> Actor:
        """A user acting in the browser."""
        return Actor(self.world.accounts[account_id])

    def _account(self, login: str) -> Account:
        found = self.world.account_named(login)
        if found is None:
            raise GitHubRefusal(404, f"nobody is called {login}")
        return found

    def _create_account(
        self, login: str, kind: Literal["User", "Bot", "Organization"], name: str | None
    ) -> Account:
        with self.turn():
            if self.world.account_named(login):
                msg = f"{login} is taken"
                raise ValueError(msg)
            made = Account(self.world.next_id("account"), login, kind, self.now(), name)
            self.world.accounts[made.id] = made
            return made

    def _keep_token(self, prefix: str, token: Token) -> str:
        with self.turn():
            drawn = hashlib.sha256(f"{self.world.seed} {self.world.next_id('token')}".encode()).hexdigest()
            text = f"{prefix}_{drawn[:36]}"
            self.world.tokens[text] = token
            return text
