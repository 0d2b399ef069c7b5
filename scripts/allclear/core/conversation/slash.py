"""How a slash and its word stand in a line: bare at its start, or with something around them.

What stands around a command is taken off where the meaning is plain: list marks, task boxes, bold and
italics, emoji, brackets, signs that are not seen, punctuation right behind the word. What says that somebody
only speaks of a command, or to somebody else, is kept as the reason why it is not taken.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from allclear.core.model.neutral import code
from allclear.core.model.patterns import lazy_regex

How = Literal[
    "bare",
    "dressed",
    "look-alike",
    "several",
    "code",
    "quotation",
    "mention",
    "heading",
    "tilde",
    "cell",
    "sign",
    "html",
    "quote",
    "blank",
    "backslash",
    "slash behind",
    "two slashes",
    "run together",
    "joined",
    "in text",
    "mail",
]
"""How a command stands there. ``bare``: at the start of its line, with nothing around it. ``dressed``: with
something around it that changes no meaning; ``several``: the same, and it shares its line. ``look-alike``:
its slash is another sign. All others: it is not taken, and why.
"""

TAKEN: frozenset[How] = frozenset({"bare", "dressed", "several"})
_APART: tuple[How, ...] = ("blank", "backslash", "slash behind", "two slashes", "run together", "joined")
_IN_FRONT: tuple[How, ...] = ("heading", "mention", "tilde", "cell", "sign")
ONLY_KNOWN: frozenset[How] = frozenset({"code", "quotation", *_IN_FRONT, *_APART})
"""So a word stands that is not meant as a command, unless it is one of ours."""


class Shape(Struct, frozen=True):
    """What has to be known of a command to find it. ``bare``: it counts only bare. ``room``: so many words of
    arguments it takes at most, after which another command may follow; None: all that follows is its text.
    ``names``: its argument is the name of a command, also with its slash.
    ``asks``: a question mark right behind its word is the beginning of its line; of others it is dropped.
    """

    bare: bool = False
    room: int | None = 0
    asks: bool = False
    names: bool = False


Shapes = Callable[[str], Shape | None]
"""The shape of the command that a word means; None when it means none."""


def unknown(_word: str) -> Shape | None:
    """No word is known."""
    return None


class SlashWord(Struct, frozen=True):
    """A word with its slash, which stands ``at`` that place of its line, and the rest of the ``line``.
    ``asked``: a question mark stands right behind the word; ``ended``: a comma, a semicolon or a full stop.
    """

    at: int
    how: How
    word: str
    line: str = ""
    asked: bool = False
    ended: bool = False


LONGEST_DRESS = 600
"""Characters in front of a slash; a tag with a long address is one of them."""

_BARE = lazy_regex(r"/([^\W\d_][\w-]{0,39}|[^\W_]{1,20})(?=[\s:]|$)")
_NAME = lazy_regex(r"[^\W\d_][\w-]{0,39}|[^\W_]{1,20}")
_PATHS = frozenset(
    {"bin", "boot", "dev", "etc", "home", "lib", "media", "mnt", "opt", "proc", "root"}
) | frozenset({"sbin", "srv", "sys", "tmp", "usr", "var"})
_ROOT_CAUSE = lazy_regex(r"/root[ _]cause(?=[\s:]|$)", re.IGNORECASE)
"""A word of two; any other ``/root`` is the disk."""
_MYSELF = lazy_regex(r"/i['\u2019](m|ve|ll)(?=\s|$)", re.IGNORECASE)
"""Who says ``/I'm on it`` speaks to us."""
_DRESS = lazy_regex(
    r"""(?P<blank>\s+|&nbsp;|<(?:br|img)\b[^<>]{0,500}>|<!--.{0,300}?-->)
      | (?P<image>!\[[^\]]{0,200}\]\([^()\s]{1,400}\))
      | (?P<item>(?:[-+\u2022\u2023\u25aa\u25cf\u25e6\u00b7\u2013\u2014]
                  | \(?[0-9]{1,9}[.)] | [A-Za-z]\))(?=[\s/]))
      | (?P<star>\*(?=\s))
      | (?P<box>\[[ xX]?\](?=\s))
      | (?P<heading>\#{1,6}(?=[\s/]))
      | (?P<tilde>~(?=/))
      | (?P<cell>\|(?=[ \t]{0,20}/))
      | (?P<html></?[A-Za-z][^<>]{0,500}>)
      | (?P<mention>@[A-Za-z0-9][A-Za-z0-9-]{0,38}(?:/[A-Za-z0-9_-]{1,80}|\[bot\])?[,:]?(?=\s))
      | (?P<shortcode>:[a-z0-9_+-]{1,40}:|[0-9#*]\ufe0f?\u20e3)
      | (?P<emphasis>[*_]{1,3})
      | (?P<bracket>[(\[{])
      | (?P<quotation>["'\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb\u2039\u203a])
      | (?P<code>`{1,3})
      | (?P<sign>&gt;|[=!:;,%&^]{1,3}>?(?=[ \t]{0,3}/)|-{1,2}>)""",
    re.VERBOSE | re.IGNORECASE,
)
_TOLD: tuple[How, ...] = ("heading", "html", "mention", "tilde", "cell", "sign", "quotation", "code")
_LOOK_ALIKE = frozenset("\uff0f\u2215\u2044\u29f8")
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_QUOTATIONS = "\"'\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb\u2039\u203a"
_BEHIND = frozenset(
    "=>~.,;:!?\u2026\u2025\u3002\u3001\uff01\uff1f\uff1b\uff1a\uff0c)]}*_`+&|\\\u2013\u2014" + _QUOTATIONS
)
_ENDING = frozenset("=,;!\u2026\uff0c\u3001\u3002\uff01\uff1b)\u2013\u2014>")
"""Behind one of these the word is over, even if a letter follows at once."""
_TAG_BEHIND = lazy_regex(r"</?[A-Za-z][^<>]{0,100}>|<!--.{0,100}?-->")
_JOINED = lazy_regex(
    r"[.#+|~\"'`*(\[^%$]{1,3}([A-Za-z]{0,3}[0-9]{1,6})[)\]\"'`*.!]{0,3}(?=\s|$)|[#^%$]{1,3}(?=\s|$)"
)
"""What stands right behind a word where a blank belongs: ``/sev.1``, ``/sev(P1)``, ``/ack#``."""
_BESIDE = lazy_regex(r"[\"'`*_~(\[{<:.-]{1,3}(?=[A-Za-z])")
"""Signs between a slash and its word."""
_BREAK = lazy_regex(r"(?:<br\s{0,3}/?>|</(?P<tag>[a-z]{1,9})>|&nbsp;|\\)$", re.IGNORECASE)
_LETTER = lazy_regex(r"\w")
_ASKED = lazy_regex(r"\?[?!.]{0,9}(?=\s|$)")
NEXT = lazy_regex(r"/([^\W\d_][\w-]{0,39})(?=[\s.,;:!?&|]|$)")
"""A command that may begin inside a line."""
_ENDS = ";,."
_ASKING = "?\uff1f"


