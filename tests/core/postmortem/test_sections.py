"""Writing a document again without losing what people wrote into it (fault I11)."""

from hypothesis import given, settings
from hypothesis import strategies as st

from allclear.core.postmortem.sections import merge, says_the_same, superseded


def page(cause: str = "Not known", *actions: str, more: str = "") -> str:
    """A document as a template renders it."""
    items = "".join(f"- [ ] {action}\n" for action in actions) or "_None yet._\n"
    return (
        "<!-- allclear:begin head -->\n# Post-Mortem\n<!-- allclear:end head -->\n\n"
        "## Root Cause\n\n"
        f"<!-- allclear:begin root-cause -->\n{cause}\n<!-- allclear:end root-cause -->\n\n"
        "## Prevention\n\n"
        f"<!-- allclear:begin prevention -->\n{items}<!-- allclear:end prevention -->\n{more}"
    )


NOTES = "\n## Notes\n\n<!-- allclear:begin notes -->\nNothing.\n<!-- allclear:end notes -->\n"


def test_untouched_blocks_are_written_anew() -> None:
    assert merge(page("The pool", "Alert"), merge(page(), None)) == merge(page("The pool", "Alert"), None)


def test_an_empty_file_counts_as_none() -> None:
    assert merge(page(), " \n") == merge(page(), None)


def test_an_edited_block_is_kept_word_for_word() -> None:
    old = merge(page(), None).replace("Not known", "We forgot   the index.\n\n> really")
    new = merge(page("The pool"), old)
    assert "We forgot   the index.\n\n> really\n" in new
    assert "The pool" not in new


def test_undoing_the_edit_hands_the_block_back() -> None:
    old = merge(page(), None)
    kept = merge(page("The pool"), old.replace("Not known", "Mine"))
    assert "The pool" in merge(page("The pool"), kept.replace("Mine", "Not known"))


def test_what_editors_change_on_their_own_is_no_edit() -> None:
    old = merge(page("one  \ntwo"), None)
    assert "The pool" in merge(page("The pool"), old.replace("one  \n", "one\n").replace("\n", "\r\n"))


def test_text_around_blocks_is_never_touched() -> None:
    old = merge(page(), None).replace("## Root Cause\n", "## Root Cause\n\nSee the *graph*.\n") + "\n\nBye."
    new = merge(page("The pool"), old)
    assert "## Root Cause\n\nSee the *graph*.\n" in new
    assert new.endswith("\n\nBye.")
    assert "The pool" in new


def test_an_edited_block_that_the_record_contradicts_is_shown_until_people_change_it() -> None:
    edited = merge(page(), None).replace("Not known", "We forgot the index.")
    assert superseded(merge(page(), edited)) == []
    assert merge(page(), edited) == edited
    newer = merge(page("The pool"), edited)
    (line,) = superseded(newer.replace("\n", "\r\n"))
    assert newer.split("\n")[line - 1].startswith("<!-- allclear:begin root-cause ")
    assert merge(page("The pool"), newer) == newer
    weighed = newer.replace("the index.", "the index, and the pool was small.")
    assert superseded(weighed) == []
    assert merge(page("The pool"), weighed) == weighed
    assert len(superseded(merge(page("The pool and the disk"), weighed))) == 1


def test_what_the_record_takes_back_contradicts_nothing_any_more() -> None:
    edited = merge(page(), None).replace("Not known", "We forgot the index.")
    assert merge(page(), merge(page("The pool"), edited)) == edited


def test_questions_and_items_contradict_nothing_that_people_wrote() -> None:
    answered = merge(page("_What caused it?_"), None).replace("_What caused it?_", "The index.")
    assert superseded(merge(page("_What caused it, really?_"), answered)) == []
    listed = merge(page("x", "Alert"), None).replace("Alert", "Alert on the pool")
    assert superseded(merge(page("x", "Alert", "Test"), listed)) == []


ASKED = "1. _What went well?_\n1. _Where were we lucky?_"


