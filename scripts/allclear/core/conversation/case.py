"""A case: one ask, with all that its answer depends on."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from allclear.core.conversation.ask import Ask
from allclear.core.conversation.command import Call, Command, CommandContext, Policy
from allclear.core.conversation.declare import as_it_was, claims, declaration, retitled
from allclear.core.conversation.words import resolve_word, understood
from allclear.core.model.asking import Knowledge
from allclear.core.model.people import Rights
from allclear.core.record.entry import Entry
from allclear.core.record.incident import Incident, Stage
from allclear.core.record.ledger import Ledger


class Case(Struct, frozen=True):
    """``incident``, ``entries`` and ``ledger`` are what is so far, with what earlier asks of the same pass
    did; ``entries`` are None where not all of them were read.

    ``replies`` are those that stood there before the pass.
    """

    ask: Ask
    known: Knowledge
    policy: Policy
    incident: Incident
    entries: tuple[Entry, ...] | None
    ledger: Ledger
    replies: Mapping[str, int]

    @property
    def named(self) -> tuple[Command, str] | None:
        """The command that is meant, and its line."""
        call = self.ask.call
        return understood(call.word, call.line, self.policy.runbook, self.policy.commands)

    @property
    def taken_as(self) -> str:
        """The line that a word of people or of another tool was taken as, or the wish for a command's help;
        empty for what is ours.
        """
        named, policy = self.named, self.policy
        ours = resolve_word(self.ask.call.word, policy.runbook, policy.commands)
        if named is None or (ours is not None and ours[0] is named[0]):
            return ""
        return f"/{named[0].name} {named[1]}".rstrip()

    @property
    def withdraws(self) -> bool:
        """Whether a reporter closes the report that they made."""
        reporter = self.incident.team.reporter
        own = reporter is not None and reporter.id == self.ask.call.author.id
        return self.ask.origin == "close" and self.incident.stage == Stage.REPORT and own

    def context(self, call: Call, rights: Rights) -> CommandContext:
        """What a command sees of it, as far as it is known now."""
        snapshot, policy, incident = self.known.snapshot, self.policy, self.incident
        report = None
        if incident.stage in (Stage.REPORT, Stage.DISMISSED):
            issue, known = as_it_was(snapshot, call.at), policy.settings.services
            said = claims(issue, policy.labels, policy.zone, snapshot.now, known)
            report = declaration(said, policy.runbook, incident.team.reporter)
        return CommandContext(
            call=call,
            incident=incident,
            runbook=policy.runbook,
            settings=policy.settings,
            zone=policy.zone,
            by=call.author,
            rights=rights,
            at=call.at,
            now=snapshot.now,
            access=snapshot.access,
            others=snapshot.others,
            entries=self.entries,
            commands=policy.commands,
            report=report,
            retitled=retitled(snapshot, call.at),
            repository=snapshot.repository,
            releases=snapshot.releases,
            comparisons=snapshot.comparisons,
            environments=snapshot.environments,
            deploy_runs=snapshot.deploy_runs,
            merged_reports=snapshot.merged_reports,
            pull_reviews=snapshot.pull_reviews,
            visibility=snapshot.visibility or "unknown",
            providers=policy.providers,
            replies=self.replies,
        )
