"""The checklist, and what /resolve, /all-clear and /reopen want to see before they do it."""

from __future__ import annotations

import pytest

from allclear.core.model.operation import Smoke, SmokeLine
from allclear.core.model.people import Rights
from allclear.core.record.audit import Helped
from allclear.core.record.life import Cleared, Reopened, Resolved
from allclear.core.record.postmortem import PostmortemAsked
from allclear.core.record.production import OperationAsked, OperationEnded
from allclear.core.record.progress import Fired, Ticked, Unticked
from commands.room import ALICE, BOB, CLAIRE, HOTDASH_DATA, Talk, runbook

ANYWAY = "Somebody with `maintain` can end"


def told(talk: Talk) -> None:
    """The engine has told the team: item 000-10."""
    talk.add("t:devops-1", Fired(timer="devops-1/0/0", deadline="Alert", due=talk.now, to=("DevOps",)))


def fixed(talk: Talk) -> None:
    """Everything before /resolve is done, the fix has been out since then."""
    told(talk)
    talk.says("/ack")
    talk.says("/finding the pool is exhausted")
    talk.says("/status monitoring")
    talk.says("/check verification")


def resolved(talk: Talk) -> None:
    fixed(talk)
    talk.says("/resolve rolled back")


def watched(talk: Talk) -> None:
    """Resolved, and the window of 000-19 has gone by."""
    resolved(talk)
    talk.later(hours=2)


@pytest.mark.parametrize("word", ["not yet", "if it stays green", "is broken", "404"])
def test_a_doubt_behind_resolve_or_all_clear_announces_nothing(talk: Talk, word: str) -> None:
    fixed(talk)
    heard = talk.says(f"/resolve {word}")
    assert (heard.code, heard.facts) == ("unclear", ())
    talk.says("/resolve rolled back")
    talk.later(hours=2)
    heard = talk.says(f"/all-clear {word}")
    assert (heard.code, heard.facts) == ("unclear", ())


@pytest.mark.parametrize(
    "typed", ["/check verification", "/done verification", "/tick `verification`,", "/CHECK Verification"]
)
def test_a_step_is_ticked_by_its_name(talk: Talk, typed: str) -> None:
    heard = talk.says(typed)

    assert heard.facts == (Ticked(step="verification"),)
    assert heard.say == (
        "Done: Verification completed. The panel and the post-mortem say that a person ticked it by hand, "
        "until the record has it (a `/smoke` run that passes)."
    )
    assert talk.incident.progress.ticks["verification"].by == ALICE


def test_several_steps_at_once_and_those_that_are_done_stay_as_they_are(talk: Talk) -> None:
    talk.says("/check status-page", by=BOB)

    assert talk.says("/check severity status-page, verification").facts == (Ticked(step="verification"),)
    assert talk.says("/check issue status-page").say == (
        "Already done: Incident issue created, Status page updated (if available). Nothing changes."
    )
    assert talk.incident.progress.ticks["status-page"].by == BOB


def test_the_last_tick_says_that_the_way_is_free(talk: Talk) -> None:
    told(talk)
    talk.says("/ack")
    talk.says("/finding the pool")
    talk.says("/status monitoring")

    heard = talk.says("/check verification")
    assert heard.say.startswith("Done: Verification completed. The panel and the post-mortem say")
    assert heard.say.endswith(" Nothing is open before `/resolve` any more.")
    assert talk.says("/check debrief").say == "Done: Team debriefed."


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("/check", "Which step? The checklist has `notified`, `status-page`, `investigation`,"),
        ("/check verification 15", "`15` is not a step of the checklist; it has `notified`,"),
        (f"/check {101 * 'fix '}", "That is more than 100 words; the checklist has `notified`,"),
        ("/uncheck everything", "`everything` is not a step of the checklist;"),
    ],
)
def test_a_step_nobody_knows_is_refused(talk: Talk, typed: str, said: str) -> None:
    heard = talk.says(typed)

    assert (heard.code, heard.say[: len(said)]) == ("malformed", said)


def test_a_tick_can_be_taken_off(talk: Talk) -> None:
    talk.says('/check verification root-cause --override "known"')

    heard = talk.says("/uncheck verification status-page", by=BOB)

    assert heard.facts == (Unticked(step="verification"),)
    assert heard.say == "Open again: Verification completed."
    assert talk.says("/undone verification").say == "Not ticked: Verification completed. Nothing changes."
    assert list(talk.incident.progress.ticks) == ["root-cause"]


