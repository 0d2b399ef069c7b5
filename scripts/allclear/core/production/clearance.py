"""Whether an operation may go on, right now. Asked when it is claimed, and again right before it acts.

Everything is looked at anew: an approval may be weeks old (P16), a role gone (H7), a target rolled back
already (E10).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from msgspec import Struct, field

from allclear.core.conversation.command import Policy
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code
from allclear.core.model.operation import (
    DANGEROUS,
    Approval,
    Ending,
    Operation,
    Order,
)
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.people import UNKNOWN, Access, Person, Rights
from allclear.core.model.release import Comparison, EnvironmentSeen, Releases, check_target
from allclear.core.model.snapshot import Visibility
from allclear.core.model.stored import fields_of
from allclear.core.model.structs import replace
from allclear.core.policy.provider import source_of_targets
from allclear.core.policy.service import Action
from allclear.core.production.binding import Bound, changes, ordered
from allclear.core.production.withholding import withheld_here
from allclear.core.record.incident import Incident, Stage

_LINK = lazy_regex(r"\[([^\]]*)\]\([^)]*\)")


class Refusal(Struct, frozen=True):
    """Why nothing is done. ``code`` is stable, ``text`` one plain line for people that says the way out."""

    code: str
    text: str
    outcome: Ending = "refused"

    @property
    def line(self) -> str:
        """The text as records keep it: whoever shows it ends the sentence."""
        return self.text.rstrip(".")


class Situation(Struct, frozen=True):
    """What is known at this moment. ``incident`` None: the operation belongs to none.

    ``access`` goes by lower-case login; ``environment`` and ``releases`` are those of the operation, None
    when they do not matter to it, as ``visibility`` does to evidence only. ``approvers``: who approved the
    run in its environment; None before that. ``bound``: what it would do now, as its source says it, or why
    that is not known; None when there is no source. ``earlier``: what lay between the two releases when it
    was asked for, where that is another now.
    """

    policy: Policy
    now: datetime
    incident: Incident | None = None
    access: Mapping[str, Access] = field(default_factory=dict)
    environment: EnvironmentSeen | None = None
    visibility: Visibility = "unknown"
    releases: Releases | None = None
    approvers: tuple[Person, ...] | None = None
    bound: Bound | Refusal | None = None
    earlier: Comparison | None = None


def refusal(operation: Operation, situation: Situation) -> Refusal | None:
    """Why the operation may not go on; None when it may."""
    return next(_refusals(operation, situation), None)


def _refusals(operation: Operation, situation: Situation) -> Iterator[Refusal]:
    checks = (_incident, _expiry, _public, _people, _allowed, _environment, _target, _bound, _alone)
    for check in checks:
        found = check(operation, situation)
        if found is not None:
            yield found


def _incident(operation: Operation, situation: Situation) -> Refusal | None:
    incident = situation.incident
    if incident is None:
        return None
    if incident.stage != Stage.OPEN and operation.kind != "evidence":
        return Refusal("closed", f"Incident {incident.number} is no longer open.")
    if operation.interval != incident.interval and operation.kind in DANGEROUS:
        return Refusal("reopened", "It was asked for before the incident was reopened. Ask for it again.")
    if operation.state == "ended":
        return Refusal(
            "ended", f"It has ended already ({operation.outcome}).", operation.outcome or "refused"
        )
    return None


def _expiry(operation: Operation, situation: Situation) -> Refusal | None:
    if operation.expires is None or situation.now < operation.expires:
        return None
    return Refusal(
        "expired",
        f"It had to begin before {operation.expires:%Y-%m-%d %H:%M UTC}, and production may have changed "
        "since. Ask for it again if you still want it.",
        "expired",
    )


def _public(operation: Operation, situation: Situation) -> Refusal | None:
    """Evidence that everybody could download is not collected unless the settings say so."""
    if operation.kind != "evidence":
        return None
    error = withheld_here(situation.policy.settings, situation.visibility)
    return refusal_of(error) if error is not None else None


def _people(operation: Operation, situation: Situation) -> Refusal | None:
    """Who asked and who approved still may, and are two."""
    if operation.kind not in DANGEROUS:
        return None
    by = operation.by
    if by is None:
        return Refusal("nobody", "Nobody asked for it.")
    asked = _still_may(by, least(operation, situation.policy), situation)
    if asked is not None or operation.approval == "none":
        return asked
    if operation.approval == "second-person":
        second = operation.approved_by
        if second is None or second.id == by.id:
            return Refusal("unapproved", "A second person has to write /approve.")
        return _still_may(second, _least_of("approve", situation.policy), situation)
    if situation.approvers is None or any(one.id != by.id for one in situation.approvers):
        return None
    if situation.approvers:
        return Refusal(
            "self-approved",
            f"{by.login} asked for it and approved it. Somebody else has to approve, so ask for it again.",
        )
    return Refusal("unapproved", "GitHub shows no approval of this run by a reviewer of its environment.")


def least(operation: Operation, policy: Policy) -> Rights:
    """The least role of whoever asks for such an operation."""
    if operation.kind != "action":
        return _least_of("rollback", policy)
    action = policy.settings.actions.get(operation.name)
    own = Rights[action.least.upper()] if action is not None else Rights.ADMIN
    return max(own, _least_of("run", policy))


def _least_of(name: str, policy: Policy) -> Rights:
    command = policy.commands[name]
    return policy.settings.least(name, command.least, command.floor)


def _still_may(person: Person, needed: Rights, situation: Situation) -> Refusal | None:
    rights = situation.access.get(person.login.lower(), UNKNOWN).rights_of(person)
    if rights is None:
        return Refusal("unknown-rights", f"GitHub did not say what {person.login} may do. Ask for it again.")
    if rights < needed:
        return Refusal(
            "not-allowed",
            f"It needs {needed.word} access, and GitHub says that {person.login} has {rights.word}.",
        )
    return None


def _allowed(operation: Operation, situation: Situation) -> Refusal | None:
    """What the settings say now: the service and how it is put back, or the action and its parameters."""
    settings = situation.policy.settings
    if operation.service and operation.service not in settings.services:
        return Refusal("settings", f"The settings no longer have the service {operation.service}.")
    if operation.kind == "action":
        return _action(operation, settings.actions.get(operation.name))
    if operation.kind != "rollback":
        return None
    service = settings.services.get(operation.service)
    if service is None or situation.policy.providers.get(service.provider) is None:
        return Refusal("settings", f"The settings do not say how {operation.service} is rolled back.")
    return None if operation.dry_run else _approval(operation, service.rollback.approval, service.environment)


def _action(operation: Operation, action: Action | None) -> Refusal | None:
    if action is None or action.service != operation.service:
        return Refusal("settings", f"The settings no longer have such an action {operation.name}.")
    given = operation.arguments
    good = given.keys() == action.parameters.keys() and all(
        action.parameters[name].accepts(value) for name, value in given.items()
    )
    if not good:
        return Refusal("arguments", f"The settings no longer accept these values for {operation.name}.")
    return None if operation.dry_run else _approval(operation, action.approval, action.environment)


def _approval(operation: Operation, approval: str, environment: str) -> Refusal | None:
    """The settings ask for the approval that the record promises."""
    if operation.approval != approval or (approval == "environment" and operation.environment != environment):
        return Refusal("settings", "Since it was asked for, the settings have changed who has to approve it.")
    return None


def _environment(operation: Operation, situation: Situation) -> Refusal | None:
    if operation.kind not in DANGEROUS:
        return None
    error = approval_refusal(operation.approval, operation.environment, situation.environment)
    return refusal_of(error) if error is not None else None


def _target(operation: Operation, situation: Situation) -> Refusal | None:
    """The target is one that the deploy system takes, ran here before, and is not what runs now; and no
    deployment is under way that would overwrite it.
    """
    if operation.kind != "rollback":
        return None
    service = situation.policy.settings.services[operation.service]
    provider = situation.policy.providers[service.provider]
    if operation.target and not provider.accepts(operation.target):
        return Refusal("target", f"{operation.target} is not a target that {service.provider} accepts.")
    if source_of_targets(service, provider) == "provider":
        return None
    if situation.releases is None or not situation.releases.known:
        return Refusal("unknown-releases", "GitHub did not say which releases ran here. Ask for it again.")
    try:
        check_target(
            situation.releases,
            operation.target,
            while_deploying=operation.while_deploying or operation.dry_run,
        )
    except UserError as error:
        said = refusal_of(error)
        return replace(said, code="target") if said.code == "unknown-target" else said
    return None


def _bound(operation: Operation, situation: Situation) -> Refusal | None:
    """What would be done now is what was shown to whoever asked and approved."""
    if operation.kind not in DANGEROUS or operation.dry_run:
        return None
    bound = situation.bound
    if isinstance(bound, Refusal):
        return bound
    if bound is None or not operation.digest:
        return Refusal("unbound", "It is not recorded what exactly was asked for. Ask for it again.")
    # The digest and each field: an entry may carry the digest of one order and ask for another.
    if ordered(bound) != Order(**fields_of(Order, operation)):
        service = situation.policy.settings.services.get(operation.service)
        globs = service.rollback.migrations if service is not None else ()
        different = changes(operation, bound, situation.earlier, globs, situation.releases)
        return Refusal(
            "changed",
            f"This has changed since it was asked for: {different}. Look at it, and ask for it again.",
        )
    if operation.approval == "second-person" and operation.approved_digest != operation.digest:
        return Refusal("changed", "What was approved is not what was asked for. Ask for it again.")
    return None


def _alone(operation: Operation, situation: Situation) -> Refusal | None:
    """No other rollback of the service, asked for earlier in this incident, may still do something."""
    if operation.kind != "rollback" or operation.dry_run or situation.incident is None:
        return None
    for other in situation.incident.production.operations.values():
        if other.kind != "rollback" or other.service != operation.service or not other.open or other.dry_run:
            continue
        if (other.asked, other.id) < (operation.asked, operation.id):
            return Refusal("busy", f"Another rollback of {operation.service} is under way: {other.id}.")
    return None


def refusal_of(error: UserError) -> Refusal:
    """A command's refusal as plain text: records and logs show no Markdown."""
    text = _LINK.sub(r"\1", error.message).replace("`", "").replace("**", "")
    return Refusal(error.code, " ".join(text.split()))