def test_what_is_asked_vanishes_when_people_write_beside_the_block_and_comes_back_without() -> None:
    first = merge(page(ASKED), None)
    end = "<!-- allclear:end root-cause -->"
    written = merge(page(ASKED), first.replace(end, f"{end}\n\nThe pool."))
    assert "_What went well?_" not in written
    assert "\n\nThe pool." in written
    assert merge(page(ASKED), written) == written
    assert merge(page(ASKED), written.replace("\n\nThe pool.", "")) == first
    assert "_None yet._" in written  # Another section's.


def test_what_is_asked_vanishes_when_people_write_in_the_block() -> None:
    edited = merge(page(ASKED), None).replace("1. _What went well?_", "1. Everybody was there.")
    written = merge(page(ASKED), edited)
    assert "1. Everybody was there.\n<!-- allclear:end" in written
    assert merge(page(ASKED), written) == written


def test_a_list_of_which_people_answered_only_the_last_question_begins_with_1() -> None:
    edited = merge(page(ASKED), None).replace("_Where were we lucky?_", "It was Sunday.")
    assert "-->\n1. It was Sunday.\n<!-- allclear:end" in merge(page(ASKED), edited)


def test_what_was_asked_with_another_number_vanishes_too() -> None:
    edited = merge(page(ASKED), None).replace("1. _Where were we lucky?_", "2. _Where were we lucky?_")
    written = merge(page(ASKED), edited.replace("_What went well?_", "Everybody was there."))
    assert "1. Everybody was there.\n<!-- allclear:end" in written


def test_a_block_that_people_emptied_but_for_a_question_keeps_it() -> None:
    edited = merge(page(ASKED), None).replace("1. _What went well?_\n", "")
    assert "1. _Where were we lucky?_" in merge(page(ASKED), edited)


def test_new_action_items_join_an_edited_list_once() -> None:
    old = merge(page("x", "Alert"), None).replace("- [ ] Alert", "- [x] Alert on *pool size*")
    once = merge(page("x", "Alert", "Runbook"), old)
    assert "- [x] Alert on *pool size*\n- [ ] Runbook\n<!-- allclear:end prevention -->" in once
    assert "- [ ] Alert\n" not in once
    assert merge(page("x", "Alert", "Runbook"), once) == once


def test_an_action_item_that_was_removed_stays_removed() -> None:
    old = merge(page("x", "Alert", "Runbook"), None).replace("- [ ] Alert\n", "")
    assert (
        "Alert" not in merge(page("x", "Alert", "Runbook"), old).split("## Prevention")[1].split("-->", 1)[1]
    )


def test_an_action_item_that_somebody_wrote_already_is_not_doubled() -> None:
    old = merge(page("x", "Alert"), None).replace("- [ ] Alert\n", "- [ ] Alert\n- [x] Runbook\n")
    new = merge(page("x", "Alert", "Runbook"), old)
    assert new.count("] Runbook") == 1


def test_a_section_whose_markers_are_gone_is_somebodys_own() -> None:
    lines = merge(page(), None).split("\n")
    old = "\n".join(line for line in lines if not line.startswith("<!--"))
    assert merge(page("The pool"), old) == old.strip()


def test_but_new_action_items_go_to_the_end_of_it_once() -> None:
    lines = merge(page("x", "Alert", more=NOTES), None).split("\n")
    old = "\n".join(line for line in lines if not line.startswith("<!--"))
    once = merge(page("x", "Alert", "Runbook", more=NOTES), old)
    prevention = once.split("## Prevention")[1].split("## Notes")[0]
    assert prevention.index("- [ ] Alert") < prevention.index("- [ ] Runbook")
    assert prevention.count("Alert") == 1
    assert once.endswith("## Notes\n\nNothing.")
    assert merge(page("x", "Alert", "Runbook", more=NOTES), once) == once


