"""What other tools and people call things: words that are no commands here, and what to type instead.

Each row says which command of ours is meant. Where it means the same and harms nothing, ``takes`` is the line
that it is taken as; everything else is told, with a line that this runbook understands. The words are those
of chat tools for incidents, of GitLab's quick actions
(https://docs.gitlab.com/user/project/quick_actions/), of Prow (https://prow.k8s.io/command-help) and of
branch-deploy (https://github.com/github/branch-deploy/blob/main/docs/usage.md).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from allclear.core.model.patterns import lazy_regex

Needs = Literal["text", "nothing", "number", "money", "time", "severity", "anything"]
"""What has to follow a word for it to be taken: else it is told."""


class Elsewhere(Struct, frozen=True):
    """Words with one meaning. ``say``: what to do, in sentences of Markdown; in what stands in backticks
    ``{rest|example}`` is what the person wrote after the word, or the example; the others are the words of
    core.conversation.examples. ``{people}``, outside of backticks, is who is behind each title here.
    ``takes``: the line that it means, when what ``needs`` says follows. ``drops``: a second word that belongs
    to the first, as in ``/roll back``.
    """

    words: frozenset[str]
    say: str
    takes: str = ""
    needs: Needs = "text"
    drops: str = ""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _row(words: str, say: str, takes: str = "", needs: Needs = "text", drops: str = "") -> Elsewhere:
    return Elsewhere(_words(words), say, takes, needs, drops)


_ROLLBACK = "`/rollback {rest}` takes the release back."

ROWS: tuple[Elsewhere, ...] = (
    # Who works on it.
    _row(
        "claim onit on-it im-on-it i-am-on-it mine own looking responding engage triaging taking-this",
        "`/ack` says that you are on it, and `/take {leader}` takes a role.",
        "/ack",
        "nothing",
    ),
    _row(
        "i'm im i've ive i'll",
        "`/ack` says that you are on it, and `/take {leader}` takes a role.",
    ),
    _row(
        "join volunteer taking takes ill-take take-over takeover become",
        "`/take {leader}` takes a role, and `/ack` says that you are on it.",
    ),
    _row(
        "lead commander incident-lead owner assignee",
        "`{lead} {rest|@octocat}` names who leads.",
    ),
    _row(
        "assign tl",
        "`{lead} {rest|@octocat}` names who leads, and `/role {role} {rest|@octocat}` gives another role.",
    ),
    _row(
        "reassign",
        "`/role {role} {rest|@octocat}` gives a role to somebody else.",
    ),
    _row(
        "unassign unrole release-role leave step-down unclaim relinquish",
        "`{lead} none` leaves the role empty, and `/role {role} none` another one.",
    ),
    _row(
        "invite add add-responder add-responders add-user responder responders loop-in summon subscribers"
        " add-subscribers stakeholders team",
        "Mention people in a comment to call them, or give them a role: `/role {role} {rest|@octocat}`.",
    ),
    _row(
        "notify ping alert tell call message dm page-out",
        "`/escalate` tells the next level. Mention somebody in a comment to tell only them.",
    ),
    _row(
        "oncall on-call whoisoncall whosoncall who-is-on-call whos-on-call who whois rota rotation "
        "schedule schedules roster",
        "{people} `/escalate` tells the next level.",
    ),
    # How bad it is.
    _row(
        "priority prio urgency level sev-level severity-level",
        "`/sev {severity}` sets the severity.",
        "/sev {rest}",
        "severity",
    ),
    _row(
        "upgrade downgrade raise lower increase decrease deescalate de-escalate bump",
        "`/sev {severity}` changes the severity.",
    ),
    _row(
        "users customers users-affected affected-users customers-affected affected-customers user-impact "
        "customer-impact",
        "`/impact users=1200 {rest|checkout fails}` records what users notice.",
        "/impact users={rest}",
        "number",
    ),
    _row(
        "revenue money loss cost revenue-lost revenue-loss lost-revenue",
        "`/impact revenue=$45000 {rest|checkout fails}` records what it costs.",
        "/impact revenue={rest}",
        "money",
    ),
    _row(
        "description desc describe body details context symptoms symptom",
        "`/impact {rest|checkout fails}` records what users notice; the issue's description is changed "
        "with Edit.",
    ),
    _row(
        "component components system systems affecting environment env",
        "`/affects {rest|checkout}` names what is hit.",
    ),
    # When things happened.
    _row(
        "began start-time started-at start-at since",
        "`/time started {rest|14:05}` sets when it began.",
        "/time started {rest}",
        "time",
    ),
    _row(
        "detected-at detection noticed noticed-at",
        "`/time detected {rest|14:05}` sets when it was noticed.",
        "/time detected {rest}",
        "time",
    ),
    _row(
        "timestamp timestamps",
        "`/time started 14:05` corrects when something happened.",
    ),
    # What was found, said and done.
    _row(
        "rca rootcause root-cause cause causes diagnosis culprit",
        "`/finding {rest|the connection pool is exhausted}` records the root cause.",
        "/finding {rest}",
    ),
    _row(
        "comment log journal entry event chronology worklog remember",
        "`/note {rest|restarted the workers}` writes into the timeline.",
    ),
    _row(
        "link links attach zoom call-link bridge channel",
        "`/note {rest|the call is at …}` writes it into the timeline.",
    ),
    _row(
        "summary summarize summarise status-update statusupdate update-status stakeholder-update "
        "comms-update communicate announce broadcast comm statuspage status-page post report share pulse",
        "`/update {rest|Rolled back, errors are falling}` tells how it stands; the panel shows the last one.",
    ),
    _row(
        "eta etr",
        "`/update Rolled back, watching` takes it on a line of its own below: `ETA: {rest|15:00}`.",
    ),
    _row(
        "next next-step next-steps nextsteps",
        "`/update Rolled back, watching` takes it on a line of its own below: `Next: {rest|watch the "
        "errors}`.",
    ),
    _row(
        "follow-up followup followups follow-ups action-items actions tasks task jira ticket later",
        "`/action {rest|add an alert}` records what is to be done later.",
    ),
    _row(
        "retro retrospective debrief learnings export document write-up writeup",
        "`/postmortem` opens the pull request with the post-mortem.",
    ),
    _row(
        "unack unacknowledge deack un-ack revoke undo-ack take-back oops redo",
        "`/undo` takes back your last command.",
    ),
    _row(
        "steps checklist tasks-done checks",
        "`/check {step}` ticks a step; the panel shows which are open.",
    ),
    # Where it stands, and its end.
    _row(
        "fix solve solved patch patched solution repair",
        "`/resolve {rest|rolled back}` says that it is over, and `/status {status}` that you are at it.",
    ),
    _row(
        "workaround mitigate mitigation stabilize contain recovered restored recover",
        "`/status {later}` says that it works again and is watched, and `/resolve` that it is over.",
    ),
    _row(
        "unresolve unclose reopened not-resolved",
        "`/reopen {rest|the errors are back}` goes on after the all-clear, and before it `/undo` takes "
        "back your last command.",
    ),
    _row(
        "all",
        "`/all-clear {rest}` ends the incident, once it is resolved.",
        drops="clear",
    ),
    _row(
        "end ended finish finished over closed archive archived conclude "
        "close-incident resolve-incident shut wrap-up",
        "`/all-clear {rest}` ends the incident, once it is resolved.",
    ),
    _row(
        "false-alarm falsealarm false-positive falsepositive false not-an-incident no-incident nonissue "
        "non-issue invalid decline wontfix wont-fix noise",
        '`/all-clear --override "false alarm"` ends an incident that was none, and `/dismiss false alarm`'
        " a report that nobody confirmed.",
    ),
    _row(
        "start begin go kickoff kick-off",
        "`/ack` says that you are on it, and `/time started 14:05` when it began.",
    ),
    _row(
        "declare new create open trigger raise-incident report-incident newincident",
        "This issue is what was declared. Another incident is an issue of its own.",
    ),
    _row(
        "pause hold mute silence suppress snooze wait quiet",
        "Nothing is paused: `/ack` stops the calls for somebody, and `/update still looking` starts the "
        "clock of the next update again.",
    ),
    _row(
        "remind reminder reminders timer alarm nudge",
        "The runbook sets the reminders, and the panel shows the next ones; `/note look again at 15:00` "
        "writes down what to think of.",
    ),
    _row(
        "complete completed",
        "`/check {step}` ticks a step, and `/all-clear` ends the incident, once it is resolved.",
    ),
    _row(
        "hypothesis theory suspect suspicion guess idea why",
        "`/note {rest|it may be the connection pool}` keeps a thought, and `/finding the connection pool is "
        "exhausted` the root cause once it is known.",
    ),
    _row(
        "drill gameday game-day exercise",
        "A drill is declared as one: the title of its issue begins with `DRILL:`.",
    ),
    # Production.
    _row(
        "roll",
        _ROLLBACK,
        drops="back",
    ),
    _row(
        "revert",
        "`/undo` takes back your last command, and `/rollback` the release.",
    ),
    _row(
        "roll-back rolled-back rollback-to backout back-out undeploy previous",
        _ROLLBACK,
    ),
    _row(
        "deploy redeploy release releases ship promote promote-to rollout",
        "Allclear deploys nothing new: `/rollback {rest}` takes the release back, `/hotfix raise the pool"
        " size` opens a branch for a fix, and `/run` lists the actions.",
    ),
    _row(
        "restart reboot bounce scale failover fail-over drain flush exec execute action-run runbook workflow",
        "`/run` lists the actions that are set up here; none is called so.",
    ),
    _row(
        "noop plan dry-run dryrun",
        "`/rollback {rest} --dry-run` shows what a rollback would do.",
    ),
    _row(
        "test healthcheck health-check verify check-health smoketest smoke-test probe validate",
        "`/smoke {rest}` looks whether the service answers.",
    ),
    _row(
        "toggle disable kill-switch killswitch feature feature-flag flags",
        "`/flag-off {rest|checkout-v2}` switches a feature off.",
    ),
    _row(
        "lock unlock freeze unfreeze block unblock",
        "The runbook freezes deploys, by severity, and the end of the incident lifts it.",
    ),
    _row(
        "stop abort halt",
        "`/cancel` stops an operation that has not begun, and `/all-clear` ends the incident.",
    ),
    _row(
        "reject deny unapprove disapprove no veto",
        "`/cancel {rest}` stops an operation that waits.",
    ),
    # The issue.
    _row(
        "title rename retitle name headline",
        "The incident's title is the issue's title: change it with Edit, beside it.",
    ),
    _row(
        "label labels unlabel relabel tag tags untag",
        "Labels are set at the side of the issue; `/sev {severity}` sets the severity.",
    ),
    _row(
        "merge-incident merge-into link-duplicate same-as",
        "`/duplicate {rest|#12}` says which incident it is.",
    ),
    # Asking.
    _row(
        "h usage man manual info list menu howto",
        "`/help` lists all commands.",
        "/help {rest}",
        "anything",
    ),
)
"""Words of people, by what they are about."""


ALONE = frozenset({"assign"})
"""Names of ours that other tools give a person only, as in ``/assign @octocat``: those are told."""

TOOLS = _words(
    "set change inc incident incidents incident-io incidentio fh firehydrant rootly pd pagerduty "
    "genie opsgenie og victorops vo splunk-oncall xmatters sn servicenow jsm datadog dd grafana "
    "dispatch squadcast spike bot gitlab jeli blameless hubot "
)
"""What stands before the command in other tools, as in ``/inc sev P1``."""

OTHERS = _words(
    # Prow and the bots that speak like it.
    "lgtm unhold cc uncc lifecycle remove-lifecycle kind remove-kind area remove-area sig remove-sig "
    "wg committee triage remove-triage remove-priority remove-label retest test-all ok-to-test skip "
    "cherrypick cherry-pick cherry-pick-robot rebase merge squash meow woof bark joke honk pony goose"
    " hug release-note release-note-none check-cla easycla verify-owners auto-cc tide help-wanted "
    "remove-help good-first-issue transfer-issue ok-to-merge override-check pipeline azp gemini "
    "copilot codex claude cursor dependabot renovate "
    # branch-deploy
    "wcid sha unlock-deploy deploy-lock "
    # GitLab's quick actions
    "spend spent estimate weight clear-weight epic remove-epic iteration due remove-due subscribe "
    "unsubscribe award react target-branch target wip ready copy-metadata create-merge-request "
    "health-status board-move child-of clone blocks blocked-by relate unrelate confidential "
    "move submit-review remove-estimate remove-time-spent remove-parent set-parent parent type "
    "ship-it "
    # other bots
    "poll vote survey giphy gif karma deploy-preview preview benchmark backport format autofix "
)
"""Commands of other bots that read the same comments."""

_BEGINS: Mapping[Needs, re.Pattern[str]] = {
    "number": lazy_regex(r"[~≈><±]?\s?\d"),
    "money": lazy_regex(r"[~≈><]?\s?(?:[A-Z]{0,3}[$€£¥₹]|[A-Z]{3}\s)?\s?\d"),
    "time": lazy_regex(
        r"\d{1,2}(?:[:.h]\d{2}|\s?[ap]\.?m)|\d{4}-\d\d-\d\d|yesterday\b|today\b", re.IGNORECASE
    ),
}
_AMOUNT = lazy_regex(r"^([^\s\"]{1,30} [A-Z]{3}|[A-Z]{3} [^\s\"]{1,30})(?=\s|$)")
_HTTP_STATUS = lazy_regex(r"[45]\d\ds?")
_ALL = {word: row for row in ROWS for word in row.words}


def elsewhere(word: str) -> Elsewhere | None:
    """The row of a word as names are compared: in lower case, without its slash."""
    return _ALL.get(word)


def taken_as(word: str, rest: str, *, severity: bool) -> str | None:
    """The line of ours that ``/word rest`` means and that may be taken; None where it is only told.

    ``severity``: whether ``rest`` begins with a severity of the runbook. ``/users 502`` is told: it may be
    what a page answers.
    """
    row = _ALL.get(word)
    if row is None or not row.takes or not _met(row.needs, rest, severity=severity):
        return None
    # An amount with its currency beside it is one value.
    text = _AMOUNT.sub(r'"\1"', rest) if row.needs == "money" else rest
    return row.takes.replace("{rest}", text).strip()


def _met(needs: Needs, rest: str, *, severity: bool) -> bool:
    if needs in _BEGINS:
        return bool(_BEGINS[needs].match(rest)) and not _HTTP_STATUS.fullmatch(rest)
    return {"text": bool(rest), "nothing": not rest, "severity": severity}.get(needs, True)