def test_what_the_engine_sees_cannot_be_unticked(talk: Talk) -> None:
    talk.says("/check verification")
    heard = talk.says("/uncheck verification issue")

    assert heard.code == "state"
    assert heard.say == (
        "This is verified automatically and cannot be unticked: Incident issue created (`issue`)."
    )
    assert "verification" in talk.incident.progress.ticks


def test_resolve_lists_every_open_step_and_how_to_close_it() -> None:
    heard = Talk("P1", asked=True).says("/resolve")

    assert heard.code == "gate"
    assert heard.say == (
        "This is not resolved yet. 6 things are still open:\n"
        "- Severity assigned: `/sev <severity>`\n"
        "- Team notified: `/check notified`\n"
        "- Investigation started: `/ack`, or `/check investigation`\n"
        "- Root cause identified: `/finding` with the root cause\n"
        "- Fix applied: `/status monitoring` once the fix is applied\n"
        "- Verification completed: a `/smoke` run that passes, or `/check verification`\n\n"
        'Somebody with `maintain` access can end it all the same: `/all-clear --override "why"`.'
    )


@pytest.mark.parametrize(
    ("open_step", "way"),
    [
        ("notified", "/check notified"),
        ("investigation", "/ack"),
        ("root-cause", "/finding the pool"),
        ("fix", "/status monitoring"),
        ("verification", "/check verification"),
    ],
)
def test_each_step_alone_holds_the_resolution_until_it_is_done(talk: Talk, open_step: str, way: str) -> None:
    steps = {"notified", "investigation", "root-cause", "verification"} - {open_step}
    talk.says(f'/check {" ".join(steps)} --override "known"')
    if open_step != "fix":
        talk.says("/status monitoring")

    heard = talk.says("/resolve")
    assert heard.code == "gate"
    assert heard.say.startswith("This is not resolved yet. One thing is still open:\n- ")
    assert (f"`/check {open_step}`" in heard.say) is (open_step not in ("fix", "root-cause"))

    talk.says(way)
    assert talk.says("/resolve").code == ""


def test_a_tick_is_not_offered_for_what_the_gate_itself_waits_for() -> None:
    steps = "notified investigation root-cause verification"
    urgent, minor = Talk("P1"), Talk("P2")
    for talk in (urgent, minor):
        talk.says(f'/check {steps} --override "known"')

    assert "- Fix applied: `/status monitoring` once the fix is applied\n" in urgent.says("/resolve").say
    urgent.says('/check fix --override "done elsewhere"')
    assert (
        "- Not mitigated yet: `/status monitoring` once the fix is applied\n" in urgent.says("/resolve").say
    )

    # A minor incident takes somebody's word that the fix is out.
    assert "once the fix is applied\n" in minor.says("/resolve").say
    minor.says('/check fix --override "done elsewhere"')
    assert minor.says("/resolve").code == ""


def test_resolve_keeps_the_fix_and_says_until_when_to_watch(talk: Talk) -> None:
    fixed(talk)
    heard = talk.says("/resolve rolled back to v41")

    assert heard.facts == (Resolved(text="rolled back to v41"),)
    assert heard.say == (
        "**Resolved.** Extended monitoring goes on until 15:03 UTC. After that, `/all-clear` "
        "ends the incident."
    )
    assert talk.incident.status == "resolved"


@pytest.mark.parametrize(
    "behind",
    [
        *("15:30", "at 15:30", "by 15:30", "3:30 PM", "15:30 UTC, then the deploy is over", "today 15:30"),
        *("1530", "2026-03-02 15:30", "2026-03-03 09:00", "16:00 CET", "22:30"),
    ],
)
def test_a_time_to_come_resolves_nothing(talk: Talk, behind: str) -> None:
    fixed(talk)
    for order in ("/resolve", "/status identified"):
        heard = talk.says(f"{order} {behind}")
        assert (heard.facts, heard.code) == ((), "unclear")
        assert "is still to come, and this counts from the moment it is said." in heard.say
        assert f"Write `{order}` when it is so" in heard.say
    assert talk.incident.reached("resolved") is None


def test_a_time_to_come_ends_nothing(talk: Talk) -> None:
    resolved(talk)
    talk.later(hours=2)
    assert "20:30 UTC is still to come" in talk.says("/all-clear 20:30").say
    assert talk.says("/all-clear").code == ""


