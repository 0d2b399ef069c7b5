from __future__ import annotations

import pytest

from allclear.core.record.audit import Helped
from allclear.core.record.life import SeveritySet, StatusSet
from allclear.core.record.progress import Flagged, Noted, Unflagged
from commands.room import HOTDASH_DATA, Talk, at, runbook
from written import SHIPPED, small
from written import runbook as shipped

RUNBOOKS = sorted(file.stem for file in SHIPPED.glob("*.yml"))
AROUND = [
    "{}!",
    "{},",
    "{}.",
    "`{}`",
    "**{}**",
    "<{}>",
    "({})",
    '"{}"',
    "= {}",
    "-> {}",
    "to {}",
    "is now {}:",
]


@pytest.mark.parametrize(
    "typed", ["/sev P0", "/severity critical", "/SEV0", "/p0", "/Critical", "/sev-0", "/severity p-0"]
)
def test_a_severity_is_set_in_any_of_its_words(talk: Talk, typed: str) -> None:
    talk.says(typed)

    assert talk.incident.severity == "P0"


@pytest.mark.parametrize("name", RUNBOOKS)
@pytest.mark.parametrize("marks", AROUND)
def test_what_stands_around_a_severity_or_a_state_is_no_part_of_it(name: str, marks: str) -> None:
    book = shipped(name)
    for severity in book.severities[:-1]:
        heard = Talk(book.severities[-1].id, book=book).says(f"/sev {marks.format(severity.id)} it is down!")
        assert heard.facts[0] == SeveritySet(to=severity.id, why="it is down!")
    for state in book.states[1:-1]:
        talk = Talk(book.severities[0].id, book=book)
        for typed in (state.id, state.title):
            heard = talk.says(f"/status {marks.format(typed)} it is down!")
            assert heard.facts[0] == StatusSet(to=state.id, text="it is down!")


@pytest.mark.parametrize("name", RUNBOOKS)
@pytest.mark.parametrize("arrow", ["->", "=>", "\u2192", "\u27a1\ufe0f", "to"])
def test_of_two_severities_with_an_arrow_between_them_the_second_counts(name: str, arrow: str) -> None:
    book = shipped(name)
    first, *_, third, last = (one.id for one in book.severities)
    for typed in (f"{last} {arrow} {first}", f"from {last} {arrow} {first}", f"{last} {arrow} **{first}**"):
        heard = Talk(third, book=book).says(f"/sev {typed} - it is down")
        assert heard.facts[0] == SeveritySet(to=first, why="it is down")


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("P0 to high load", "to high load"),
        ("P0 -> the pool", "the pool"),
        ("P0 2 pods are down", "2 pods are down"),
        ("P0 and it gets worse", "and it gets worse"),
        ("SEV 0 half of it", "half of it"),
        ("priority 0 half of it", "half of it"),
        ("critical (all hands) half of it", "(all hands) half of it"),
        ("P0 P0 it is", "P0 it is"),
        ("P0 /", "/"),
    ],
)
def test_what_follows_a_severity_is_the_reason(talk: Talk, typed: str, why: str) -> None:
    assert talk.says(f"/sev {typed}").facts == (SeveritySet(to="P0", why=why),)


@pytest.mark.parametrize(
    "typed",
    [
        *("p.0", "SEV.0", "SEV_0", "#P0", "severity=P0", "P0-critical", "Critical/P0", "P0/critical"),
        *("critical (P0)", "P0 (critical)", "\u2192P0", "->P0", "=>P0", "P1\u2192P0", "P1->P0", "P1=>P0"),
        *("raise to P0", "raised to P0", "raise P0", "up to P0", "up P0", "upgrade to critical"),
        *("bump it to P0", "change to P0", "make it P0", "it's P0", "this is P0", "please P0", "P0 now"),
        *("raise from P1 to P0", "raise P1 to P0", "P1 up to P0", "P1 raised to P0", "P1 now P0"),
        *("up from P2 -> P0", "P0 please", "please now make it P0"),
    ],
)
def test_a_severity_is_set_however_its_change_is_said(talk: Talk, typed: str) -> None:
    (fact,) = talk.says(f"/sev {typed}").facts
    assert isinstance(fact, SeveritySet)
    assert fact.to == "P0"
    assert fact.why in ("", "now", "please")


