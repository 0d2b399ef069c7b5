"""Which release the text behind ``/rollback`` names where no ``to`` says it: one right behind the service is
the target, and one further on is asked about.
"""

from __future__ import annotations

from allclear.core.conversation.marks import AROUND
from allclear.core.conversation.services import bare
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.release import Releases, find
from allclear.core.model.structs import replace
from allclear.core.production.request import Request

_RELEASE = lazy_regex(
    r"v\d[\w.+-]*|\d+(?:\.\d+)+[\w.+-]*|(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{7,40}|[0-9a-f]{40}"
)
_NUMBER = lazy_regex(r"\d+")


def with_release(request: Request, releases: Releases | None) -> Request:
    """The request with the release that its text names. ``releases`` None: only the deploy system knows them.

    Raises UserError where it could be one and does not stand where a target stands.
    """
    if request.under and request.why == request.under:
        request = replace(request, loose=(request.under,))
    elif not request.dry_run and _could_be_target(bare(request.under).strip(AROUND), releases):
        raise _which_release(bare(request.under), request)
    if not request.loose:
        return request
    first = bare(request.loose[0]).strip(AROUND)
    alone = len(request.loose) == 1
    known = _is_release(first, releases)
    if _NUMBER.fullmatch(first):
        # "500 errors a second" is a reason, and "41" a release.
        named, doubtful = alone, known and not alone
    else:
        named, doubtful = known or bool(_RELEASE.fullmatch(first.lower())), False
    if doubtful or (named and request.target):
        raise _which_release(first, request)
    others = [bare(word).strip(AROUND) for word in request.loose[1:]]
    second = next((word for word in others if _could_be_target(word, releases)), "")
    if second and not (request.dry_run or request.target):
        raise _which_release(second, request)
    if not named:
        return request
    why = request.why.removeprefix(request.loose[0]).lstrip(" -\u2013\u2014:,")
    return replace(request, target=first, why=why.strip(), loose=request.loose[1:])


def _could_be_target(name: str, releases: Releases | None) -> bool:
    """Whether it names a release that ran before the current one; what runs now is no target."""
    if releases is None:
        return _RELEASE.fullmatch(name.lower()) is not None
    current = releases.current
    earlier = Releases(None, releases.earlier)
    here = current is not None and _is_release(name, Releases(current, ()))
    return not here and not _NUMBER.fullmatch(name) and _is_release(name, earlier)


def _is_release(word: str, releases: Releases | None) -> bool:
    if not word or releases is None:
        return False
    try:
        find(releases, word)
    except UserError:
        return False
    return True


def _which_release(name: str, request: Request) -> UserError:
    service = f" {request.service}" if request.service else ""
    wanted = code(f"/rollback{service} to {name}")
    return UserError(
        f"Is {code(name)} the release to go back to? Then write {wanted}. If it is part of the reason, put "
        f"that behind `because`: `/rollback{service} because …`.",
        "unclear",
    )
