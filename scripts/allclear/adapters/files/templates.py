"""Jinja2 behind core.render.Renderer, imported only when there is something to say."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from allclear.adapters.files.shipped import PACKAGE, came_with
from allclear.core.model.errors import TextError

if TYPE_CHECKING:
    from jinja2 import BaseLoader, Template
    from jinja2.sandbox import ImmutableSandboxedEnvironment


Place = tuple[Path, tuple[tuple[str, str], ...], bool]
"""A folder, texts that stand in for files of it, and whether code that lies beside them may be loaded."""


class Templates:
    """Renders the files of one folder, and single lines of a runbook. ``folder`` is of the trusted commit.

    Undefined names are errors. A runbook is data that people copy from each other, so its lines run in
    Jinja's sandbox (https://jinja.palletsprojects.com/en/stable/sandbox/): Python's insides are out of reach.
    Markdown is not escaped here, the core hands over inert text; a ``.html.j2`` file is escaped as HTML.
    ``instead``: texts that stand in for files of these names. ``package``: the code that runs, whose own
    templates may have been compiled before.
    """

    def __init__(
        self, folder: Path, instead: Mapping[str, str] | None = None, *, package: Path = PACKAGE
    ) -> None:
        # Several checkouts may share their templates, as those of a drill's jobs do.
        self._place: Place = (folder.resolve(), tuple((instead or {}).items()), came_with(folder, package))

    def file(self, name: str, values: Mapping[str, object]) -> str:
        """Render ``<folder>/<name>``. Raises TextError."""
        with _named_errors():
            return _jinja(self._place).get_template(name).render(values)

    def text(self, source: str, values: Mapping[str, object]) -> str:
        """Render one line of a runbook. Raises TextError."""
        with _named_errors():
            return _line(self._place, source).render(values)

    def names(self, source: str) -> frozenset[str]:
        """The values that a line of a runbook names. Raises TextError."""
        with _named_errors():
            return _names(self._place, source)

    def file_names(self, name: str) -> Mapping[str, int]:
        """The values that ``<folder>/<name>`` names, each with the first line that does. Raises TextError."""
        with _named_errors():
            return _places(self._place, _loader(self._place).get_source(_jinja(self._place), name)[0])

    def write_compiled(self) -> tuple[Path, ...]:
        """Keep the folder's templates as code of this Python, which later runs find; the files of it."""
        from allclear.adapters.files.compiled_templates import write_compiled  # noqa: PLC0415 - only for who makes a release

        return write_compiled(self._place[0], _jinja(self._place))


@contextmanager
def _named_errors() -> Iterator[None]:
    """What goes wrong in a template, as one kind of error: an expression of it can fail in any way."""
    from jinja2 import TemplateError, TemplateNotFound, TemplateSyntaxError, UndefinedError  # noqa: PLC0415 - not for a pass without anything to say

    # A macro that calls itself is a RecursionError.
    wrong = (
        TemplateError,
        ArithmeticError,
        AttributeError,
        LookupError,
        RecursionError,
        TypeError,
        ValueError,
    )
    try:
        yield
    except wrong as error:
        frames = [one for one in traceback.extract_tb(error.__traceback__) if one.filename.endswith(".j2")]
        line = error.lineno if isinstance(error, TemplateSyntaxError) else frames[-1].lineno if frames else 0
        undefined = (
            re.fullmatch(r"'(\w+)' is undefined", str(error)) if isinstance(error, UndefinedError) else None
        )
        why = f"the template {error} is not there" if isinstance(error, TemplateNotFound) else str(error)
        why = "it is not UTF-8 text; save it as UTF-8" if isinstance(error, UnicodeDecodeError) else why
        raise TextError(why, line=line or 0, name=undefined.group(1) if undefined else "") from error


@lru_cache(maxsize=512)
def _line(place: Place, source: str) -> Template:
    """One line of a runbook, compiled once."""
    return _jinja(place).from_string(source)


@lru_cache(maxsize=512)
def _names(place: Place, source: str) -> frozenset[str]:
    """https://jinja.palletsprojects.com/en/stable/api/#jinja2.meta.find_undeclared_variables"""
    from jinja2 import meta  # noqa: PLC0415 - not for a pass without anything to say

    environment = _jinja(place)
    return frozenset(meta.find_undeclared_variables(environment.parse(source)) - environment.globals.keys())


@lru_cache(maxsize=64)
def _places(place: Place, source: str) -> Mapping[str, int]:
    from jinja2 import nodes  # noqa: PLC0415 - not for a pass without anything to say

    wanted, tree = _names(place, source), _jinja(place).parse(source)
    named = [one for one in tree.find_all(nodes.Name) if one.name in wanted]
    return {one.name: one.lineno for one in sorted(named, key=lambda one: -one.lineno)}


@cache
def _jinja(place: Place) -> ImmutableSandboxedEnvironment:
    """One for all: a sweep over many incidents compiles each template once, a changed file anew."""
    from jinja2 import StrictUndefined, select_autoescape  # noqa: PLC0415 - not for a pass without anything to say
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415 - not for a pass without anything to say

    from allclear.adapters.files.compiled_templates import CompiledTemplates  # noqa: PLC0415 - it loads jinja2

    return ImmutableSandboxedEnvironment(
        loader=_loader(place),
        undefined=StrictUndefined,
        autoescape=select_autoescape(enabled_extensions=("html.j2",), default_for_string=False),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
        bytecode_cache=CompiledTemplates(place[0]) if place[2] else None,
    )


def _loader(place: Place) -> BaseLoader:
    from jinja2 import ChoiceLoader, DictLoader, FileSystemLoader  # noqa: PLC0415 - not for a pass without anything to say

    folder, instead, _ = place
    return ChoiceLoader([DictLoader(dict(instead)), FileSystemLoader(folder)])
