"""What a slash command is: one typed function that *answers* and never acts.

``commands/<name>.py`` holds one function under ``@command``. Its parser, its usage line and its help come
from its signature and docstring; nothing else has to be registered. The first parameter is the
CommandContext, the others are arguments whose types are ``Annotated[..., Arg(...)]``, as in arguments.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol, TypeVar, get_type_hints
from zoneinfo import ZoneInfo

from msgspec import Struct, field

from allclear.core.conversation.aliases import ALIASES
from allclear.core.conversation.examples import example_words, filled
from allclear.core.conversation.holding import refuse_held
from allclear.core.conversation.marks import SMALL, first_word, undivided
from allclear.core.conversation.slash import Shape, odd_letter, without_unseen
from allclear.core.model.deploy_run import DeployRun
from allclear.core.model.errors import MissingArgumentError, UserError
from allclear.core.model.neutral import Renderer, code
from allclear.core.model.people import Access, Person, Rights
from allclear.core.model.pull_reviews import PullReviews
from allclear.core.model.release import Comparison, EnvironmentSeen, Releases
from allclear.core.model.report_seen import ReportPlace, ReportSeen
from allclear.core.model.snapshot import IssueEvent, OtherIssue, Repository, Visibility, Wants
from allclear.core.model.structs import replace
from allclear.core.model.times import zone
from allclear.core.policy.provider import Provider
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.settings import Settings
from allclear.core.record.entry import Entry
from allclear.core.record.facts import Fact
from allclear.core.record.fold import apply
from allclear.core.record.incident import Incident
from allclear.core.record.life import Cleared, Declared, Resolved
from allclear.core.record.seal import Keyring, Trust
from allclear.core.view.labels import Labels

T = TypeVar("T")
_MOST_SMALL = 4
"""Small words in front of an argument."""


class Call(Struct, frozen=True):
    """One command found in a comment:
    the ``ordinal``-th of it, as ``word`` with the rest of its line and the lines after.
    """

    key: str
    word: str
    line: str
    below: str
    comment: int
    author: Person
    at: datetime
    edited: bool = False


class CommandContext(Struct, frozen=True):
    """What a command sees. ``incident`` already has what earlier commands of the same comment did.

    ``by`` is who speaks, ``rights`` what GitHub says this person may do, ``at`` when it was said, ``now``
    when it is processed (both UTC). ``entries`` are in their order, oldest first, or None where not
    all were read (a command that needs them raises HistoryNeededError); ``commands`` all commands there are
    (for /help). ``report`` is the Declared fact that would make an incident of an outsider's
    report (stages report and dismissed), as it was when this was said, else None; ``retitled`` is the first
    change of the issue's title before that. ``releases`` (by service), ``comparisons`` (by base and head),
    ``environments`` (by name) and ``deploy_runs`` (by id) hold what was asked for, as ``access`` and
    ``others`` do. ``replies``: the comment that showed an entry before this was processed, its id by the
    entry's key.
    """

    call: Call
    incident: Incident
    runbook: Runbook
    settings: Settings
    zone: ZoneInfo
    by: Person
    rights: Rights
    at: datetime
    now: datetime
    access: Mapping[str, Access]
    others: Mapping[int, OtherIssue | None]
    entries: tuple[Entry, ...] | None
    commands: Mapping[str, Command]
    report: Declared | None = None
    retitled: IssueEvent | None = None
    repository: Repository = field(default_factory=lambda: Repository(0, "", ""))
    releases: Mapping[str, Releases] = field(default_factory=dict)
    comparisons: Mapping[tuple[str, str], Comparison] = field(default_factory=dict)
    environments: Mapping[str, EnvironmentSeen] = field(default_factory=dict)
    deploy_runs: Mapping[int, DeployRun | None] = field(default_factory=dict)
    merged_reports: Mapping[ReportPlace, ReportSeen] = field(default_factory=dict)
    pull_reviews: Mapping[int, PullReviews] = field(default_factory=dict)
    visibility: Visibility = "unknown"
    providers: Mapping[str, Provider] = field(default_factory=dict)
    replies: Mapping[str, int] = field(default_factory=dict)

    def after(self, *facts: Fact) -> Incident:
        """The incident with these facts in it: what an answer tells of the things that follow."""
        entry = Entry(key=self.call.key, what=self.call.word, by=self.by, at=self.at, facts=facts)
        incident = self.incident
        for fact in facts:
            incident = apply(incident, entry, fact, self.runbook)
        return incident


class Answer(Struct, frozen=True):
    """What the command decided: facts for the record, and one or more lines of Markdown for the person.

    ``say`` may contain user text only after it went through core.neutral.
    """

    facts: tuple[Fact, ...]
    say: str


class Answers(Protocol):
    """A command's function."""

    def __call__(self, context: CommandContext, /, *args: Any, **kwargs: Any) -> Answer:
        """Answer in this context, with the arguments that were read."""
        ...


