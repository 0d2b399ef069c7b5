"""Named, allow-listed operations (000-16, 001-08, 002-14..16, 003-11, 003-12): what /run and /flag-off ask
for.

The settings say what there is; people only choose, and fill in what a rule accepts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from allclear.core.conversation.arguments import pairs
from allclear.core.conversation.command import Answer, ArgumentCursor, CommandContext
from allclear.core.conversation.parse import Typed
from allclear.core.conversation.services import bare, questioned, service_named
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code, inline
from allclear.core.model.operation import operation_id
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.people import Rights
from allclear.core.model.snapshot import Wants
from allclear.core.model.times import clock_time, in_minutes, spell
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.service import Action, ActionParameter
from allclear.core.policy.settings import Settings
from allclear.core.production.binding import Bound, bound_action, told
from allclear.core.production.clearance import approval_refusal, approval_told
from allclear.core.production.dry_run import LONGEST_WORD, folded, is_dry, past_dry
from allclear.core.production.listing import filled
from allclear.core.production.request import read_reason, unclear
from allclear.core.record.audit import Helped
from allclear.core.record.production import OperationAsked

SETTINGS = "`actions:` in `.github/allclear.yml`"
_NUMBERS = ("4", "10", "100", "1000")
"""Values that stand as examples where only digits are accepted."""
_PAIR_LIKE = lazy_regex(r"[A-Za-z_][A-Za-z0-9_-]*=")


def action_named(settings: Settings, word: str) -> tuple[str, Action]:
    """The action that ``word`` names, in any case. Raises UserError with those there are."""
    actions = settings.actions
    name = bare(word).lower()
    if name not in actions:
        if asked := questioned(name, lambda one: one if one in actions else ""):
            raise unclear(word, f"/run {asked}", "is a question, not an order")
        there = ", ".join(code(one) for one in actions)
        fix = f"this repository has {there}" if there else f"none is defined yet under {SETTINGS}"
        raise UserError(f"{code(word)} is not an action; {fix}.")
    return name, actions[name]


def action_word(cursor: ArgumentCursor, settings: Settings, runbook: Runbook) -> tuple[str, ArgumentCursor]:
    """The word that names the action, and what follows it. Words for a dry run may stand in front of it; they
    are then the first of what follows.
    """
    names = {*settings.actions, *(one.id for one in runbook.lists)}
    word, rest = cursor.word()
    dry, left = past_dry(cursor.line)
    if dry and bare(word).lower() not in names:
        _, word, rest = ArgumentCursor(left, cursor.below).named(lambda one: bare(one).lower() in names)
        rest = ArgumentCursor(f"{dry} {rest.line}", rest.below)
    return word, rest


def flag_word(cursor: ArgumentCursor, settings: Settings) -> tuple[str, ArgumentCursor]:
    """The flag to turn off, and what follows it, as ``action_word`` reads it.

    Raises UserError for a word that is an option, a question, or could be the wish for a dry run.
    """
    word, rest = cursor.word()
    dry, left = past_dry(cursor.line)
    if folded(dry).startswith("-") or " " in dry:
        word, rest = ArgumentCursor(left, cursor.below).word()
        rest = ArgumentCursor(f"{dry} {rest.line}", rest.below)
    elif is_dry(folded(word[:LONGEST_WORD])):
        action = next((name for name, one in settings.actions.items() if one.flag), "…")
        raise UserError(
            f"Is {code(word)} a flag, or is it to be a dry run? `/flag-off <name> --dry-run` shows what "
            f"would happen; {code(f'/run {action} flag={word}')} turns a flag of that name off.",
            "unclear",
        )
    if folded(word[:LONGEST_WORD]).startswith("-"):
        raise UserError(f"{code(word)} is not an option here; there is `--dry-run`.")
    if word.endswith("?"):
        raise unclear(word, f"/flag-off {word.rstrip('?')}", "is a question, not an order")
    return word, rest


def flag_action(settings: Settings) -> tuple[str, Action]:
    """The one action that turns a flag off. Raises UserError when there is none, or more than one."""
    found = [(name, action) for name, action in settings.actions.items() if action.flag]
    if not found:
        raise UserError(
            f"No action here turns feature flags off. Add `flag: true` to one under {SETTINGS}.", "settings"
        )
    if len(found) > 1:
        names = " or ".join(code(f"/run {name} flag=…") for name, _ in found)
        raise UserError(f"More than one action here turns feature flags off. Write {names}.", "settings")
    return found[0]


def wants(context: CommandContext, action: Action) -> Wants:
    """What has to be looked up before it can be asked for: how its environment is protected."""
    asks = action.approval == "environment" and context.incident.kind != "drill"
    return Wants(environments=frozenset({action.environment} if asks else ()))


def ask(context: CommandContext, name: str, action: Action, given: Mapping[str, str], text: str) -> Answer:
    """Ask for it. ``given`` are parameters that are known already; the others stand at the start of ``text``,
    and what follows them is why.

    Raises UserError when this person may not, when a value is missing or not accepted, when its approval
    could not be had, and while the same action is under way.
    """
    _permitted(context, name, action)
    arguments, rest = _arguments(name, action, given, text)
    typed = _typed(context, name, arguments)
    reason = read_reason(rest, typed)
    _one_action(name, reason.loose, context.settings, typed)
    _its_service(name, action, reason.loose, context.settings, typed)
    if reason.dry_run:
        shown = f"**{inline(action.title)}**: {_shown(action, arguments)}."
        return Answer((Helped(),), f"This is a dry run: nothing is changed. {shown}")
    _not_yet(context, name)
    drill = context.incident.kind == "drill"
    approval = "none" if drill else action.approval
    refusal = approval_refusal(approval, action.environment, context.environments.get(action.environment))
    if refusal is not None:
        raise refusal
    expires = context.at + action.expires
    if context.now > expires:
        raise UserError(
            f"You asked for this {in_minutes(context.now - context.at)} ago, and it may only start within "
            f"{spell(action.expires)}. If you still want it, ask for it again.",
            "state",
        )
    fact = OperationAsked(
        op=operation_id("action", context.repository.id, context.incident.number, context.call.key),
        kind="action",
        service=action.service,
        name=name,
        arguments=arguments,
        dry_run=drill,
        digest=bound_action(name, action, arguments, dry_run=drill).digest,
        why=reason.why,
        approval=approval,
        environment=action.environment,
        expires=expires,
    )
    until = clock_time(expires, context.zone, near=context.at)
    said = [f"**{inline(action.title)}** ({code(fact.op)}): {_shown(action, arguments)}."]
    if drill:
        said.append("This is a drill, so this is a dry run: nothing is changed.")
    said += [
        approval_told(approval, action.environment, fact.op),
        told(fact.digest),
        f"It starts by {until} or not at all.",
        f"The reason: {code(reason.why, 300)}." if reason.why else "",
    ]
    return Answer((fact,), " ".join(filter(None, said)))


def bound_again(typed: Typed, settings: Settings, runbook: Runbook, asked: str) -> Bound:
    """What the command asks for by the settings of now, read as ``ask`` reads it. ``asked``: the action that
    the record says it was, where a checklist was named. Raises UserError.
    """
    if typed.word == "run":
        word, rest = action_word(ArgumentCursor(typed.line, typed.below), settings, runbook)
        listed_there = (one for one in runbook.lists if one.id == bare(word).lower())
        runs = {step.run for one in listed_there for step in one.steps}
        own = bare(word).lower() in settings.actions
        name, action = action_named(settings, asked if asked in runs and not own else word)
        given: dict[str, str] = {}
    else:
        name, action = flag_action(settings)
        flag, rest = flag_word(ArgumentCursor(typed.line, typed.below), settings)
        given = {"flag": flag}
    arguments, text = _arguments(name, action, given, rest.text)
    reason = read_reason(text, f"/{typed.word}")
    return bound_action(name, action, arguments, dry_run=reason.dry_run)


def listed(context: CommandContext) -> str:
    """All actions there are, as a table with how each is typed."""
    if not context.settings.actions:
        return f"No action is defined yet. Actions are defined under {SETTINGS}."
    rows = [
        f"| {_cell(_usage(name, action))} | {inline(action.title)} | `{action.least}` "
        f"| {_APPROVALS[action.approval]} |"
        for name, action in context.settings.actions.items()
    ]
    return "\n".join(["| action | does | least role | approval |", "|---|---|---|---|", *rows])


_APPROVALS = {
    "environment": "a reviewer of its environment",
    "second-person": "a second person",
    "none": "none",
}


def _cell(words: str) -> str:
    """Words in a cell of a table, where a bar ends it even in backticks
    (https://github.github.com/gfm/#tables-extension-).
    """
    return code(words, 200).replace("|", "\\|")


def _usage(name: str, action: Action) -> str:
    return " ".join(
        [f"/run {name}", *(f"{one}={_values(rule, '|')}" for one, rule in action.parameters.items())]
    )


def _to_type(name: str, action: Action) -> str:
    """A line to type: a parameter that any word may be is left open, for nobody types a pattern."""
    given = (f"{one}={_example(rule)}" for one, rule in action.parameters.items())
    return " ".join([f"/run {name}", *given])


def _example(rule: ActionParameter) -> str:
    """A value that is accepted: the first choice, or a number where only digits are; else it is left open."""
    if rule.choices:
        return rule.choices[0]
    found = "" if rule.accepts("a") or rule.accepts("aaaa") else next(filter(rule.accepts, _NUMBERS), "")
    return found or "…"


def _values(rule: ActionParameter, between: str) -> str:
    return between.join(rule.choices) if rule.choices else rule.pattern


def _accepted(rule: ActionParameter) -> str:
    if rule.choices:
        return "one of " + ", ".join(code(choice) for choice in rule.choices)
    return f"a word that matches {code(rule.pattern, 300)}"


def _permitted(context: CommandContext, name: str, action: Action) -> None:
    least = Rights[action.least.upper()]
    if context.rights < least:
        raise UserError(
            f"{code(name)} needs `{least.word}` access to this repository, and GitHub says that you have "
            f"`{context.rights.word}`. Ask somebody who has it.",
            "not-allowed",
        )


def _arguments(name: str, action: Action, given: Mapping[str, str], text: str) -> tuple[dict[str, str], str]:
    """The parameters, each checked, and the text after them."""
    expected = action.parameters.keys() - given.keys()
    found, rest = pairs(text, frozenset(expected))
    consumed = text.removesuffix(rest)
    dry, behind = past_dry(rest)
    if dry:
        more, rest = pairs(behind, frozenset(expected))
        found |= more
        consumed += f" {behind.removesuffix(rest)}"
    for one in sorted(found):
        if len(re.findall(rf"(?i)(?:^|\s){one}=", consumed)) > 1:
            raise UserError(f"{code(one)} is given twice. Which value do you mean?")
    if strange := _PAIR_LIKE.match(rest):
        word = strange[0].removesuffix("=")
        if word.lower() in expected and word.lower() not in found:
            line = code(_to_type(name, action), 200)
            raise UserError(f"{code(word)} has no value. Its value follows the sign: {line}.")
        there = ", ".join(code(one) for one in sorted(action.parameters)) or "none"
        wrong = (
            "is given already" if word.lower() in action.parameters else f"is not a parameter of {code(name)}"
        )
        raise UserError(f"{code(word)} {wrong}; its parameters are {there}.")
    found |= given
    for one, rule in action.parameters.items():
        if one not in found:
            line = code(_to_type(name, action), 200)
            raise UserError(f"{code(name)} needs {code(one)}: {_accepted(rule)}. Write {line}.")
        if not rule.accepts(found[one]):
            raise UserError(
                f"{code(found[one])} is not a value for {code(one)}, which takes {_accepted(rule)}."
            )
    return {one: found[one] for one in action.parameters}, f"{dry} {rest}".strip()


def _one_action(name: str, loose: Sequence[str], settings: Settings, typed: str) -> None:
    """Refuse another action right behind this one: it would be taken for the reason."""
    other = bare(loose[0]).lower() if loose else ""
    if other in settings.actions and other != name:
        raise UserError(
            f"{code(other)} is an action, too, and a `/run` is of one. Write one for each. If it is part of "
            f"the reason, put that behind `because`: {code(f'{typed} because …')}.",
            "unclear",
        )


def _its_service(name: str, action: Action, loose: Sequence[str], settings: Settings, typed: str) -> None:
    """Refuse another service than the action's right behind it: it would be taken for the reason."""
    other = service_named(loose[0], settings.services) if loose and action.service else ""
    if other and other != action.service:
        raise UserError(
            f"{code(name)} is for {code(action.service)}, and {code(other)} is another service. If it is part"
            f" of the reason, put that behind `because`: {code(f'{typed} because …')}.",
            "unclear",
        )


def _typed(context: CommandContext, name: str, arguments: Mapping[str, str]) -> str:
    """The command as it is typed, without a reason."""
    word = context.call.word.lower()
    if word != "run":
        return f"/{word} {arguments.get('flag', '')}".strip()
    return " ".join([f"/run {name}", *(f"{one}={value}" for one, value in arguments.items())])


def _not_yet(context: CommandContext, name: str) -> None:
    for one in context.incident.production.operations.values():
        if one.kind == "action" and one.name == name and one.open:
            where = f"Look at [its run]({one.url})" if one.url else f"`/cancel {one.id}` calls it off"
            raise UserError(f"{code(name)} is under way already ({code(one.id)}). {where}.", "state")


def _shown(action: Action, arguments: Mapping[str, str]) -> str:
    """The words that will run, with the values in them."""
    return code(" ".join(filled(action.run, arguments)), 200)