def unseen(sign: str) -> bool:
    """Whether it takes no room: zero-width signs, signs of direction, those that choose an emoji's look."""
    return unicodedata.category(sign) == "Cf" or "\ufe00" <= sign <= "\ufe0f"


def without_unseen(text: str) -> str:
    """The text without the signs in it that are not seen."""
    return text if text.isascii() else "".join(sign for sign in text if not unseen(sign))


_LOOKS = str.maketrans(
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0405\u0406\u0408"
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0455\u0456\u0458"
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bf\u03bd",
    "ABEKMHOPCTXSIJaeopcyxsijABEZHIKMNOPTYXov",
)
"""Letters of other alphabets, and the plain ones that they look like."""


def plain_letters(word: str) -> str:
    """The word in the plain letters that those of other alphabets in it look like."""
    return word.translate(_LOOKS)


def odd_letter(text: str) -> str:
    """What is said of a letter that only looks like a plain one, in one of the first words; else nothing."""
    for word in () if text.isascii() else text.split()[:20]:
        if not word.isascii() and word.translate(_LOOKS).isascii():
            odd = next(sign for sign in word if not sign.isascii())
            return f" The {code(odd)} in {code(word)} is {unicodedata.name(odd)}, no plain letter."
    return ""


def _picture(sign: str) -> bool:
    """An emoji, a part of one, or an arrow."""
    return not sign.isascii() and (unseen(sign) or unicodedata.category(sign) in ("So", "Sk", "Sm", "Me"))


def begins(line: str) -> SlashWord | None:
    """The command, or what looks like one, that a line begins with. Takes time linear in its length."""
    indent = len(line) - len(line.lstrip(" \t"))
    bare = _BARE.match(line, indent)
    myself = _MYSELF.match(line, indent)
    if myself is not None:
        return SlashWord(indent, "dressed", f"i'{myself[1].lower()}", _unbroken(line[myself.end() :].strip()))
    if bare is None:
        return _dressed(line, indent)
    cause = _ROOT_CAUSE.match(line, indent)
    if cause is not None:
        return SlashWord(indent, "bare", "root-cause", _unbroken(line[cause.end() :].strip(" \t:")))
    if bare[1].lower() in _PATHS:
        return None
    rest = line[bare.end() :].lstrip(" \t:").rstrip(" \t")
    shown = _unbroken(rest)
    return SlashWord(indent, "bare" if shown == rest else "dressed", bare[1], shown)


def _unbroken(text: str) -> str:
    """Without what breaks the line at its end: a mail program's ``<br>``, Markdown's backslash, the end of a
    tag that the text does not begin.
    """
    end = len(text)
    while found := _BREAK.search(text, max(0, end - 12), end):
        if found["tag"] and f"<{found['tag']}".lower() in text[: found.start()].lower():
            break
        end = found.start()
        while end and text[end - 1].isspace():
            end -= 1
    return text[:end]