@pytest.mark.parametrize(
    "behind",
    [
        *("14:01", "at 14:02", "14:06 the deploy is over", "yesterday 15:30", "02/03 15:30", "now"),
        *("v15.30 is out", "15.30 is out", "3 PM is the peak, and rolled back"),
    ],
)
def test_a_time_that_has_been_resolves(talk: Talk, behind: str) -> None:
    fixed(talk)
    if behind.startswith("3 PM"):
        talk.later(hours=1)
    assert talk.says(f"/resolve {behind}").facts == (Resolved(text=behind),)


def test_resolved_once_is_resolved(talk: Talk) -> None:
    resolved(talk)

    heard = talk.says("/resolved")

    assert heard.facts == (Helped(),)
    assert heard.say == (
        "The incident is resolved already. Extended monitoring goes on until 15:03 UTC. After "
        "that, `/all-clear` ends the incident."
    )
    talk.later(hours=1)
    assert talk.says("/fixed").say == "The incident is resolved already. `/all-clear` ends the incident."


def test_a_resolution_without_a_fix_asks_for_it_and_has_no_window_where_there_is_none() -> None:
    talk = Talk("P3")
    fixed(talk)

    assert talk.says("/resolve").say == (
        "**Resolved.** `/all-clear` ends the incident. "
        "Nobody has written down what fixed it: say it with `/note`, or with the all-clear."
    )


def test_the_all_clear_waits_for_the_resolution_with_its_steps_and_for_the_window(talk: Talk) -> None:
    told(talk)
    heard = talk.says("/all-clear")

    assert heard.code == "gate"
    assert heard.say.startswith(
        "There is no all-clear yet. 6 things are still open:\n"
        "- Investigation started: `/ack`, or `/check investigation`\n"
    )
    assert "- Not resolved yet: `/resolve <what fixed it>`\n" in heard.say
    assert "- Extended monitoring of 1 hour after the fix: `/status monitoring` starts it\n" in heard.say
    assert heard.say.endswith(
        'Somebody with `maintain` access can end it all the same: `/all-clear --override "why"`.'
    )


def test_a_window_that_is_not_over_says_how_long_it_takes(talk: Talk) -> None:
    resolved(talk)
    heard = talk.says("/close")

    assert heard.say.startswith(
        "There is no all-clear yet. One thing is still open:\n"
        "- Extended monitoring (until 15:03 UTC, 57 min left): wait until it is over\n"
    )
    talk.later(minutes=56)
    assert talk.says("/all-clear").code == ""


def test_an_optional_step_holds_nothing(talk: Talk) -> None:
    watched(talk)
    assert "status-page" not in talk.incident.progress.ticks

    heard = talk.says("/all-clear")

    assert heard.facts == (Cleared(), PostmortemAsked())
    assert heard.say == (
        "**All clear.** It took 5 min from start to resolution.\nThe post-mortem follows as a pull request."
    )
    assert talk.incident.stage == "closed"
    assert talk.incident.findings.fix == "rolled back"


def test_a_step_taken_back_holds_the_all_clear_where_its_list_does() -> None:
    lists = HOTDASH_DATA["lists"] | {"closure": {"before": "all-clear", "steps": {"told": "Customers told"}}}
    talk = Talk(book=runbook(lists=lists))
    watched(talk)
    talk.says("/check told")
    talk.says("/uncheck told verification")

    assert talk.says("/all-clear").say.startswith(
        "There is no all-clear yet. One thing is still open:\n- Customers told: `/check told`\n"
    )


def test_a_level_without_a_post_mortem_gets_none_unasked() -> None:
    talk = Talk("P3")
    resolved(talk)
    heard = talk.says("/all-clear")

    assert heard.facts == (Cleared(),)
    assert heard.say.endswith("P3 needs no post-mortem; `/postmortem` writes one.")


def test_a_filled_in_form_of_the_runbook_is_understood(talk: Talk) -> None:
    watched(talk)
    heard = talk.says(
        "/all-clear\nResolved: 2026-03-02T14:05:00Z\nDuration: 5 minutes\nFix: rolled back\n"
        "Verified: all metrics normal"
    )

    assert heard.facts[0] == Cleared(text="rolled back\nVerified: all metrics normal")