@pytest.mark.parametrize(
    ("typed", "to", "why"),
    [
        ("down to P3", "P3", ""),
        ("lower to P3 since the EU is back", "P3", "since the EU is back"),
        ("downgrade P2 for now", "P2", "for now"),
        ("P0,checkout is down", "P0", "checkout is down"),
        ("P0\u2014checkout is down", "P0", "checkout is down"),
        ("P0\u2014 checkout is down", "P0", "checkout is down"),
        ("P0 (critical) checkout is down", "P0", "checkout is down"),
        ("P0 (all pods) are down", "P0", "(all pods) are down"),
        ("P0 (critical", "P0", "(critical"),
        ("P0 up the whole night", "P0", "up the whole night"),
        ("P0 now critical for the EU", "P0", "now critical for the EU"),
    ],
)
def test_what_follows_a_change_is_the_reason(talk: Talk, typed: str, to: str, why: str) -> None:
    assert talk.says(f"/sev {typed}").facts == (SeveritySet(to=to, why=why),)


def test_a_direction_is_not_compared_with_a_severity_that_the_changed_runbook_no_longer_has() -> None:
    talk = Talk("P3")
    talk.runbook = small()
    assert talk.says("/sev lower to SEV1").facts == (SeveritySet(to="SEV1"),)


@pytest.mark.parametrize(
    "typed", ["/P-0", "/prio0", "/priority-critical", "/pri-0", "/P0-critical", "/critical-p0"]
)
def test_a_severity_behind_a_slash_is_a_command(talk: Talk, typed: str) -> None:
    talk.says(typed)
    assert talk.incident.severity == "P0"


def test_a_change_to_a_severity_by_its_name_counts_where_it_says_nothing_more(talk: Talk) -> None:
    assert talk.says("/sev P2 to critical").facts == (SeveritySet(to="P0"),)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (
            "P0/P1",
            "Which severity is it, of those in `P0/P1`? This runbook has `P0`, `P1`, `P2`, `P3`. Write one,",
        ),
        ("P2\u2192P0", "Which severity is it, of those in `P2\u2192P0`?"),
        ("P2>P0", "Which severity is it, of those in `P2>P0`?"),
        ("P0<-P2", "Which severity is it, of those in `P0<-P2`?"),
        ("P0-high", "Which severity is it, of those in `P0-high`?"),
        ("P0,P2", "Which severity is it, of those in `P0,P2`?"),
        ("P0 vs P2", "Which severity is it, of those in `P0 vs P2`?"),
        ("P0 (P2)", "Which severity is it, of those in `P0 (P2)`?"),
        ("\u2192P9", "`\u2192P9` is not a severity; this runbook has `P0`,"),
        ("P0-checkout is down", "`P0-checkout` is not a severity;"),
        ("P9,checkout is down", "`P9,checkout` is not a severity;"),
        ("raise", "`raise` is not a severity;"),
        ("raise it a lot", "`raise` is not a severity;"),
        ("up to P0?", "`P0?` is a question, not an order; `/sev P0` sets it."),
        ("raise to P3", "`raise to P3` would lower it, for the severity is `P1`. `/sev P3` sets it"),
        ("down to P0", "`down to P0` would raise it, for the severity is `P1`. `/sev P0` sets it"),
        ("PO", "`PO` is not a severity;"),
        ("+1", "`+1` is not a severity;"),
        ("up", "`up` is not a severity;"),
        ("not P0", "`not` is not a severity;"),
        (
            "P0 or P2",
            "Which severity is it, of those in `P0 or P2`? This runbook has `P0`,",
        ),
        ("P0, P2", "Which severity is it, of those in `P0, P2`?"),
        ("P0 P2 at night", "Which severity is it, of those in `P0 P2 at night`?"),
        ("P0 / sev2", "Which severity is it, of those in `P0 / sev2`?"),
        ("from P0", "Which severity is it, of those in `from P0`?"),
        ("from here to there", "`here` is not a severity;"),
        ("P0?", "`P0?` is a question, not an order; `/sev P0` sets it."),
    ],
)
def test_what_could_be_two_severities_or_none_is_told(talk: Talk, typed: str, said: str) -> None:
    heard = talk.says(f"/sev {typed}")
    assert (heard.code, heard.say[: len(said)]) == ("malformed", said)


