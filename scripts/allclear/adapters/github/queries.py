"""The queries that ask for comments, and what they have in common. Standard library only: one of them is
asked before anything else is imported (early_list).
"""

from __future__ import annotations

import os

FRAGMENTS = ("Said", "Edit", "Account")
"""What queries may name, each in a file of ``fragments/`` called like it; one may name a later one."""


def query(name: str) -> str:
    """The document ``<name>.graphql``, with those fragments that it names: GitHub refuses one in which a
    fragment stands that is not used.

    https://spec.graphql.org/October2021/#sec-Fragments-Must-Be-Used
    """
    text = _text(name)
    for fragment in FRAGMENTS:
        if f"...{fragment}" in text:
            text += _text(f"fragments/{fragment.lower()}")
    return text


def _text(name: str) -> str:
    file = f"{os.path.dirname(__file__)}/{name}.graphql"  # noqa: PTH120 - pathlib is slow to import
    with open(file, encoding="utf-8") as text:  # noqa: PTH123 - pathlib is slow to import
        return text.read()