def _dressed(line: str, start: int) -> SlashWord | None:
    """A slash-word behind what may stand in front of one."""
    at, why, openers = start, None, list[str]()
    end = min(len(line), start + LONGEST_DRESS)
    while at < end:
        sign = line[at]
        if sign in "/\\" or sign in _LOOK_ALIKE:
            return _behind_dress(line, at, why, openers)
        found = _DRESS.match(line, at)
        if found is not None and found.lastgroup is not None:
            why = why or next((one for one in _TOLD if one == found.lastgroup), None)
            if found.lastgroup in ("emphasis", "bracket", "quotation", "code", "cell"):
                openers.append(found[0])
            at = found.end()
        elif _picture(sign):
            at += 1
        elif unicodedata.category(sign) == "Mn":
            why, at = why or "look-alike", at + 1
        else:
            return None
    return None


def _behind_dress(line: str, at: int, why: How | None, openers: list[str]) -> SlashWord | None:
    rest, why = _behind_slash(line, at, why)
    if question := _ASKED.match(rest):
        return SlashWord(at, why or "dressed", "?", rest[question.end() :].strip())
    if beside := _BESIDE.match(rest):
        rest, why = rest[beside.end() :], why or "sign"
    word, taken = _word(rest)
    if any("_" in one for one in openers):
        word = word.rstrip("_")
    if not _NAME.fullmatch(word) or word.lower() in _PATHS:
        return None
    behind = rest[taken:]
    if behind.strip() in ("/", "//"):
        return SlashWord(at, why or "slash behind", word)
    if NEXT.match(behind):
        return SlashWord(at, "run together", word, behind)
    run = _run(behind)
    if run is None:
        joined = _JOINED.match(behind)
        shown = " ".join([joined[1] or "", *behind[joined.end() :].split()]).strip() if joined else ""
        return SlashWord(at, why or "joined", word, shown) if joined else None
    text = _closed(behind[run:], behind[:run], openers, whole=why in ("code", "quotation", "cell"))
    asked = any(sign in behind[:run] for sign in _ASKING)
    ended = not behind[:run].rstrip(_ENDS)
    return None if text is None else SlashWord(at, why or "dressed", word, text, asked, ended and run > 0)


def _behind_slash(line: str, at: int, why: How | None) -> tuple[str, How | None]:
    """What follows the slash ``at`` that place, without more slashes and blanks, and why it is not taken."""
    rest = line[at + 1 :]
    if line[at] in _LOOK_ALIKE:
        rest, why = unicodedata.normalize("NFKC", rest[:200]), why or "look-alike"
    elif line[at] == "\\":
        rest, why = rest.removeprefix("/"), why or "backslash"
    elif rest.startswith(("/", "\\")):
        rest, why = rest.lstrip("/\\"), why or ("two slashes" if rest[0] == "/" else "backslash")
    rest = rest.replace("&nbsp;", " ")
    if rest[:1].isspace():
        rest, why = rest.lstrip(), why or "blank"
    return rest, why


def _word(rest: str) -> tuple[str, int]:
    """The word without the signs in it that are not seen, and how many characters of ``rest`` it takes."""
    word = ""
    for number, sign in enumerate(rest[:80]):
        if _LETTER.match(sign) or sign == "-":
            word += sign
        elif not unseen(sign):
            return word, number
    return word, min(len(rest), 80)


def _run(behind: str) -> int | None:
    """How much of what follows a word is punctuation, closing marks or emoji; None where the word goes on, as
    a path or an address does.
    """
    at = 0
    while at < min(len(behind), 200) and not behind[at].isspace():
        tag = _TAG_BEHIND.match(behind, at)
        if tag is None and behind[at] not in _BEHIND and not _picture(behind[at]):
            break
        at = tag.end() if tag else at + 1
    following = behind[at : at + 1]
    if not following or following.isspace():
        return at
    last = behind[at - 1 : at]
    if not last and following == "@":
        return 0
    over = bool(last) and (last in _ENDING or _picture(last) or not _LETTER.match(following))
    return at if over else None


def _closed(text: str, run: str, openers: list[str], *, whole: bool) -> str | None:
    """The rest of a line without what closes the marks in front of its command; None when that closes before
    the end of the line, and has to close the ``whole`` of it.
    """
    for opener in reversed(openers):
        closers = _QUOTATIONS if opener in _QUOTATIONS else _CLOSING.get(opener, opener)
        quoted = opener in _QUOTATIONS
        if (quoted and any(one in run for one in closers)) or (not quoted and closers in run):
            after = text
        else:
            look = text.rfind if whole and opener != "|" else text.find
            places = [look(one) for one in (closers if quoted else [closers])]
            place = (max if whole else min)((one for one in places if one >= 0), default=-1)
            if place < 0:
                continue
            after = text[place + (1 if quoted else len(closers)) :]
            text = text[:place] + after
        if whole and _LETTER.search(after):
            return None
    return _unbroken(text.strip()).strip(" \t:")
