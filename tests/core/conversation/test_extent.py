import pytest

from allclear.core.conversation.extent import blocks, first_paragraph, without_talk
from allclear.core.model.fences import is_fenced

TIMES = "a\n\n14:05 b\n\n[14:06] c\n\n2025-10-19 14:07 d"
LOG = "```\n13:05 a\n\n13:05 b\n```"


@pytest.mark.parametrize(
    ("text", "own", "left"),
    [
        ("a", "a", ""),
        ("a\nb", "a\nb", ""),
        ("a\n\nb\n\nc", "a", "b\n\nc"),
        ("a\n\n\n\nb", "a", "b"),
        ("a\n\n- b\n\n* c\n\n1. d\n\ne", "a\n\n- b\n\n* c\n\n1. d", "e"),
        (
            "a\n\n14:05 b\n\n[14:06] c\n\n2025-10-19 14:07 d",
            "a\n\n14:05 b\n\n[14:06] c\n\n2025-10-19 14:07 d",
            "",
        ),
        (f"a\n{LOG}\n\nb", f"a\n{LOG}", "b"),
        (f"a\n\n{LOG}\n\nb", f"a\n\n{LOG}", "b"),
        ("a\n\n```\nopen\n\nto the end", "a\n\n```\nopen\n\nto the end", ""),
        ("a\n~~~\n```\n\n~~~\nb", "a\n~~~\n```\n\n~~~\nb", ""),
        ("", "", ""),
    ],
)
def test_a_text_ends_at_the_empty_line_save_for_lists_times_and_blocks(
    text: str, own: str, left: str
) -> None:
    assert first_paragraph(text) == (own, left)


@pytest.mark.parametrize(
    "talk",
    [
        "Thanks everybody!",
        "cc @cat @dave",
        "CC: @acme/ops",
        "@cat",
        "@cat, @dave and @ada",
        "Great work",
        "Danke!",
    ],
)
def test_what_only_thanks_or_calls_people_is_talk(talk: str) -> None:
    assert without_talk(f"a\n\nb\n\n{talk}") == ("a\n\nb", talk)
    assert without_talk(f"a\n\n{talk}\n\n{talk}\n") == ("a", f"{talk}\n\n{talk}")


@pytest.mark.parametrize(
    "text",
    [
        "a\n\nb",
        "Thanks everybody!",
        "a\n\nThanks to the rollback the error rate falls.",
        "a\n\nccache is off",
        "a\n\n@cat restarts the workers",
        f"a\n\nThanks {'very ' * 50}much",
        "a\nThanks",
    ],
)
def test_all_other_paragraphs_belong_to_the_text(text: str) -> None:
    assert without_talk(text) == (text, "")


def test_a_fenced_block_is_one_block_wherever_it_stands() -> None:
    assert list(blocks(f"a\nb\n\nc\n{LOG}\nd\n\n\n{LOG}")) == ["a\nb", "c", LOG, "d", LOG]
    assert list(blocks("```\nopen")) == ["```\nopen"]
    assert list(blocks("")) == []
    assert [is_fenced(one) for one in blocks(f"a\n{LOG}")] == [False, True]
