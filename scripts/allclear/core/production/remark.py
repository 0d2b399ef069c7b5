"""The text behind a command that has no dry run and no options, /smoke and /hotfix: what it must not hold."""

from __future__ import annotations

from collections.abc import Collection

from allclear.core.conversation.services import bare, begun_name, service_named
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code
from allclear.core.model.patterns import lazy_regex
from allclear.core.production.dry_run import dry_words, folded

_OPTION = lazy_regex(r"-{1,3}[^\W\d_]")
_JOINING = lazy_regex(r"and|&|\+|,|plus|then|or")


def check_remark(text: str, typed: str, does: str) -> None:
    """Refuse a text that begins with an option, or says that it is to be a dry run: at its beginning, at its
    end, or in brackets. ``typed``: the command without it; ``does``: what that does, a sentence. Raises
    UserError.
    """
    lines = (" ".join(folded(line).split()) for line in text.split("\n"))
    dry = next(filter(None, (dry_words(line, where="dash") for line in lines)), "")
    if dry:
        raise UserError(f"There is no dry run of {code(typed)}, so nothing is done. {does}", "unclear")
    first = next(iter(text.split()), "")
    if _OPTION.match(folded(first)):
        raise UserError(f"{code(first)} is not an option; {code(typed)} has none. {does}", "unclear")


def check_one_service(text: str, service: str, services: Collection[str], typed: str) -> None:
    """Refuse another service right behind the first: it would be taken for the remark. Raises UserError."""
    words = text.split(None, 2)[:2]
    if words and _JOINING.fullmatch(folded(words[0])):
        words = words[1:]
    other = ""
    if words:
        other = service_named(bare(words[0]), services) or begun_name(text, services)
    if other and other != service:
        raise UserError(
            f"{code(other)} is a service, too, and {code(typed)} is of one. Write one command for each.",
            "unclear",
        )
