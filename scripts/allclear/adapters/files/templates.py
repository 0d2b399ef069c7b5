"""Jinja2 behind core.render.Renderer: the only importer of jinja2, only when there is something to say."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2.sandbox import ImmutableSandboxedEnvironment


class Templates:
    """Renders the files of one folder, and single lines of a runbook. ``folder`` is of the trusted commit.

    Undefined names are errors. A runbook is data that people copy from each other, so its lines run in
    Jinja's sandbox (https://jinja.palletsprojects.com/en/stable/sandbox/): Python's insides are out of reach.
    Markdown is not escaped here, the core hands over inert text; a ``.html.j2`` file is escaped as HTML.
    """

    def __init__(self, folder: Path) -> None:
        # Several checkouts may share their templates, as those of a drill's jobs do.
        self._folder = folder.resolve()

    def file(self, name: str, values: Mapping[str, object]) -> str:
        """Render ``<folder>/<name>``. Raises jinja2.TemplateError: a broken template is a bug."""
        return _jinja(self._folder).get_template(name).render(values)

    def text(self, source: str, values: Mapping[str, object]) -> str:
        """Render one line of a runbook. Raises jinja2.TemplateError."""
        return _jinja(self._folder).from_string(source).render(values)


@cache
def _jinja(folder: Path) -> ImmutableSandboxedEnvironment:
    """One for all: a sweep over many incidents compiles each template once, a changed file anew."""
    # Imported late: a pass without anything to say must not pay for it.
    from jinja2 import FileSystemLoader, StrictUndefined, select_autoescape  # noqa: PLC0415 - see above
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415 - see above

    return ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        autoescape=select_autoescape(enabled_extensions=("html.j2",), default_for_string=False),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