def test_words_that_only_look_like_a_form_stay_as_they_are(talk: Talk) -> None:
    fixed(talk)

    assert talk.says("/resolve Resolved: cache flushed").facts == (Resolved(text="Resolved: cache flushed"),)


@pytest.mark.parametrize(
    ("typed", "why", "text"),
    [
        ('--override "false alarm"', "false alarm", ""),
        ("--override 'false alarm'", "false alarm", ""),
        ("--override “false alarm”", "false alarm", ""),
        ("—override „false alarm“", "false alarm", ""),
        ("\u2013override «false alarm»", "false alarm", ""),
        ("--override \u2018false alarm\u2019", "false alarm", ""),
        ("--override 'it's a false alarm' rolled back", "it's a false alarm", "rolled back"),
        ("--OVERRIDE=false alarm", "false alarm", ""),
        ("--override false alarm\nrolled back", "false alarm", "rolled back"),
        ('rolled back --override "false alarm"', "false alarm", "rolled back"),
        ('-override "false alarm"', "false alarm", ""),
        ("\u2014\u2014override \u201cfalse alarm\u201d", "false alarm", ""),
        ('\u2212\u2212override "false alarm"', "false alarm", ""),
        ('\ufe63\ufe63override "false alarm"', "false alarm", ""),
        ('-- override "false alarm"', "false alarm", ""),
        ('override "false alarm"', "false alarm", ""),
        ('override: "false alarm"', "false alarm", ""),
        ('--override: "false alarm"', "false alarm", ""),
        ('--override\u00a0"false alarm"', "false alarm", ""),
        ('\n--override "false alarm"', "false alarm", ""),
        ('\nrolled back\n  override "false alarm"\nthanks', "false alarm", "rolled back\nthanks"),
        ('--override\n"false alarm"', "false alarm", ""),
        ('--override "it\'s a \\"false\\" alarm"', 'it\'s a "false" alarm', ""),
        ('--override "false alarm" rolled back', "false alarm", "rolled back"),
    ],
)
def test_an_override_is_recorded_with_what_was_open(talk: Talk, typed: str, why: str, text: str) -> None:
    heard = talk.says(f"/all-clear {typed}", by=CLAIRE, rights=Rights.MAINTAIN)

    cleared = heard.facts[0]
    assert isinstance(cleared, Cleared)
    assert (cleared.override, cleared.text) == (why, text)
    assert cleared.open_gates == (
        *("notified", "investigation", "root-cause", "fix", "verification", "resolved", "monitoring"),
    )
    assert (
        "The gates were overridden. The record keeps what was open:\n- Team notified: `/check notified`"
        in heard.say
    )
    (given,) = talk.incident.progress.overrides
    assert (given.by, given.reason, given.open_gates) == (CLAIRE, why, cleared.open_gates)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("--override", 'An override needs its reason: `/all-clear --override "why"`.'),
        ('--override ""', "An override needs its reason"),
        ('--override " "', "An override needs its reason"),
        ('--override "false alarm', "The reason of the override has no closing quote."),
        ('--override "false\nalarm"', "The reason of the override has no closing quote."),
        ('--force "false alarm"', '`--force` is not an option here; there is `/all-clear --override "why"`.'),
        ("\u2014force", "`\u2014force` is not an option here;"),
        ("-f", "`-f` is not an option here;"),
        ('--reason "false alarm"', "`--reason` is not an option here;"),
        ('rolled back --overide "false alarm"', "`--overide` is not an option here;"),
    ],
)
def test_an_override_without_a_reason_is_refused(talk: Talk, typed: str, said: str) -> None:
    heard = talk.says(f"/all-clear {typed}", rights=Rights.ADMIN)

    assert (heard.code, heard.say[: len(said)]) == ("malformed", said)
    assert talk.incident.stage == "open"


def test_an_override_takes_maintain(talk: Talk) -> None:
    heard = talk.says('/all-clear --override "false alarm"', rights=Rights.WRITE)

    assert heard.code == "not-allowed"
    assert heard.say == (
        "An override needs `maintain` access, and GitHub says that you have `write`. "
        "Ask somebody who has it, or finish what is open."
    )
    assert talk.incident.stage == "open"


def test_an_override_never_comes_from_an_edited_comment(talk: Talk) -> None:
    heard = talk.says('/all-clear --override "false alarm"', rights=Rights.ADMIN, edited=True)

    assert heard.code == "edited"
    assert heard.say.startswith("This comment was edited. An override has to come from a comment that")
    assert talk.incident.stage == "open"


