from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from allclear_lab.drill.transcript import page
from lab.drill.conftest import HEAD, HOTDASH, OPEN, Player

HOSTILE = """\
  - who: zed
    does: comment
    text: |
      <script>alert("x")</script> <img src=https://evil.example/a.png onerror=alert(1)>
      ![pic](https://evil.example/b.png) </article></main> {{ 7 * 7 }} @ann
      <style>@import url(https://evil.example/c.css)</style>
"""


class Reader(HTMLParser):
    """Collects what would make a browser ask somebody for something, and the tags that never close."""

    VOID = ("meta", "br", "hr", "input", "link", "img")

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[tuple[str, str]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "img", "link", "iframe", "object", "embed", "video", "audio", "base", "form"):
            self.loads.append((tag, str(attrs)))
        self.loads += [
            (name, str(value))
            for name, value in attrs
            if name in ("src", "srcset", "poster", "action") or name.startswith("on")
        ]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            while self.open.pop() != tag:
                pass


def test_the_page_asks_nobody_for_anything_whatever_people_write(play: Player) -> None:
    script = HEAD + OPEN.replace("Sales tile is gone", "<script>alert(1)</script><b>") + HOSTILE
    text = page(play(script.replace("Ann Archer", "<i>Ann</i>")).record)
    reader = Reader()
    reader.feed(text)
    assert reader.loads == []
    assert reader.open == []
    assert not re.search(r"url\(|@import", text.split("</style>")[0])
    assert "default-src 'none'" in text
    assert "{{ 7 * 7 }}" in text
    assert "&lt;i&gt;Ann&lt;/i&gt;" in text


def test_the_same_script_and_seed_write_the_same_bytes(play: Player) -> None:
    script = HEAD + OPEN + '  - { at: "+2m", who: bob, does: comment, text: /ack }\n'
    first, again, other = (page(play(script, seed=seed).record) for seed in (7, 7, 8))
    assert first == again
    assert first != other


def test_it_shows_the_conversation_with_who_said_what_and_what_it_took(play: Player) -> None:
    script = (
        HOTDASH
        + OPEN
        + """\
    note: How it began
  - { at: "+2m", who: bob, does: comment, text: /banana }
  - { at: "+1m", who: bob, does: react, of: x }
  - { at: "+61m", does: wait }
"""
    )
    script = script.replace("text: /banana", "id: x, text: /banana")
    text = page(play(script).record)
    for shown in (
        "How it began",
        'class="card bot no"',
        "👍",
        "time passes",
        "nothing was due",
        "scheduled sweep",
        "respond ← issues.opened",
        "Step 2 · 09:02",
        "Started</b><span>08:50",
    ):
        assert shown in text


@pytest.mark.parametrize("word", ["allclear:entries", "allclear:panel", "127.0.0.1"])
def test_hidden_records_and_addresses_stay_hidden(play: Player, word: str) -> None:
    assert word not in page(play(HEAD + OPEN).record)


def test_the_post_mortem_and_its_pull_request_are_on_the_page(play: Player) -> None:
    over = """\
  - { at: "+1m", who: ann, does: comment, text: '/all-clear --override "a drill"' }
  - { at: "2025-10-20 09:00", who: ann, does: merge }
  - { at: "2025-10-20 09:00", who: ann, does: delete, of: x }
"""
    script = HOTDASH + OPEN + '  - { who: zed, does: comment, id: x, text: "hm #1" }\n' + over
    played = play(script)
    text = page(played.record)
    for shown in (
        'id="report"',
        'id="pull"',
        "Front matter: the incident as data",
        "Monday, 20 October",
        "on the default branch",
    ):
        assert shown in text
    assert 'class="diagram"' in text
    names = sorted(path.name for path in played.out.iterdir())
    assert names == ["2025-10-19-sales-tile-is-gone.md", "panel.html", "pull-request.md", "transcript.html"]


def test_what_was_not_as_expected_stands_on_top(play: Player) -> None:
    text = page(play(HEAD + OPEN + "end: { stage: closed }\n").record)
    assert text.index("Not as the script expects") < text.index('id="panel"')