def test_a_section_that_is_gone_comes_back_at_the_end() -> None:
    old = merge(page(more=NOTES), None)
    start, end = old.index("## Root Cause"), old.index("## Prevention")
    new = merge(page("The pool", more=NOTES), old[:start] + old[end:])
    assert new.index("## Notes") < new.index("## Root Cause")
    assert "The pool" in new


def test_only_what_is_missing_of_a_section_comes_back() -> None:
    two = NOTES + "\n<!-- allclear:begin more -->\nMore.\n<!-- allclear:end more -->\n"
    old = merge(page(more=two), None).replace("## Notes", "Our notes").replace("Nothing.", "A lot.")
    cut = old[: old.index("<!-- allclear:begin more")].strip()
    new = merge(page(more=two), cut)
    assert new.count("allclear:begin notes") == 1
    assert "A lot." in new
    assert new.index("## Notes") < new.index("allclear:begin more")


def test_a_document_without_title_gets_it_on_top() -> None:
    new = merge(page(), "Somebody's text.")
    assert new.startswith("<!-- allclear:begin head ")
    assert "\n\nSomebody's text.\n\n## Root Cause" in new


def test_a_document_with_a_title_of_its_own_keeps_it() -> None:
    assert merge(page(), "# What happened").startswith("# What happened\n\n## Root Cause")


def test_of_two_blocks_with_one_name_the_second_is_text() -> None:
    old = merge(page(), None)
    block = old[old.index("<!-- allclear:begin root") : old.index("\n\n## Prevention")]
    new = merge(page("The pool"), f"{old}\n\n{block}")
    assert new.count("The pool") == 1
    assert new.endswith(block)


def test_a_block_we_no_longer_know_is_text() -> None:
    assert "Nothing." in merge(page(), merge(page(more=NOTES), None))


def test_an_opening_marker_without_an_end_is_text() -> None:
    old = merge(page(), None).replace("<!-- allclear:end root-cause -->", "")
    new = merge(page("The pool"), old)
    assert "Not known" in new
    assert merge(page("The pool"), new) == new


def test_bytes_that_are_no_utf8_are_kept() -> None:
    strange = b"caf\xe9".decode(errors="surrogateescape")
    old = merge(page(), None).replace("Not known", strange)
    assert strange in merge(page("The pool"), old)


def test_a_heading_inside_an_edited_block_is_no_place_to_add_to() -> None:
    headings = "## Prevention\n## Root Cause"
    old = f"<!-- allclear:begin head a809542760e4 -->\n{headings}\n<!-- allclear:end head -->"
    once = merge(page("The pool", "Alert", "Page"), old)
    assert once.startswith(old)
    assert merge(page("The pool", "Alert", "Page"), once) == once


pieces = st.sampled_from(
    [
        *merge(page("cause", "Alert", "Runbook", more=NOTES), None).split("\n"),
        "## Root Cause",
        "# Mine",
        "- [x] Alert",
        "text",
        "",
        "```",
        "---",
    ]
)


@settings(max_examples=500)
@given(st.lists(pieces, max_size=40).map("\n".join))
def test_whatever_people_leave_nothing_of_it_is_lost_and_twice_is_once(old: str) -> None:
    fresh = page("The pool", "Alert", "Page", more=NOTES)
    once = merge(fresh, old)
    assert merge(fresh, once) == once
    mine = [line for line in old.split("\n") if line in ("# Mine", "text", "---", "```")]
    outside = [line for line in once.split("\n") if line in ("# Mine", "text", "---", "```")]
    assert outside == mine


def test_a_question_that_vanishes_changes_nothing_that_is_said() -> None:
    asked = "# Title\n\n## Lessons\n\n<!-- allclear:begin lessons 0123456789ab -->\n1. _What went well?_\n"
    answered = "# Title\r\n\r\n## Lessons\r\n\r\n<!-- allclear:begin lessons ba9876543210 -->\r\n"
    assert says_the_same(asked, answered)
    assert not says_the_same(asked, f"{answered}Bob was quick.\n")
