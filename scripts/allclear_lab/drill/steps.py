"""What people do in a drill, and what has to come back: the steps of a script."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from allclear.core.model.frozen import Frozen
from allclear.core.model.times import Duration


def _several(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(_several)]
"""One text or a list of texts."""


class Expect(Frozen):
    """What has to come back after a step.

    ``says``: texts in the bot's replies to it; ``refused``: whether a command of it was refused (said, or
    with a
    thumbs-down); ``quiet``: whether nobody answers; ``labels`` and ``lacks``: labels that the issue has and
    has not; ``check``: what the check of the post-mortem says on its pull request; ``elsewhere``: texts that
    the bot opens or writes in other issues; ``fails``: a workflow run may fail.
    """

    says: Texts = ()
    refused: bool | None = None
    quiet: bool | None = None
    labels: Texts = ()
    lacks: Texts = ()
    check: Literal["success", "failure", "pending"] | None = None
    elsewhere: Texts = ()
    fails: bool = False


class _AnyStep(Frozen):
    """``at`` is ``+3m`` (after the step before) or a time, ``14:05`` or ``2025-10-20 09:00`` (UTC). ``id``
    names the
    step's comment for a later ``of``; ``note`` is told in the margin; the first ``open`` or ``form`` is the
    incident.
    """

    at: str = "+0m"
    id: str = ""
    note: str = ""
    expect: Expect = Expect()


class OpenStep(_AnyStep):
    """Opens the issue as item 000-08 does with ``gh issue create``; labels need the right to set them."""

    does: Literal["open"]
    who: str
    title: str
    text: str = ""
    labels: Texts = ()


class FormStep(_AnyStep):
    """Opens the issue with the issue form: ``fields`` by their headings.
    The form's labels are set for everybody.
    """

    does: Literal["form"]
    who: str
    title: str
    fields: dict[str, str] = Field(default_factory=dict)
    labels: Texts = ("incident",)


class CommentStep(_AnyStep):
    """Writes a comment."""

    does: Literal["comment"]
    who: str
    text: str


class EditStep(_AnyStep):
    """Rewrites the comment of the step ``of``."""

    does: Literal["edit"]
    who: str
    of: str
    text: str


class DeleteStep(_AnyStep):
    """Deletes the comment of the step ``of``."""

    does: Literal["delete"]
    who: str
    of: str


class ReactStep(_AnyStep):
    """Puts a reaction on the comment of the step ``of``."""

    does: Literal["react"]
    who: str
    of: str
    reaction: Literal["+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes"] = "+1"


class LabelStep(_AnyStep):
    """Sets or takes a label by hand."""

    does: Literal["label", "unlabel"]
    who: str
    label: str


class TickStep(_AnyStep):
    """Clicks a box on the panel, by the id of its step."""

    does: Literal["tick", "untick"]
    who: str
    item: str


class StateStep(_AnyStep):
    """Closes or reopens the issue by hand."""

    does: Literal["close", "reopen"]
    who: str


class MergeStep(_AnyStep):
    """Merges the post-mortem's pull request, or closes it unmerged."""

    does: Literal["merge", "decline"]
    who: str


class ReviewStep(_AnyStep):
    """Reviews the post-mortem's pull request: writes into it (``changes``, what stands there to what shall),
    says ``text`` and, unless ``approve`` is false, approves.
    """

    does: Literal["review"]
    who: str
    changes: dict[str, str] = Field(default_factory=dict)
    approve: bool = True
    text: str = ""


class ApproveStep(_AnyStep):
    """Approves the run that waits for its environment's reviewers, or rejects it."""

    does: Literal["approve", "reject"]
    who: str
    text: str = ""


class DispatchStep(_AnyStep):
    """Starts a workflow by hand, as ``gh workflow run`` does."""

    does: Literal["dispatch"]
    who: str
    workflow: str
    inputs: dict[str, str] = Field(default_factory=dict)


class WaitStep(_AnyStep):
    """Nobody does anything; the clock runs, and the sweeps with it, one at the very end. ``sweep``: so far
    apart are those until then, in place of the script's; days go by quickly with ``12h``.
    """

    does: Literal["wait"]
    sweep: Duration | None = Field(default=None, ge=timedelta(minutes=1))


Step = Annotated[
    OpenStep
    | FormStep
    | CommentStep
    | EditStep
    | DeleteStep
    | ReactStep
    | LabelStep
    | TickStep
    | StateStep
    | MergeStep
    | ReviewStep
    | ApproveStep
    | DispatchStep
    | WaitStep,
    Field(discriminator="does"),
]
