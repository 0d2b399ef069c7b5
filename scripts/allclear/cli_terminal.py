"""What the commands for people share: how they speak on a terminal, and how they end."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn

import click

PACKAGE = Path(__file__).resolve().parent
"""Where the program is: in a checkout, or installed."""
NOT_IN_ORDER, BAD_INPUT = 1, 2
"""How a command ends that found something to mend, and one that could not begin; 0 when all is well."""


def colour() -> bool | None:
    """No colours where somebody wants none, also on a terminal (https://no-color.org)."""
    return False if os.environ.get("NO_COLOR") else None


def printable(text: str) -> str:
    """The text without what a terminal would obey."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in text)


def warn(text: str, fg: str = "red") -> None:
    """A sentence of ours on standard error."""
    click.echo(click.style(text, fg=fg), err=True, color=colour())


def refuse(*mistakes: str, code: int = BAD_INPUT) -> NoReturn:
    """Say what is wrong, and end."""
    for mistake in mistakes:
        warn(mistake)
    sys.exit(code)


def point_out(place: str, text: str, *, mend: bool = True, err: bool = False) -> None:
    """What is to be mended at a ``place`` such as ``file.md:7``, or only a hint."""
    kind = click.style("mend", fg="red") if mend else click.style("hint", fg="yellow")
    click.echo(f"{printable(place)}: {kind}: {printable(text)}", err=err, color=colour())