class ArgumentCursor(Struct, frozen=True):
    """What is left of a command to read: ``line`` (rest of its line) and ``below`` (the lines after it).

    ``left_out``: what is said of the talk below the text that was read: it is no part of it.
    """

    line: str
    below: str
    left_out: str = ""

    def word(self) -> tuple[str, ArgumentCursor]:
        """The next word of the line, without the marks around it and signs that are not seen, and what
        follows it; the word is empty at the end of the line.

        Signs in front of it, such as an arrow or an emoji, are passed over; where nothing else is left they
        are the word.
        """
        word, rest = first_word(self.line)
        return without_unseen(word), ArgumentCursor(rest, self.below)

    def named(self, find: Callable[[str], T]) -> tuple[T, str, ArgumentCursor]:
        """What ``find`` makes of the next word, that word, and what follows it.

        Small words in front of it are passed over, unless they name something themselves or are the last.
        """
        word, rest = self.word()
        found = find(word)
        for _ in range(_MOST_SMALL):
            if found or word.lower() not in SMALL or not rest.line.strip():
                break
            word, rest = rest.word()
            found = find(word)
        return found, word, rest

    def undivided(self) -> ArgumentCursor:
        """What follows a dash, an arrow or a comma that stands between an argument and the text behind it."""
        return ArgumentCursor(undivided(self.line), self.below)

    @property
    def text(self) -> str:
        """Everything that is left, as the person wrote it, without the white space around it."""
        return f"{self.line}\n{self.below}".strip()


def _nothing(_cursor: ArgumentCursor) -> Wants:
    return Wants()


class Arg(Struct, frozen=True):
    """How one argument is read and shown. ``read`` takes the cursor and the context and gives the value and
    what is left.

    It raises MissingArgumentError when there is nothing to read, UserError when it cannot be understood.
    ``wants``: what has to be known before it can be read. ``text``: it takes all that is left, as it stands;
    ``words``: so many words it takes at most, if it does not; ``names``: it is the name of a command.
    """

    usage: str
    read: Callable[[ArgumentCursor, CommandContext], tuple[Any, ArgumentCursor]]
    wants: Callable[[ArgumentCursor], Wants] = _nothing
    text: bool = False
    words: int = 1
    names: bool = False


class CommandParameter(Struct, frozen=True):
    """One argument of a command: its name in the function, how it is read, and whether it must be there."""

    name: str
    arg: Arg
    required: bool


class Command(Struct, frozen=True):
    """A command with everything people need to know of it.

    ``templates``: its examples, as core.conversation.examples fills them. ``early``: allowed before the
    incident is confirmed. ``late``: allowed after it was closed.
    ``reversible``: /undo can take it back. ``wants``: what it has to know of the world before it can answer,
    beside what its arguments want; asked only for people who may give the command, and again with what was
    found, until all of it is known. ``unedited``: an edited comment does not count, since what it said when
    others read it is not known (fault H6). ``floor``: the least that the settings may lower ``least`` to.
    ``bare``: it is dangerous or ends something, so it counts only at the start of a line with nothing around
    it. ``asks``: it answers questions, so that a question mark right behind its name is not dropped.
    """

    name: str
    least: Rights
    answers: Answers
    parameters: tuple[CommandParameter, ...]
    summary: str
    details: str
    templates: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    early: bool = False
    late: bool = False
    reversible: bool = False
    wants: Callable[[CommandContext], Wants] | None = None
    unedited: bool = False
    floor: Rights | None = None
    bare: bool = False
    asks: bool = False

    @property
    def shape(self) -> Shape:
        """What has to be known of it to find it in a comment."""
        room = 0
        for parameter in self.parameters:
            if parameter.arg.text:
                return Shape(self.bare, None if parameter.required else room, self.asks)
            room += parameter.arg.words
        return Shape(self.bare, room, self.asks, names=any(one.arg.names for one in self.parameters))

    @property
    def examples(self) -> tuple[str, ...]:
        """Lines as people type them, of no runbook in particular."""
        return tuple(filled(one) for one in self.templates)

    def examples_here(self, runbook: Runbook, settings: Settings) -> tuple[str, ...]:
        """The same, with the words of this runbook and these settings."""
        words = example_words(runbook, settings)
        return tuple(filled(one, words) for one in self.templates)

    @property
    def usage(self) -> str:
        """``/sev <severity> [why]``: generated from the function's signature."""
        shown = [p.arg.usage if p.required else f"[{p.arg.usage.strip('<>')}]" for p in self.parameters]
        return " ".join([f"/{self.name}", *shown])

    def wanted(self, context: CommandContext) -> Wants:
        """What it has to know before it can answer, as far as that can be told from what is known."""
        found = self.wants(context) if self.wants is not None else Wants()
        cursor = ArgumentCursor(context.call.line, context.call.below)
        for parameter in self.parameters:
            found |= parameter.arg.wants(cursor)
            try:
                _, cursor = parameter.arg.read(cursor, context)
            except UserError:
                break  # The answer will say so, or what was wanted here comes first.
        return found

    def answer(self, context: CommandContext) -> Answer:
        """Read the arguments and ask the function. Raises UserError with a message for the person."""
        cursor = ArgumentCursor(context.call.line, context.call.below)
        values: dict[str, Any] = {}
        for parameter in self.parameters:
            try:
                values[parameter.name], cursor = parameter.arg.read(cursor, context)
            except MissingArgumentError as missing:
                if parameter.required:
                    example = code(self.examples_here(context.runbook, context.settings)[0])
                    raise UserError(
                        f"{missing.message} Usage: `{self.usage}`, for example {example}."
                    ) from missing
            except UserError as wrong:
                if wrong.code != "malformed":
                    raise
                odd = odd_letter(context.call.line)
                raise UserError(f"{wrong.message}{odd} Usage: `{self.usage}`.", wrong.code) from wrong
        answer = self.answers(context, **values)
        if context.incident.active and not any(isinstance(one, Resolved | Cleared) for one in answer.facts):
            # /resolve and /all-clear look at their gates themselves, and say who may go on all the same.
            refuse_held(context.incident, context.after(*answer.facts), context.runbook, context.at)
        return replace(answer, say=f"{answer.say}\n\n{cursor.left_out}") if cursor.left_out else answer


