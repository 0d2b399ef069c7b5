"""Patterns that a release brings along as the engine of `re` runs them."""

import marshal
import re
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from allclear.adapters.files import kept_regexes
from allclear.adapters.files.kept_regexes import COMPILER, ENGINE, FILE, MADE_FOR, use_kept
from allclear.adapters.files.regexes_to_keep import Listening, summed, written

PATTERNS: tuple[tuple[str | bytes, int], ...] = (
    ("", 0),
    ("abc", 0),
    ("abc", re.IGNORECASE),
    (b"abc", 0),
    (r"^[ \t]{0,3}/([a-z]{2,20})(?=\s|$)(.*)", re.MULTILINE | re.IGNORECASE),
    (r"(?P<year>\d{4})-(?P<month>\d\d)(-(\d\d))?", 0),
    (r"(?i:grüße|ſtraße)[À-ž😀-🙏]+", re.UNICODE),
    ("(?x) a  # one\n b", 0),
    (r"(a)|(?:b)(?P<c>c)?(?(c)d|e)\1*?", re.DOTALL),
    (r"(?<!x)(?<=y)(?>z+)a*+\b\B\Z", re.ASCII),
    (rb"[\x00-\xff]\w(?P<name>.)", re.DOTALL),
)
ODD: tuple[tuple[Any, int], ...] = ((rb"\w", re.LOCALE), ("a", re.DEBUG))


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Path]:
    """A file of these patterns; what `re` is in this process is put right afterwards."""
    before = COMPILER.compile
    re.purge()
    with Listening() as heard:
        for pattern, flags in (*PATTERNS, *ODD):
            re.compile(pattern, flags)
    path = tmp_path / "regexes.kept"
    path.write_bytes(written(heard.made))
    re.purge()
    yield path
    COMPILER.compile = before
    re.purge()


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The patterns that `re` makes itself from now on."""
    found: list[object] = []
    parser = COMPILER._parser
    parse = parser.parse

    def telling(pattern: object, *more: object) -> object:
        found.append(pattern)
        return parse(pattern, *more)

    monkeypatch.setattr(parser, "parse", telling)
    return found


def test_a_kept_pattern_is_the_one_that_would_be_made_and_is_not_made(
    kept: Path, parsed: list[object]
) -> None:
    anew = [re.compile(pattern, flags) for pattern, flags in PATTERNS]
    re.purge()
    parsed.clear()
    use_kept(str(kept))
    taken: list[re.Pattern[Any]] = [re.compile(pattern, flags) for pattern, flags in PATTERNS]
    assert parsed == []
    assert taken == anew
    assert [dict(one.groupindex) for one in taken] == [dict(one.groupindex) for one in anew]
    assert [(one.flags, one.groups) for one in taken] == [(one.flags, one.groups) for one in anew]
    found = taken[5].match("2025-10-19")
    assert found is not None
    assert (found["year"], found.groups()) == ("2025", ("2025", "10", "-19", "19"))
    assert found.lastgroup is None
    assert re.fullmatch(r"(?P<year>\d{4})-(?P<month>\d\d)(-(\d\d))?", "2025-10") is not None


def test_all_others_are_made_as_always(
    kept: Path, parsed: list[object], capsys: pytest.CaptureFixture[str]
) -> None:
    use_kept(str(kept))
    others: tuple[tuple[Any, int], ...] = (("new", 0), ("abc", re.DOTALL), (b"abc", re.IGNORECASE), *ODD)
    for pattern, flags in others:
        assert re.compile(pattern, flags).pattern == pattern
    assert parsed == [pattern for pattern, _ in others]
    assert "LITERAL 97" in capsys.readouterr().out
    with pytest.raises(re.error, match="unterminated"):
        re.compile("(")
    assert re.compile(re.compile("abc")).pattern == "abc"


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"",
        b"\xff",
        summed(b""),
        summed(b"\xff"),
        summed(marshal.dumps(7, 2)),
        summed(marshal.dumps((MADE_FOR,), 2)),
        summed(marshal.dumps((MADE_FOR, 7), 2)),
        summed(marshal.dumps((("another",), {("abc", 0): 0}), 2)),
        summed(marshal.dumps(((*MADE_FOR[:2], 1, *MADE_FOR[3:]), {}), 2)),
        marshal.dumps((MADE_FOR, {}), 2),
        "cut",
    ],
)
def test_a_file_that_is_missing_damaged_or_for_another_engine_changes_nothing(
    kept: Path, content: bytes | str | None
) -> None:
    before, whole = COMPILER.compile, kept.read_bytes()
    if content is None:
        kept.unlink()
    else:
        kept.write_bytes(content if isinstance(content, bytes) else whole[:-20])
    use_kept(str(kept))
    assert COMPILER.compile is before


def test_a_file_of_which_any_byte_is_another_changes_nothing(kept: Path) -> None:
    """A length among them would ask for more memory than there is, a number for another pattern."""
    before, whole = COMPILER.compile, kept.read_bytes()
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 0x81
        kept.write_bytes(damaged)
        use_kept(str(kept))
        assert COMPILER.compile is before, place
    kept.write_bytes(whole)
    use_kept(str(kept))
    assert COMPILER.compile is not before


@pytest.mark.parametrize(
    "made",
    [
        (0, b"\1\2\3", 0, {}, (None,)),
        (0, b"\xff\xff\xff\xff", 0, {}, (None,)),
        (0, b"", 0, {}, (None,)),
        (0, "text", 0, {}, (None,)),
        (0,),
        (),
        7,
        "",
    ],
)
def test_what_the_engine_refuses_is_made_as_always(kept: Path, made: Any) -> None:
    kept.write_bytes(written({("a.c", 0): made}))
    use_kept(str(kept))
    assert re.compile("a.c").fullmatch("abc") is not None


def test_it_is_used_once_in_a_process(kept: Path) -> None:
    use_kept(str(kept))
    first = COMPILER.compile
    use_kept(str(kept))
    assert COMPILER.compile is first


def test_the_same_patterns_are_the_same_bytes(kept: Path) -> None:
    re.purge()
    with Listening() as heard:
        for pattern, flags in reversed(PATTERNS):
            re.compile(pattern, flags)
    assert written(heard.made) == kept.read_bytes()
    assert heard.made.keys() == {(pattern, int(flags)) for pattern, flags in PATTERNS}


def test_listening_ends_with_re_as_it_was() -> None:
    before = (COMPILER.compile, COMPILER._sre)
    with Listening():
        assert COMPILER.compile is not before[0]
    assert (COMPILER.compile, COMPILER._sre) == before


def test_a_checkout_has_none() -> None:
    assert not Path(FILE).exists()
    assert Path(FILE).parent.parent == Path(kept_regexes.__file__).parent


@pytest.mark.parametrize(("of", "name"), [(re, "_compiler"), (COMPILER, "_sre"), (ENGINE, "MAGIC")])
def test_a_python_whose_re_is_built_otherwise_makes_all_patterns_itself(
    kept: Path, monkeypatch: pytest.MonkeyPatch, of: Any, name: str
) -> None:
    """A run that could not begin for want of a shortcut would page nobody."""
    if of is ENGINE:
        monkeypatch.setattr(COMPILER, "_sre", object())
    else:
        monkeypatch.delattr(of, name)
    before = COMPILER.compile
    there = runpy.run_path(kept_regexes.__file__)
    there["use_kept"](str(kept))
    assert COMPILER.compile is before
