"""Jinja2 behind core.render.Renderer: the only importer of jinja2, only when there is something to say."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from allclear.core.model.errors import TextError

if TYPE_CHECKING:
    from jinja2 import Template
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
        """Render ``<folder>/<name>``. Raises TextError."""
        with _named_errors():
            return _jinja(self._folder).get_template(name).render(values)

    def text(self, source: str, values: Mapping[str, object]) -> str:
        """Render one line of a runbook. Raises TextError."""
        with _named_errors():
            return _line(self._folder, source).render(values)

    def names(self, source: str) -> frozenset[str]:
        """The values that a line of a runbook names. Raises TextError."""
        with _named_errors():
            return _names(self._folder, source)


@contextmanager
def _named_errors() -> Iterator[None]:
    """What goes wrong in a template, as one kind of error: an expression of it can fail in any way."""
    from jinja2 import TemplateError, TemplateNotFound, TemplateSyntaxError, UndefinedError  # noqa: PLC0415 - late, see _jinja

    wrong = (TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
    try:
        yield
    except wrong as error:
        frames = [one for one in traceback.extract_tb(error.__traceback__) if one.filename.endswith(".j2")]
        line = error.lineno if isinstance(error, TemplateSyntaxError) else frames[-1].lineno if frames else 0
        undefined = (
            re.fullmatch(r"'(\w+)' is undefined", str(error)) if isinstance(error, UndefinedError) else None
        )
        why = f"the template {error} is not there" if isinstance(error, TemplateNotFound) else str(error)
        raise TextError(why, line=line or 0, name=undefined.group(1) if undefined else "") from error


@lru_cache(maxsize=512)
def _line(folder: Path, source: str) -> Template:
    """One line of a runbook, compiled once."""
    return _jinja(folder).from_string(source)


@lru_cache(maxsize=512)
def _names(folder: Path, source: str) -> frozenset[str]:
    """https://jinja.palletsprojects.com/en/stable/api/#jinja2.meta.find_undeclared_variables"""
    from jinja2 import meta  # noqa: PLC0415 - late, see _jinja

    environment = _jinja(folder)
    return frozenset(meta.find_undeclared_variables(environment.parse(source)) - environment.globals.keys())


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