def test_raising_says_what_follows_with_clock_times(talk: Talk) -> None:
    heard = talk.says("/sev P0 the database\nis gone too")

    assert heard.say == (
        "The severity is raised from P1 to **P0**.\n"
        "Next: Notice to All hands now (All hands); Escalation to CEO now (CEO, DevOps); Response due at "
        "14:05 UTC (DevOps); Update for team due at 14:15 UTC (Incident Commander, responders)."
    )
    assert heard.facts == (SeveritySet(to="P0", why="the database\nis gone too"),)


def test_lowering_drops_what_was_still_to_come(talk: Talk) -> None:
    heard = talk.says("/sev P3")

    assert heard.say.startswith("The severity is lowered from P1 to **P3**.\n")
    assert "Manager" not in heard.say


def test_the_same_severity_again_changes_nothing(talk: Talk) -> None:
    assert talk.says("/sev P1").facts == (Helped(),)


def test_the_same_severity_answers_the_question_when_it_was_asked() -> None:
    talk = Talk("P2", asked=True)

    assert talk.says("/sev P2").say.startswith("The severity is confirmed: P2.")
    assert talk.incident.severity_asked is False


def test_a_severity_that_the_changed_runbook_no_longer_has_is_left_for_one_of_the_new() -> None:
    talk = Talk("P3")
    talk.runbook = small()

    assert talk.says("/sev SEV1").say.startswith("The severity is changed from P3 to **SEV1**.\n")
    assert talk.incident.severity == "SEV1"


def test_whoever_asks_which_severity_it_is_reads_what_each_means(talk: Talk) -> None:
    heard = talk.says("/sev")
    assert heard.code == "malformed"
    lines = heard.say.splitlines()
    assert lines[0] == "Which severity? This runbook has:"
    assert lines[2] == (
        "- `P1`, High (Urgent): Major feature broken; Significant user impact; Performance degraded. "
        "Measured: Response time P95 from 10 s. "
        "Such as: Approvals drawer broken, Dashboard tiles not loading, P95 \\>10s"
    )
    assert (
        lines[-1].strip()
        == "Usage: `/sev <severity> [why]`, for example `/sev P1 checkout fails for everybody`."
    )


def test_a_severity_without_examples_is_told_by_its_definition() -> None:
    severities = {name: one | {"examples": []} for name, one in HOTDASH_DATA["severities"].items()}
    said = Talk(book=runbook(severities=severities)).says("/sev").say
    assert "- `P3`, Low (Tracking): Cosmetic issues; No user impact\n" in said


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (
            "/sev P7",
            "`P7` is not a severity; this runbook has `P0`, `P1`, `P2`, `P3`. Usage: `/sev <severity>",
        ),
        ("/sev `P1`@all", "`'P1'@all` is not a severity"),
    ],
)
def test_a_severity_nobody_knows_is_refused(talk: Talk, typed: str, said: str) -> None:
    heard = talk.says(typed)

    assert (heard.code, heard.say[: len(said)]) == ("malformed", said)


def test_a_status_moves_forward(talk: Talk) -> None:
    heard = talk.says("/status identified the pool is exhausted")

    assert heard.say == "The status is now **Identified**."
    assert heard.facts == (StatusSet(to="identified", text="the pool is exhausted"),)
    assert talk.incident.reached("identified") == talk.now


def test_monitoring_says_how_long_the_window_is(talk: Talk) -> None:
    assert (
        talk.says("/monitoring").say
        == "The status is now **Verifying**. Extended monitoring runs 1 hour, until 15:01 UTC."
    )
    assert talk.says("/status monitoring").facts == (Helped(),)
    assert (
        talk.says("/status monitoring still quiet").say
        == "The status is still Verifying; your words are in the timeline."
    )


