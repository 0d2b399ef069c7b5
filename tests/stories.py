"""Incidents to look at: entries as they would stand in the replies, told minute by minute."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from allclear.adapters.files.templates import Templates
from allclear.core.model.neutral import Renderer
from allclear.core.model.people import Person
from allclear.core.model.snapshot import Repository
from allclear.core.model.stored import read_values
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.settings import Settings
from allclear.core.record.checkpoint import Checkpoint
from allclear.core.record.entry import Entry, Recorded, genesis
from allclear.core.record.facts import Fact
from allclear.core.record.findings import Found
from allclear.core.record.fold import fold
from allclear.core.record.incident import Incident
from allclear.core.record.ledger import Ledger
from allclear.core.record.life import Declared
from allclear.core.record.people import Acknowledged, RoleSet
from allclear.core.record.progress import Fired, Ticked
from allclear.core.record.state import RecordState
from allclear.core.view.panel import render_panel
from written import runbook

ROOT = Path(__file__).resolve().parent.parent
HOTDASH = runbook("hotdash")
RENDERER = Templates(ROOT / "templates")
UTC_ZONE = ZoneInfo("UTC")
REPOSITORY = Repository(7001, "hotdash/app", "https://github.com/hotdash/app")
ISSUE_URL = "https://github.com/hotdash/app/issues/42"
SETTINGS = Settings(
    people={"CEO": ("mona",), "DevOps": ("dave", "eve")}, status_page="https://status.example.com"
)
NOON = datetime(2025, 10, 19, 14, 5, tzinfo=UTC)
"""When the stories' incidents are declared."""

ADA, BOB, CAT = Person(id=1, login="ada"), Person(id=2, login="bob"), Person(id=3, login="cat")

HOSTILE = "<!-- x --> @everyone @ada #1 GH-2 a/b#3 &commat;ada | `code` *b* ](http://evil) \u202etxt"
"""What an attacker would call a production outage."""


class Story:
    """Entries of issue 42, in their order, chained."""

    def __init__(self, runbook: Runbook = HOTDASH, settings: Settings = SETTINGS) -> None:
        self.runbook = runbook
        self.settings = settings
        self.entries: list[Entry] = []

    def tell(self, minute: float, by: Person | None, *facts: Fact) -> "Story":
        entry = Entry(
            key=f"c{100 + len(self.entries)}.0",
            what=facts[0].t,
            by=by,
            at=NOON + timedelta(minutes=minute),
            facts=facts,
        )
        prev = self.entries[-1].hash if self.entries else genesis(REPOSITORY.id, 42)
        self.entries.append(entry.chained(prev))
        return self

    def declare(self, title: str = "Production down", severity: str = "P0", **more: object) -> "Story":
        said = {"started": NOON - timedelta(minutes=3), "runbook": "hotdash", "runbook_hash": "0" * 12} | more
        return self.tell(0, ADA, read_values(Declared, {"title": title, "severity": severity} | said))

    def notify(self, minute: float = 0) -> "Story":
        fired = Fired(timer="initial-alert/0/0", deadline="Team notified", due=NOON, to=("DevOps",))
        return self.tell(minute, None, fired)

    def middle(self) -> "Story":
        """Declared, acknowledged, a commander, a root cause."""
        self.declare(services=("app", "db")).notify()
        self.tell(4, BOB, Acknowledged(by=BOB)).tell(5, ADA, RoleSet(role="ic", person=ADA))
        found = Found(root_cause="Pool exhausted since\ndeploy 41", evidence="logs", proposed_fix="Roll back")
        return self.tell(10, BOB, found).tell(12, ADA, Ticked(step="status-page"))

    @property
    def incident(self) -> Incident:
        return fold(42, self.entries, self.runbook)

    @property
    def state(self) -> RecordState | None:
        """What a run keeps of it."""
        hashes = tuple(entry.hash for entry in self.entries)
        head = hashes[-1] if hashes else genesis(REPOSITORY.id, 42)
        ledger = Ledger().extended(self.entries)
        return RecordState(self.incident, ledger, head, hashes, len(hashes), self.runbook.hash).bounded()

    @property
    def recorded(self) -> Recorded:
        return Recorded(self.entries[-1].hash, len(self.entries))

    @property
    def checkpoint(self) -> Checkpoint:
        return Checkpoint(self.state, 9001, NOON, 50, '{"runbook":"hotdash"}')

    def panel(
        self,
        *,
        broken: tuple[str, ...] = (),
        trouble: tuple[str, ...] = (),
        waiting: tuple[str, ...] = (),
        renderer: Renderer = RENDERER,
    ) -> str:
        return render_panel(
            self.incident,
            self.runbook,
            self.settings,
            self.checkpoint,
            renderer=renderer,
            zone=UTC_ZONE,
            repository=REPOSITORY,
            issue_url=ISSUE_URL,
            broken=broken,
            trouble=trouble,
            waiting=waiting,
        )