DOCS = (
    "https://docs.github.com/en/actions/how-tos/deploy/configure-and-manage-deployments/manage-environments"
)


def approval_refusal(approval: Approval, name: str, seen: EnvironmentSeen | None) -> UserError | None:
    """Why it cannot be asked for: its environment is missing or lets everybody through. None: it can.

    Only ``approval: environment`` depends on the environment (003-A2). ``seen`` is what GitHub said of the
    environment ``name``; None or not known: it did not say, which is no permission.
    """
    if approval != "environment":
        return None
    if seen is None or not seen.known:
        return UserError(
            f"GitHub did not say how the environment {code(name)} is protected. Try again in a minute.",
            "missing",
        )
    way = "or choose `approval: second-person` in `.github/allclear.yml`, so that somebody writes `/approve`"
    if not seen.exists:
        return UserError(
            f"The environment {code(name)} does not exist, so nobody could approve. Create it under "
            f"Settings → Environments with **Required reviewers** ([how]({DOCS})), {way}.",
            "settings",
        )
    if not seen.reviewers:
        return UserError(
            f"The environment {code(name)} has no required reviewers, so nobody would have to approve. Under "
            f"Settings → Environments → {code(name)}, set **Required reviewers** and tick "
            f"**Prevent self-review** ([how]({DOCS})), {way}.",
            "settings",
        )
    return None


def approval_told(approval: Approval, name: str, operation: str) -> str:
    """Who has to approve, and where: one sentence for the answer; empty when nobody has to."""
    if approval == "environment":
        return (
            f"A reviewer of the environment {code(name)} has to approve it. The link to its run follows here."
        )
    if approval == "second-person":
        return f"Somebody else has to approve it: `/approve {operation}`."
    return ""