def test_a_severity_without_a_window_has_none_to_announce() -> None:
    assert Talk("P3").says("/status monitoring").say == "The status is now **Verifying**."


def test_going_back_is_allowed_and_says_what_no_longer_counts(talk: Talk) -> None:
    talk.says("/status identified")
    talk.says("/status monitoring")

    heard = talk.says("/investigating it is not fixed")

    assert heard.say == (
        "The status went back from Verifying to **Investigating**. This no longer counts as "
        "reached: identified, mitigated."
    )
    assert talk.incident.reached("mitigated") is None


def test_going_back_to_a_state_that_loses_nothing_only_says_so(talk: Talk) -> None:
    talk.says("/status mitigating")

    assert talk.says("/status identified").say == "The status went back from Fixing to **Identified**."


@pytest.mark.parametrize("typed", ["/status resolved", "/status fixed", "/state done it works"])
def test_only_resolve_resolves(talk: Talk, typed: str) -> None:
    heard = talk.says(typed)

    assert heard.code == "gate"
    assert (
        heard.say
        == "`/status` does not resolve an incident. `/resolve <what fixed it>` does, once its steps are done."
    )
    assert talk.incident.status == "investigating"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("/status", "Which status?"),
        ("/status better", "`better` is not a status;"),
        ("/status in progress", "`in progress` is not a status; this runbook has `investigating`,"),
        ("/status nobody knows what it is", "`nobody` is not a status;"),
        ("/status up", "`up` is not a status;"),
        ("/status monitoring?", "`monitoring?` is not a status;"),
        ("/status monitoring/verifying", "`monitoring/verifying` is not a status;"),
    ],
)
def test_a_status_nobody_knows_is_refused(talk: Talk, typed: str, said: str) -> None:
    assert talk.says(typed).say.startswith(said)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("identfied", "identified"), ("closed", "/all-clear"), ("acknowledged", "/ack"), ("commms", "/comms")],
)
def test_what_is_nearly_a_status_or_rather_a_command_is_told_with_it(
    talk: Talk, typed: str, meant: str
) -> None:
    assert f" Did you mean `{meant}`?" in talk.says(f"/status {typed}").say


@pytest.mark.parametrize("name", RUNBOOKS)
def test_a_state_that_a_runbook_lacks_is_told_with_its_own(name: str) -> None:
    book = shipped(name)
    there = ", ".join(f"`{state.id}`" for state in book.states)
    talk = Talk(book.severities[0].id, book=book)
    for lacking in {"identified", "mitigating", "watching the weather"} - {one.id for one in book.states}:
        heard = talk.says(f"/status {lacking}")
        assert heard.code == "malformed" or heard.facts == (StatusSet(to="monitoring", text="the weather"),)
        assert heard.facts or f"is not a status; this runbook has {there}." in heard.say


def test_a_state_of_several_words_is_found_and_the_rest_is_the_text(talk: Talk) -> None:
    heard = talk.says("/status fix deployed, looks good\nsince noon")
    assert heard.facts == (StatusSet(to="monitoring", text="looks good\nsince noon"),)


def test_several_flags_go_up_at_once_and_what_is_no_flag_is_a_note(talk: Talk) -> None:
    heard = talk.says("/flag security, data loss and customer-data tokens in the log")
    note = Noted(at=at("14:01"), text="tokens in the log")
    raised = tuple(Flagged(flag=flag) for flag in ("security", "data-loss", "customer-data"))
    assert heard.facts == (*raised, note)
    assert "Your words are in the timeline." in heard.say
    assert talk.says("/flag security breach").say == (
        "The flag `security` is raised already. Nothing changes."
    )
    assert talk.says("/flag security again").facts == (Noted(at=at("14:03"), text="again"),)
    heard = talk.says("/unflag security user-facing it was a drill")
    assert heard.facts == (Unflagged(flag="security"), Noted(at=at("14:04"), text="it was a drill"))
    assert heard.say.startswith("The flag `security` is lowered. The flag `user-facing` is not raised.")
    assert talk.says("/unflag security why").say.endswith("not raised. Your words are in the timeline.")


