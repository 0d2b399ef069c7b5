from __future__ import annotations

import io

from rich.console import Console

from allclear_lab.drill.terminal import ink, markdown, span
from lab.drill.conftest import HEAD, OPEN, Player


def plain(text: str) -> str:
    screen = io.StringIO()
    Console(file=screen, width=80).print(markdown(text))
    return screen.getvalue()


def test_colours_and_a_progress_bar_only_where_they_can_be_seen(play: Player) -> None:
    script = HEAD + OPEN
    assert "\x1b[" not in play(script).output
    shown = play(script, terminal=True).output
    assert "\x1b[" in shown
    assert "1/1" in shown


def test_quiet_shows_the_verdict_and_what_was_not_as_expected(play: Player) -> None:
    assert play(HEAD + OPEN, quiet=True).output == "It ended as the script expects.\n"
    shown = play(HEAD + OPEN + "end: { stage: closed }\n", quiet=True).output
    assert shown.startswith("✗ the end (my.yml, line 13)")


def test_an_escape_sequence_in_a_script_does_not_reach_the_terminal(play: Player) -> None:
    script = HEAD.replace("Ann Archer", r'"Ann \e[31m"').replace("A tile is gone", r'"A \e[31m tile"')
    played = play(script + OPEN + r'  - { who: ann, does: comment, text: "red \e[31m text [bold]" }' + "\n")
    assert "\x1b" not in played.output
    assert "[bold]" in played.output


def test_an_issue_without_a_description_is_shown_as_such(play: Player) -> None:
    assert "(no text)" in play(HEAD + OPEN.replace('    text: "Started: 2025-10-19T08:50:00Z"\n', "")).output


def test_what_github_draws_is_said_in_signs() -> None:
    shown = plain(
        "> [!CAUTION]\n> broken\n\n- [x] done\n- [ ] open\n\none\ntwo <sub>small</sub> [link](https://x.example)"
    )
    for text in ("Caution", "☑ done", "☐ open", "\none ", "\ntwo small link"):
        assert text in shown
    assert "- [ ] left alone" in plain("```\n- [ ] left alone\n```")


def test_text_on_a_label_is_readable() -> None:
    assert (ink("ffffff"), ink("b60205")) == ("black", "white")


def test_durations_are_spelt() -> None:
    assert (span(None), span(0), span(125)) == ("not recorded", "less than 1 min", "2 h 5 min")
