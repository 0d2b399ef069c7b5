"""What of the templates cannot be rendered, and what stands in for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from allclear.adapters.files.shipped import TEMPLATES, stands_at
from allclear.adapters.files.templates import Templates
from allclear.adapters.files.written_file import LARGEST, Earlier, nothing_earlier
from allclear.core.conversation.command import Policy
from allclear.core.model.authored import written_json
from allclear.core.model.neutral import code
from allclear.core.model.structs import PartlyCompared, replace
from allclear.core.plan.shipped_templates import shipped

if TYPE_CHECKING:
    from allclear.core.plan.template_check import BrokenTemplate


def with_texts(
    root: Path, policy: Policy, earlier: Earlier = nothing_earlier, *, severities: int | None = None
) -> Policy:
    """The policy, with what is wrong with its templates in ``trouble``, a sentence each, and with the last
    whole version in ``earlier`` of each that cannot be rendered. ``severities``: the templates are filled
    in for so many, the worst first; for all without.
    """
    files = sorted(stands_at(root, TEMPLATES).glob("*.j2"))
    texts = tuple((file.name, file.read_bytes()) for file in files if file.is_file())
    # A run need not find out again what a test of ours has.
    is_known = severities is not None and shipped(texts)
    found = () if is_known else _broken(_Looked.at(texts, policy, severities))
    instead, named = _last_whole(root, policy, [one.name for one in found], earlier)
    told = [_sentence(one, named) for one in found]
    renderer = Templates(stands_at(root, TEMPLATES), instead) if instead else policy.renderer
    return replace(policy, trouble=(*policy.trouble, *told), renderer=renderer)


class _Looked(PartlyCompared, frozen=True):
    """What the look at the templates depends on: their bytes, the runbook and the settings."""

    templates: tuple[tuple[str, bytes], ...]
    runbook: str
    settings: str
    severities: int | None
    policy: Policy
    aside: ClassVar[frozenset[str]] = frozenset({"policy"})

    @classmethod
    def at(cls, texts: tuple[tuple[str, bytes], ...], policy: Policy, severities: int | None) -> _Looked:
        return cls(texts, repr(policy.runbook), written_json(policy.settings), severities, policy)


@lru_cache(maxsize=32)
def _broken(looked: _Looked) -> tuple[BrokenTemplate, ...]:
    """Kept: a drill plays hundreds of jobs in one process, all with the same files."""
    from allclear.core.plan.template_check import (  # noqa: PLC0415 - only where somebody changed a template
        broken_templates,
    )

    return tuple(broken_templates(looked.policy, severities=looked.severities))


def _sentence(broken: BrokenTemplate, named: Mapping[str, str]) -> str:
    until = f"Until it is repaired, {_stands_in(broken, named)}."
    return f"`{TEMPLATES}/{broken.name}` line {broken.line}: {broken.why} {until}"


def _stands_in(broken: BrokenTemplate, named: Mapping[str, str]) -> str:
    if broken.name in named:
        return f"that of {code(named[broken.name])} is used"
    if broken.document:
        return "the post-mortem is written plainly"
    return "its words are left out"


def _last_whole(
    root: Path, policy: Policy, names: Collection[str], earlier: Earlier
) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """By a template's name, the newest version that can be rendered, and what that version is called."""
    texts: dict[str, str] = {}
    called: dict[str, str] = {}
    if not names:
        return texts, called
    from allclear.core.plan.template_check import broken_templates  # noqa: PLC0415 - only where somebody changed a template

    for name in names:
        for version, raw in earlier(f"{TEMPLATES}/{name}"):
            text = raw[:LARGEST].decode("utf-8", errors="replace")
            older = replace(policy, renderer=Templates(stands_at(root, TEMPLATES), {name: text}))
            if not any(broken_templates(older, (name,))):
                texts[name], called[name] = text, version
                break
    return texts, called
