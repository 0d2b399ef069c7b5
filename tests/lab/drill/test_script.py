from __future__ import annotations

from datetime import UTC, datetime

import pytest

from allclear_lab.drill.outline import LIMIT, ScriptError
from allclear_lab.drill.script import read_script
from allclear_lab.drill.steps import CommentStep
from lab.drill.conftest import HEAD, OPEN

COMMENT = "  - { who: ann, does: comment, text: hello }\n"


def mistakes(text: str) -> str:
    with pytest.raises(ScriptError) as caught:
        read_script(text, "my.yml")
    return str(caught.value)


def test_a_script_is_read_with_the_time_and_the_line_of_every_step() -> None:
    later = """\
  - { at: "+90m", who: bob, does: comment, text: hi }
  - { at: "11:05", who: bob, does: comment, text: ho }
"""
    tomorrow = '  - { at: "2025-10-20 08:00", who: bob, does: comment, text: ho }\n'
    play = read_script(HEAD + OPEN + COMMENT + later + tomorrow, "my.yml")
    assert [timed.at.strftime("%d %H:%M") for timed in play.timed_steps] == [
        "19 09:00",
        "19 09:00",
        "19 10:30",
        "19 11:05",
        "20 08:00",
    ]
    assert [timed.line for timed in play.timed_steps] == [8, 13, 14, 15, 16]
    assert play.timed_steps[0].at == datetime(2025, 10, 19, 9, 0, tzinfo=UTC)
    assert play.actor("bob").role == "write"


def test_one_text_may_stand_where_a_list_may() -> None:
    play = read_script(HEAD + OPEN + "    expect: { says: hello }\n", "my.yml")
    assert play.timed_steps[0].step.expect.says == ("hello",)


def test_a_number_that_people_write_as_text_stays_text() -> None:
    step = (
        read_script(HEAD + OPEN + "  - { who: ann, does: comment, text: 0815 }\n", "my.yml")
        .timed_steps[1]
        .step
    )
    assert isinstance(step, CommentStep)
    assert step.text == "0815"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            HEAD + OPEN + "  - { who: ann, does: comment, txt: x }\n",
            "line 13: `text` is missing; write `text: …`",
        ),
        (
            HEAD + OPEN + "  - { who: ann, does: comment, text: x, txt: y }\n",
            "line 13: `txt` is not known; did you mean `text`?",
        ),
        (HEAD + OPEN + "    expect: { sayz: x }\n", "line 13: `sayz` is not known; did you mean `says`?"),
        (
            HEAD + OPEN + "    expect: { banana: x }\n",
            "known here: check, elsewhere, fails, labels, lacks, quiet",
        ),
        ("titel: x\n" + HEAD + OPEN, "line 1: `titel` is not known; did you mean `title`?"),
        (HEAD + OPEN + "end: { metrics: { speed: 3 } }\n", "my.yml, line 13"),
        (HEAD + OPEN + "end: { stge: open }\n", "line 13: `stge` is not known; did you mean `stage`?"),
        (HEAD + OPEN + "  - { who: ann, does: fly }\n", "line 13: nobody can `fly`; write one of 'open'"),
        (
            HEAD + OPEN + "  - { who: ann, text: x }\n",
            "line 13: a step needs `does: …`, such as `does: comment`",
        ),
        (
            HEAD + OPEN + "  - { who: an, does: comment, text: x }\n",
            "line 13: nobody is called `an`; did you mean `ann`?",
        ),
        (HEAD + OPEN + "  - { who: qqq, does: comment, text: x }\n", "the people are ann, bob, zed"),
        (HEAD.replace("zed", "-zed") + OPEN, "line 6: '-zed' is not a GitHub login; write it without the @"),
        (HEAD.replace("zed", "ann") + OPEN, "line 6: 'ann' is there twice; each person once"),
        (HEAD.replace("write", "wrote") + OPEN, "line 5: `role`: input should be 'none'"),
        (
            HEAD + OPEN + "  - { who: ann, does: edit, of: q, text: x }\n",
            "line 13: no earlier comment has `id: q`",
        ),
        (
            HEAD + OPEN + '  - { at: "+3x", who: ann, does: comment, text: x }\n',
            "'+3x' is not a time; write +3m, 14:05",
        ),
        (HEAD + OPEN + "  - { at: noon, who: ann, does: comment, text: x }\n", "'noon' is not a time"),
        (HEAD + OPEN + '  - { at: "2025-13-40 09:00", does: wait }\n', "'2025-13-40' is not a date"),
        (HEAD + OPEN + '  - { at: "08:59", does: wait }\n', "line 13: this is before the step above it"),
        (HEAD + OPEN + '  - { at: "+3w", does: wait }\n', "a drill lasts 14 days at most"),
        (
            HEAD + OPEN + '  - { at: "+999999w", does: wait }\n  - { at: "+999999w", does: wait }\n',
            "'+999999w' is not a time",
        ),
        (HEAD + "steps:\n" + COMMENT, "line 8: nothing is open yet; begin with `does: open`"),
        (HEAD + OPEN + OPEN.replace("steps:\n", ""), "line 14: one drill is one incident"),
        (HEAD + "steps: [\n", "this is not YAML"),
        (HEAD + OPEN + "title: again\n", "`title` is there twice"),
        ("- a\n- b\n", "line 1: a script begins with `title: …`"),
        ("", "line 1: a script begins with `title: …`"),
        ("#" * (LIMIT + 1), "line 1: the file is larger than 256 KiB"),
        (HEAD.replace("09:00:00Z", "25:00:00Z") + OPEN, "line 2: `start`:"),
        (HEAD + "repository: ../etc\n" + OPEN, "line 7: `repository`:"),
    ],
)
def test_a_mistake_is_named_with_file_line_and_fix(text: str, told: str) -> None:
    said = mistakes(text)
    assert told in said
    assert said.startswith("my.yml, line ")


def test_all_mistakes_of_a_script_are_told_at_once() -> None:
    said = mistakes(
        HEAD + OPEN + "  - { who: an, does: comment, text: x }\n" + '  - { at: "+y", does: wait }\n'
    )
    assert len(said.splitlines()) == 2