def test_a_flag_goes_up_and_down(talk: Talk) -> None:
    assert talk.says("/flag Security").say == "The flag `security` is raised: Security breach."
    assert talk.says("/flag security").say == "The flag `security` is raised already. Nothing changes."
    assert talk.says("/unflag the **security**.").say == "The flag `security` is lowered."
    assert talk.says("/unflag security").say == "The flag `security` is not raised. Nothing changes."
    assert talk.incident.progress.flags == frozenset()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("/flag", "Which flag? This runbook has `security` (Security breach), `data-loss` (Data loss or"),
        ("/unflag pirates", "`pirates` is not a flag; this runbook has"),
    ],
)
def test_a_flag_nobody_knows_is_refused(talk: Talk, typed: str, said: str) -> None:
    assert talk.says(typed).say.startswith(said)


def test_a_flag_that_a_rule_stands_on_says_what_follows() -> None:
    officer = {"when": {"flag": "security"}, "after": {"P1": "30m"}, "tell": "CEO"}
    talk = Talk(book=runbook(rules={"officer": officer}))

    assert "Notice to CEO at 14:31 UTC (CEO)" in talk.says("/flag security").say
    assert talk.says("/flag data-loss").say == "The flag `data-loss` is raised: Data loss or corruption."
    assert Flagged(flag="data-loss") in [fact for entry in talk.entries for fact in entry.facts]
    assert talk.now == at("14:02")


@pytest.mark.parametrize(
    ("typed", "status", "text"),
    [
        ("investigating \u2192 identified", "identified", ""),
        ("investigating->identified", "identified", ""),
        ("investigating => identified: pool exhausted", "identified", "pool exhausted"),
        ("investigating to identified", "identified", ""),
        ("from investigating to identified, as the logs say", "identified", "as the logs say"),
        ("moved to identified", "identified", ""),
        ("we're going back to identified", "identified", ""),
        ("still investigating, no news", "investigating", "no news"),
        ("identified to be fixed", "identified", "to be fixed"),
        ("identified -> ok so far", "identified", "ok so far"),
        ("set identified", "identified", ""),
    ],
)
def test_of_two_states_the_one_that_it_moves_to_is_set(
    talk: Talk, typed: str, status: str, text: str
) -> None:
    assert talk.says(f"/status {typed}").facts == (StatusSet(to=status, text=text),)


@pytest.mark.parametrize("typed", ["from investigating", "from identified because of the logs"])
def test_a_state_that_it_comes_from_is_not_set(talk: Talk, typed: str) -> None:
    heard = talk.says(f"/status {typed}")

    assert heard.code == "malformed"
    assert "does not say where it goes; this runbook has `investigating`, `identified`" in heard.say


@pytest.mark.parametrize("typed", ["-security", "!security", "security off", "security no longer"])
def test_a_flag_that_is_said_not_to_be_so_is_not_raised(talk: Talk, typed: str) -> None:
    heard = talk.says(f"/flag {typed}")

    assert heard.code == "unclear"
    assert "`/flag security` raises it, and `/unflag security` takes it back." in heard.say
    assert talk.says("/unflag -security").facts == (Helped(),)


def test_what_a_colon_divides_from_a_flag_is_a_note(talk: Talk) -> None:
    facts = talk.says("/flag security: no keys leaked").facts

    assert facts[0] == Flagged(flag="security")
    assert isinstance(facts[1], Noted)
    assert facts[1].text == "no keys leaked"


def test_words_that_only_say_that_it_moves_name_no_state(talk: Talk) -> None:
    heard = talk.says(f"/status {'moved back to ' * 9}")

    assert (heard.code, heard.facts) == ("malformed", ())


def test_a_line_of_many_flags_raises_each_once(talk: Talk) -> None:
    facts = talk.says(f"/flag {'security ' * 300}").facts

    assert [one.flag for one in facts if isinstance(one, Flagged)] == ["security"]