def _flowing(text: str) -> str:
    """Paragraphs without line breaks, which a comment would show; code blocks as they are."""
    return "\n\n".join(part if "```" in part else " ".join(part.split()) for part in text.split("\n\n"))


def command(  # noqa: PLR0913 - each names one property of a command
    name: str,
    *,
    least: Rights,
    examples: tuple[str, ...],
    early: bool = False,
    late: bool = False,
    reversible: bool = False,
    wants: Callable[[CommandContext], Wants] | None = None,
    unedited: bool = False,
    floor: Rights | None = None,
    bare: bool = False,
    asks: bool = False,
) -> Callable[[Callable[..., Answer]], Command]:
    """Make a Command of a function: its docstring is the help, its signature the parser and usage line."""

    def make(answers: Callable[..., Answer]) -> Command:
        hints = get_type_hints(answers, include_extras=True)
        parameters = []
        for parameter in list(inspect.signature(answers).parameters.values())[1:]:
            arg = next(extra for extra in hints[parameter.name].__metadata__ if isinstance(extra, Arg))
            parameters.append(
                CommandParameter(parameter.name, arg, parameter.default is inspect.Parameter.empty)
            )
        summary, _, details = (inspect.getdoc(answers) or "").partition("\n\n")
        return Command(
            name=name,
            least=least,
            answers=answers,
            parameters=tuple(parameters),
            summary=" ".join(summary.split()),
            details=_flowing(details.strip()),
            templates=examples,
            aliases=ALIASES.get(name, ()),
            early=early,
            late=late,
            reversible=reversible,
            wants=wants,
            unedited=unedited,
            floor=floor,
            bare=bare,
            asks=asks,
        )

    return make


class Policy(Struct, frozen=True):
    """``trouble``: what is wrong with the settings file, for people;
    the last good settings are in force then. ``providers``: the deploy systems there are, those of the
    settings included. ``keys``: what signs the record; None when it is not signed.
    """

    settings: Settings
    runbook: Runbook
    commands: Mapping[str, Command]
    renderer: Renderer
    trouble: tuple[str, ...] = ()
    providers: Mapping[str, Provider] = field(default_factory=dict)
    keys: Keyring | None = None

    @property
    def trust(self) -> Trust:
        """Whose words are the record."""
        return Trust.of(self.settings.bots, self.keys)

    @property
    def zone(self) -> ZoneInfo:
        """The zone people read times in: the settings' or the runbook's."""
        return zone(self.settings.zone or self.runbook.zone)

    @property
    def labels(self) -> Labels:
        """The labels that incidents carry here."""
        return Labels(self.runbook, self.settings.labels)

    def least(self, command: Command) -> Rights:
        """The role that ``command`` needs here."""
        return self.settings.least(command.name, command.least, command.floor)

    @property
    def confirmer(self) -> str:
        """The role that makes an incident of a report here, as people read it."""
        return self.least(self.commands["confirm"]).word
