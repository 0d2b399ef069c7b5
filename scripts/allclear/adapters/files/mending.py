"""What of a broken file can still be read. Closed for authority, open for paging: a part that is broken is
left out whole where it says what may be done, and people are kept wherever they can be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from difflib import get_close_matches
from typing import Any, TypeVar

from msgspec import Struct, field
from pydantic import BaseModel, ValidationError

from allclear.adapters.files.strict_yaml import Mistake, load
from allclear.adapters.files.written_file import Earlier
from allclear.core.model.errors import SettingsError
from allclear.core.model.neutral import code
from allclear.core.model.patterns import lazy_regex
from allclear.core.policy.contradictions import misplaced
from allclear.core.policy.settings import login_like

Where = tuple[int | str, ...]
Model = TypeVar("Model", bound=BaseModel)
Read = TypeVar("Read")

MOST_ROUNDS = 200
"""How often something is taken out before all of the file is given up."""

WHOLE = ("actions", "providers", "services")
"""What may be done to production: an entry of these with a mistake anywhere in it does not count at all."""

DANGEROUS = ("approve", "flag-off", "rollback", "run")
"""The commands that need the highest role while nobody can read what the settings ask for."""

_KEY = lazy_regex(r"([\"']?)([A-Za-z_][\w-]*)\1\s*:")


class Readable(Struct):
    """What could be read: ``value``, and the names at the top whose part is ``lost``."""

    value: dict[str, Any] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)


def readable(raw: bytes) -> Readable:
    """Every part at the top of a YAML file that can be read by itself."""
    text = raw.decode("utf-8-sig", errors="replace")
    try:
        value = load(text).value
    except Mistake:
        return _blocks(text)
    return Readable(value) if isinstance(value, dict) else Readable()


def _blocks(text: str) -> Readable:
    """A line that begins with a name begins a part; each is read alone."""
    blocks: list[list[str]] = []
    for line in text.splitlines():
        if _KEY.match(line):
            blocks.append([line])
        elif blocks:
            blocks[-1].append(line)
    found = Readable()
    for block in blocks:
        key = _KEY.match(block[0])
        assert key is not None  # that is how it became a block
        try:
            value = load("\n".join(block)).value
        except Mistake:
            found.lost.add(key[2])
            continue
        for name in value.keys() & found.value.keys():
            found.lost.add(name)
        found.value = {**value, **found.value}
    return found


class Mended(Struct, frozen=True):
    """``value`` is None when nothing of it makes a model. ``kept``: the parts that come from the last good
    file; ``broken``: those of which something does not count.
    """

    value: BaseModel | None
    kept: frozenset[str]
    broken: frozenset[str]


NOTHING = Mended(None, frozenset(), frozenset())
"""Of a file of which nothing can be read."""


Value = dict[str, Any]


def mended(
    part: Readable,
    model: type[BaseModel],
    base: Mapping[str, Any],
    always: Iterable[str] = (),
    *,
    complete: Callable[[Value], Value] = dict,
    save: Callable[[Value, Where], bool] = lambda _value, _where: False,
) -> Mended:
    """What could be read of a file that has mistakes, as a model.

    A part with a mistake in it is that of ``base``, or else what can be read of it; of people always the
    latter. Parts of ``always`` that the file does not name come from ``base``: their name may be the mistake.
    ``complete`` adds what belongs to the file. ``save`` changes what stands at a path so that it can stay,
    and says whether it did.
    """
    value, broken, kept = _named(part, model, base, always)
    value = complete(value)
    for _ in range(MOST_ROUNDS):
        try:
            whole = model.model_validate(value)
        except ValidationError as error:
            wheres = {_where(one) for one in error.errors(include_url=False)}
        else:
            return Mended(whole, frozenset(kept), frozenset(broken - kept))
        if () in wheres:
            break
        # One of each part and round: what is taken out changes where the others are.
        for name, where in {str(where[0]): where for where in sorted(wheres, key=_order)}.items():
            broken.add(name)
            if name in base and name not in kept and name != "people":
                _restore(value, name, base, kept)
            elif not save(value, where) and not _take_out(value, where):
                value.pop(name, None)
                _restore(value, name, base, kept)
    return Mended(None, frozenset(), frozenset())


def _named(
    part: Readable, model: type[BaseModel], base: Mapping[str, Any], always: Iterable[str]
) -> tuple[Value, set[str], set[str]]:
    """The parts under names that the model knows, those that are broken, and those that come from
    ``base``.
    """
    value, broken, kept = deepcopy(part.value), set(part.lost), set[str]()
    known = set(model.model_fields)
    for name in part.lost & known:
        value.pop(name, None)
        _restore(value, name, base, kept)
    for name in sorted(value.keys() - known):
        near = get_close_matches(name.lower(), known - value.keys(), 1)
        meant = value.pop(name)
        broken.add(name)
        if near == ["people"]:
            value["people"] = meant
        elif near:
            _restore(value, near[0], base, kept)
    for name in always:
        if name not in value and name in base:
            _restore(value, name, base, kept)
    return value, broken, kept


def _where(error: Mapping[str, Any]) -> Where:
    """Where a mistake is in the file, also when the whole of it was compared."""
    return tuple(error["loc"]) + misplaced((error.get("ctx") or {}).get("error"))


def _order(where: Where) -> list[tuple[int, str]]:
    return [(part, "") if isinstance(part, int) else (-1, part) for part in where]


def _restore(value: dict[str, Any], name: str, base: Mapping[str, Any], kept: set[str]) -> None:
    """A part as the last good file had it. Without one, rights that cannot be read are the highest."""
    if name in base:
        value[name] = deepcopy(base[name])
        kept.add(name)
    elif name == "rights":
        value[name] = dict.fromkeys(DANGEROUS, "admin")


def _take_out(value: dict[str, Any], where: Where) -> bool:
    """Take what stands at ``where`` out, or what lacks it; False when that is a whole part."""
    path = where[:2] if where[0] in WHOLE else where
    holder: Any = None
    inside: Any = value
    last: int | str = ""
    for depth, step in enumerate(path):
        there = isinstance(inside, dict) and step in inside
        there = there or (isinstance(inside, list) and isinstance(step, int) and step < len(inside))
        if not there:
            path = path[:depth]
            break
        holder, last, inside = inside, step, inside[step]
    if len(path) < 2:
        return False
    if where[0] == "rights":
        holder[last] = "admin"
        return True
    if where[0] == "people" and isinstance(inside, str):
        # `CEO: mona` and `[@mona]` say clearly who is meant, however they should be written.
        name = inside.strip().removeprefix("@")
        meant: object = name if isinstance(holder, list) else [name]
        if login_like(name) and meant != inside:
            holder[last] = meant
            return True
    del holder[last]
    return True


def last_whole(
    path: str, parse: Callable[[bytes, str], Read], earlier: Earlier
) -> tuple[str, Read, bytes] | None:
    """The newest version of a file that can be read: what it is called, what it says, and its bytes."""
    for name, raw in earlier(path):
        try:
            return name, parse(raw, path), raw
        except SettingsError:
            continue
    return None


def in_force(found: Mended, named: str) -> str:
    """What counts until a file is repaired, in one sentence. ``named``: what stands in for it."""
    if found.value is None:
        return f"Until it is repaired, {named or 'nothing of it'} counts."
    told = ["everything in it that can be read counts"]
    told += [f"of {named} {_codes(found.kept)}"] if found.kept else []
    told += [f"what is wrong in {_codes(found.broken)} does not"] if found.broken else []
    return f"Until it is repaired, {'; '.join(told)}."


def _codes(names: Iterable[str]) -> str:
    return ", ".join(code(name) for name in sorted(names))
