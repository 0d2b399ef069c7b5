"""Who hears of a deadline, and who is only named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

import pytest

from allclear.commands import COMMANDS
from allclear.core.clock.deadlines import due
from allclear.core.conversation.command import Policy
from allclear.core.conversation.notices import Audience, audience, look_for_all, notice
from allclear.core.model.asking import Knowledge
from allclear.core.model.operation import Smoke
from allclear.core.model.people import Access, Person, Rights
from allclear.core.model.snapshot import Snapshot, Wants
from allclear.core.model.structs import replace
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.settings import Settings
from allclear.core.record.facts import Fact
from allclear.core.record.incident import Incident, Team
from allclear.core.record.life import StatusSet
from allclear.core.record.production import OperationAsked, OperationEnded
from allclear.core.record.progress import Flagged
from allclear.core.view.reply import Notice
from core.issue_desk import IssueDesk
from core.production_desk import BAD, GOOD, OP
from planning import driven, nothing_more
from stories import ADA, BOB, HOTDASH, NOON, RENDERER, SETTINGS, Story
from written import small

POLICY = Policy(SETTINGS, HOTDASH, COMMANDS, RENDERER)
INCIDENT = Story().middle().incident
SEEN = IssueDesk().snapshot
THERE = {"mona": Rights.ADMIN, "dave": Rights.WRITE, "eve": Rights.READ, "zoe": Rights.TRIAGE}


def hears(
    titles: Iterable[str],
    people: Mapping[str, tuple[str, ...]] | None = None,
    *,
    incident: Incident = INCIDENT,
    seen: Snapshot = SEEN,
    level: int = 0,
) -> Audience:
    """Whom a notice for these titles reaches; there are only the accounts of THERE."""
    settings = SETTINGS if people is None else Settings(people=dict(people))
    policy = replace(POLICY, settings=settings)

    def look_up(snapshot: Snapshot, wants: Wants) -> Snapshot:
        access = {login: Access(THERE.get(login, Rights.NONE)) for login in wants.logins}
        return replace(snapshot, access={**snapshot.access, **access})

    return driven(audience(titles, incident, policy, Knowledge(seen), level=level), seen, look_up)


def notice_of(deadline: str, story: Story, policy: Policy = POLICY, *, minutes: float = 0) -> Notice:
    """What is said of a deadline that is due so long after the declaration."""
    incident, now = story.incident, NOON + timedelta(minutes=minutes)
    (timer,) = [one for one in due(incident, policy.runbook, now) if one.deadline.id == deadline]
    seen = replace(SEEN, now=now)
    _, spoken = driven(notice(timer, incident, policy, Knowledge(seen)), seen, allowed)
    return spoken


def test_a_level_that_covers_a_lower_one_still_says_what_that_one_asks_for() -> None:
    """The CEO is told once more when nobody acknowledged in time, and the team is asked for its `/ack`: each
    sentence stands once.
    """
    assert notice_of("ceo-2", Story().declare(), minutes=6).text == (
        "P0 incident: Production down. Nobody has acknowledged yet. Please write `/ack`.\n\n"
        "A P0 incident needs a response within 5 minutes."
    )


def test_a_level_that_covers_one_that_says_nothing_else_says_it_once() -> None:
    spoken = notice_of("ceo-2", Story().declare())
    assert spoken.mentions == ("mona", "dave", "eve")
    assert spoken.text == "P0 incident: Production down. Nobody has acknowledged yet. Please write `/ack`."


@pytest.mark.parametrize(
    ("smoke", "told"),
    [
        (None, "is over. If"),
        (GOOD, "is over, and the last smoke run passed. If"),
        (BAD, "is over, and the last smoke run of `web` **failed**. If"),
    ],
)
def test_the_end_of_the_monitoring_says_what_the_smoke_runs_say(smoke: Smoke | None, told: str) -> None:
    story = Story().middle().tell(20, BOB, StatusSet(to="monitoring"))
    if smoke is not None:
        asked = OperationAsked(op=OP, kind="smoke", name="smoke", service="web")
        story.tell(30, BOB, asked).tell(31, None, OperationEnded(op=OP, outcome="done", smoke=smoke))
    text = notice_of("monitoring-over", story, minutes=150).text
    assert text.startswith("The monitoring of 2 hours after the fix ")
    assert told in text


def test_a_broken_text_is_sent_as_it_stands_to_whom_it_is_for() -> None:
    first, *others = HOTDASH.deadlines
    broken = replace(first, text="{{ breif }} @everyone")
    rules = replace(POLICY, runbook=replace(HOTDASH, deadlines=(broken, *others)))
    spoken = notice_of("devops-1", Story(rules.runbook).declare(severity="P1"), rules)
    assert spoken.mentions == ("dave", "eve")
    assert "breif" in spoken.text
    assert "@everyone" not in spoken.text


def allowed(snapshot: Snapshot, wants: Wants) -> Snapshot:
    """Everybody may read."""
    access = {login: Access(Rights.READ) for login in wants.logins}
    return replace(snapshot, access={**snapshot.access, **access})


def test_a_title_without_a_login_is_shown_by_its_name() -> None:
    assert hears(("CEO", "Manager")) == Audience(("mona",), ("Manager",))


def test_where_nobody_stands_behind_any_title_the_first_responder_hears_of_it() -> None:
    heard = hears(("Manager",))
    assert (heard.mentions, heard.names, heard.team) == (("dave", "eve"), ("Manager",), True)
    assert heard.instead == "Nobody who can be notified stands behind Manager, so this goes to DevOps."


@pytest.mark.parametrize(
    ("people", "level", "mentions", "to"),
    [
        ({"Manager": ("dave",), "CEO": ("mona",)}, 0, ("mona",), "this goes to CEO."),
        ({"Manager": ("dave",)}, 0, ("dave",), "this goes to Manager."),
        ({"Manager": ("dave",), "CEO": ("mona",)}, 2, ("dave", "mona"), "with write access"),
        ({"Boss": ("dave", "eve"), "Other": ("zoe", "mona")}, 0, ("dave", "mona"), "with write access"),
        ({"Boss": ("eve",)}, 0, ("ada",), "who opened the issue. Write the logins into `people`"),
        ({}, 3, ("ada",), "who opened the issue"),
    ],
)
def test_what_reaches_nobody_goes_to_the_next_level_then_to_everybody_then_to_the_author(
    people: dict[str, tuple[str, ...]], level: int, mentions: tuple[str, ...], to: str
) -> None:
    heard = hears(("DevOps",), people, level=level)
    assert heard.mentions == mentions
    assert to in heard.instead
    assert heard.team is (mentions != ("ada",))


def test_a_login_that_there_is_no_account_of_is_nobody() -> None:
    heard = hears(("DevOps",), {"DevOps": ("davee",), "Manager": ("dave",)})
    assert (heard.mentions, heard.names) == (("dave",), ())
    assert "stands behind DevOps" in heard.instead
    assert hears(("DevOps",), {"DevOps": ("davee", "eve")}).mentions == ("eve",)


def test_where_github_does_not_say_whether_there_is_an_account_it_is_believed() -> None:
    settings = Settings(people={"DevOps": ("davee",)})
    asked = audience(("DevOps",), INCIDENT, replace(POLICY, settings=settings), Knowledge(SEEN))
    assert driven(asked, SEEN, nothing_more).mentions == ("davee",)


def test_of_very_many_logins_only_so_many_are_asked_about() -> None:
    many = tuple(f"nobody{number}" for number in range(25))
    assert hears(("DevOps",), {"DevOps": many}).mentions == ("ada",)


def test_once_somebody_is_found_nobody_else_is_asked_about() -> None:
    assert hears(("DevOps",), {"DevOps": ("nobody", "dave", "nobody2")}).mentions == ("dave", "nobody2")


def test_who_is_in_the_incident_needs_no_asking() -> None:
    assert hears(("ic", "responders"), {}).mentions == ("ada", "bob")


def test_a_title_that_is_spelt_like_a_role_is_one_until_the_role_is_filled() -> None:
    people = {"Scribe": ("zoe",), "Incident commander": ("zoe",)}
    assert hears(("Scribe",), people).mentions == ("zoe",)
    assert hears(("incident commander",), people).mentions == ("ada",)


@pytest.mark.parametrize(
    ("title", "mentions"), [("@zoe", ("zoe",)), ("Dave", ("Dave",)), ("@not a login", ("dave",))]
)
def test_a_login_may_stand_in_place_of_a_title(title: str, mentions: tuple[str, ...]) -> None:
    people = {"DevOps": ("dave",)}
    assert {login.lower() for login in hears((title,), people).mentions} == {one.lower() for one in mentions}


def test_where_a_bot_opened_the_issue_and_the_settings_name_nobody_it_says_so() -> None:
    bot = Person(id=9, login="sentry[bot]")
    incident = replace(INCIDENT, team=Team(reporter=None))
    for author in (bot, None):
        seen = replace(SEEN, issue=replace(SEEN.issue, author=author))
        heard = hears(("DevOps",), {}, incident=incident, seen=seen)
        assert (heard.mentions, heard.team) == ((), False)
        assert "**nobody was notified**" in heard.instead
    assert hears(("DevOps",), {}, incident=incident).mentions == (ADA.login,)


def test_a_drill_notifies_nobody_and_names_them_all() -> None:
    drill = replace(INCIDENT, kind="drill")
    heard = hears(("CEO", "Manager", "ic"), incident=drill)
    assert heard == Audience((), ("Manager", "mona", "ada"))


LEVELS = {"SEV1": {"response": "next office day", "escalate": "5m"}, "SEV2": {"response": "5m"}}
OFFICE = {"office": {"days": "mon-fri", "hours": "09:00-17:00"}}


def texts(book: Runbook, *more: Fact, minutes: float = 0, severity: str = "SEV1") -> dict[str, str]:
    """What is due then, by the titles of the notices."""
    story = Story(book).declare(severity=severity)
    if more:
        story.tell(1, ADA, *more)
    snapshot = replace(IssueDesk().snapshot, now=NOON + timedelta(minutes=minutes))
    known = Knowledge(snapshot)
    policy = Policy(SETTINGS, book, COMMANDS, RENDERER)
    told = {}
    for timer in due(story.incident, book, snapshot.now):
        _, spoken = driven(notice(timer, story.incident, policy, known), snapshot)
        told[spoken.title] = spoken.text
    return told


def test_what_several_levels_say_alike_is_said_once() -> None:
    book = small(severities=LEVELS, calendars=OFFICE, chains={"on-call": ["On-call", "Lead", "CTO", "CEO"]})
    assert texts(book, minutes=30)["Escalation to CEO"].count("Nobody has acknowledged yet") == 1


@pytest.mark.parametrize(
    ("response", "said"),
    [
        ("next office day", "needs a response by the end of the next office day."),
        ("next office day 10:00", "needs a response by 10:00 on the next office day."),
        ("2 office days", "needs a response within 2 office days."),
        ("next office", "needs a response by the next office."),
        ("15m", "needs a response within 15 minutes."),
    ],
)
def test_a_limit_is_said_as_people_say_it(response: str, said: str) -> None:
    book = small(severities={"SEV1": {"response": response}}, calendars=OFFICE)
    assert any(said in text for text in texts(book, minutes=60 * 24 * 5).values())


def test_004_12_a_rule_tells_of_the_flag_that_was_raised() -> None:
    rules = {"loud": {"when": {"flag": ["security", "data-loss"]}, "tell": ["CTO"]}}
    book = small(rules=rules)
    told = texts(book, Flagged(flag="security"), minutes=1)
    assert told["Notice to CTO"].startswith("Security breach. SEV1 incident: ")


def test_who_hears_of_it_in_the_same_breath_is_not_reminded_of_it() -> None:
    book = small(
        rules={"late": {"after": "response", "tell": ["CTO"]}}, chains={"on-call": ["On-call", "CTO"]}
    )
    story = Story(book).declare(severity="SEV1")
    found = {one.deadline.id: one.to for one in due(story.incident, book, NOON + timedelta(minutes=5))}
    assert found["late"] == ("CTO",)


PEOPLE = Settings(
    people={"DevOps": ("ann", "ben"), "Manager": ("cay",), "CEO": ("dan", "eli"), "CTO": ("Ann",)}
)


def looked_for(
    *titles: str, incident: Incident = INCIDENT, seen: Snapshot = SEEN, settings: Settings = PEOPLE
) -> frozenset[str]:
    """Whom GitHub is asked about at once, for a notice to each of these titles."""
    asked: list[Wants] = []

    def look_up(snapshot: Snapshot, wants: Wants) -> Snapshot:
        asked.append(wants)
        return nothing_more(snapshot, wants)

    policy = replace(POLICY, settings=settings)
    driven(look_for_all([[one] for one in titles], incident, policy, Knowledge(seen)), seen, look_up)
    assert len(asked) <= 1
    return asked[0].assignable if asked else frozenset()


def test_of_several_notices_everybody_behind_them_is_asked_about_at_once() -> None:
    assert looked_for("DevOps", "Manager") == {"ann", "ben", "cay"}


def test_one_person_is_asked_about_alone() -> None:
    assert (
        looked_for("Manager") == looked_for("Manager", "nobody") == looked_for("DevOps", "CTO") == frozenset()
    )


def test_nobody_is_asked_about_of_whom_something_is_known_or_in_a_drill() -> None:
    known = replace(SEEN, access={"ann": Access(Rights.READ)})
    assert looked_for("DevOps", "Manager", seen=known) == frozenset()
    assert looked_for("DevOps", "Manager", seen=replace(SEEN, assignable={"ben": True})) == frozenset()
    there = replace(INCIDENT, team=replace(INCIDENT.team, responders=(Person(id=9, login="cay"),)))
    assert looked_for("DevOps", "Manager", incident=there) == frozenset()
    assert looked_for("DevOps", "Manager", incident=replace(INCIDENT, kind="drill")) == frozenset()


def test_of_a_long_list_the_first_of_every_notice_is_asked_about() -> None:
    many = Settings(people={"DevOps": tuple(f"dev{n}" for n in range(30)), "Manager": ("cay",)})
    wanted = looked_for("DevOps", "Manager", settings=many)
    assert len(wanted) == 20
    assert {"dev0", "cay"} <= wanted


@pytest.mark.parametrize("there", [True, False])
def test_who_is_known_to_be_reached_needs_no_question(there: bool) -> None:
    asked: list[Wants] = []

    def look_up(snapshot: Snapshot, wants: Wants) -> Snapshot:
        asked.append(wants)
        return nothing_more(snapshot, wants)

    seen = replace(SEEN, assignable={"ann": False, "ben": there})
    policy = replace(POLICY, settings=PEOPLE)
    found = driven(audience(["DevOps"], INCIDENT, policy, Knowledge(seen)), seen, look_up)
    assert found.mentions == ("ann", "ben")
    assert bool(asked) is not there