def test_an_override_that_overrides_nothing_is_not_recorded_as_one(talk: Talk) -> None:
    watched(talk)
    heard = talk.says('/all-clear --override "in a hurry"', rights=Rights.WRITE, edited=True)

    assert heard.facts == (Cleared(), PostmortemAsked())
    assert "Nothing was open, so nothing had to be overridden." in heard.say


def test_the_word_override_in_a_text_is_no_override(talk: Talk) -> None:
    watched(talk)

    assert talk.says("/all-clear the --overridefoo switch").facts[0] == Cleared(
        text="the --overridefoo switch"
    )


@pytest.mark.parametrize(
    "text",
    [
        'we had to override "max_conn"',
        "restarted with --force",
        "rolled back - override was wrong",
        "-5 % of users\nsaw it with --override set",
    ],
)
def test_words_further_on_in_a_text_are_no_options(talk: Talk, text: str) -> None:
    watched(talk)

    assert talk.says(f"/all-clear {text}").facts[0] == Cleared(text=text)


@pytest.mark.parametrize("option", ['--override "done"', "--force", "\u2014override"])
def test_resolve_has_no_options_and_says_who_has(talk: Talk, option: str) -> None:
    fixed(talk)
    heard = talk.says(f"/resolve {option}")

    assert (heard.code, heard.facts) == ("malformed", ())
    assert '`/all-clear --override "why"` ends the incident while something is open' in heard.say


def test_reopening_starts_a_new_interval(talk: Talk) -> None:
    watched(talk)
    talk.says("/all-clear")
    heard = talk.says("/reopen the errors are back")

    assert heard.facts == (Reopened(why="the errors are back"),)
    assert heard.say.startswith(
        "The incident is open again as P1. Its clocks start again, and its status is "
        "investigating.\nNext: Alert now (DevOps); "
    )
    assert (talk.incident.stage, talk.incident.interval, talk.incident.status) == ("open", 1, "investigating")


def test_a_resolved_incident_can_be_reopened_and_an_open_one_cannot(talk: Talk) -> None:
    assert talk.says("/reopen why not").say == "This incident is open, so there is nothing to reopen."
    resolved(talk)
    assert talk.says("/reopen").say.startswith("The text is missing. Usage: `/reopen <why>`")
    assert talk.says("/re-open the errors are back").code == ""


def test_the_post_mortem_of_an_open_incident_is_a_draft(talk: Talk) -> None:
    assert talk.says("/postmortem").say == (
        "The post-mortem is being written. The link to its pull request follows here. "
        "The incident is not resolved yet, so this is a draft."
    )
    resolved(talk)
    assert (
        talk.says("/pm").say == "The post-mortem is being written. The link to its pull request follows here."
    )
    assert talk.incident.postmortem.pending


def test_a_failing_smoke_run_counts_for_more_than_a_word(talk: Talk) -> None:
    bad = Smoke(lines=(SmokeLine(name="health", outcome="fail"),))
    talk.says("/status monitoring")
    talk.add("smoke", OperationAsked(op="smoke-000001", kind="smoke", service="web"))
    talk.add("smoke", OperationEnded(op="smoke-000001", outcome="done", smoke=bad), key="o:1")

    heard = talk.says("/check verification status-page")

    assert heard.code == "gate"
    assert heard.say == (
        "Verification completed cannot be ticked: the last smoke run of `web` failed. "
        "Fix it, then write `/smoke`. A run that passes ticks the step."
    )
    assert talk.says("/check status-page").facts == (Ticked(step="status-page"),)


@pytest.mark.parametrize(("step", "way"), [("root-cause", "/finding"), ("fix", "/status monitoring")])
def test_a_step_that_stands_for_a_fact_asks_for_it(talk: Talk, step: str, way: str) -> None:
    asked = talk.says(f"/check {step}")
    assert (asked.code, asked.facts) == ("gate", ())
    assert f"`{way}`" in asked.say
    assert f"""`/check {step} --override 'why'`""".replace("'", '"') in asked.say

    ticked = talk.says(f'/check {step} --override "nobody will say" status-page')
    assert {fact.t for fact in ticked.facts} == {"tick"}
    assert talk.incident.progress.ticks[step].without == "nobody will say"
    assert talk.incident.progress.ticks["status-page"].without == ""
    assert talk.incident.timeline[-1].text == "nobody will say"
