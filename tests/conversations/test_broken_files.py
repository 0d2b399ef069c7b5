"""Broken files of the repository: people are paged all the same, and the panel says what is in force."""

import re
import shutil

from conversations.room import SETTINGS, Room


def change(room: Room, name: str, old: str, new: str) -> None:
    """Change a file below ``templates`` of this room's own copy."""
    templates = room.root / "templates"
    if templates.is_symlink():
        origin = templates.resolve()
        templates.unlink()
        shutil.copytree(origin, templates)
    file = templates / name
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def all_said(room: Room) -> str:
    return "\n".join(comment.body for comment in room.replies)


def test_a_misspelt_value_in_a_text_of_the_runbook_stops_nothing(room: Room) -> None:
    change(room, "runbooks/hotdash.yml", "INCIDENT: {{ brief }}{{", "INCIDENT: {{ breif }}{{")
    room.opens("ann")
    assert "@bob @cat" in all_said(room)
    assert "@ann" in all_said(room)
    assert "breif" in room.panel.body
    assert "did you mean `brief`?" in room.panel.body
    assert "`templates/runbooks/hotdash.yml` line " in room.panel.body
    assert "Responders: [bob]" in (room.says("bob", "/ack") and room.panel.body)
    assert set(room.codes) == {0}


def test_a_broken_template_of_the_notices_stops_nothing(room: Room) -> None:
    change(room, "notice.md.j2", "{{ text }}", "{{ txt }}")
    room.opens("ann")
    assert "@bob @cat" in all_said(room)
    assert "`templates/notice.md.j2` line " in room.panel.body
    assert set(room.codes) == {0}


def test_a_broken_template_of_the_panel_stops_nothing(room: Room) -> None:
    change(room, "panel.md.j2", "**{{ one.due }}**", "**{{ on.due }}**")
    room.opens("ann")
    assert "@bob @cat" in all_said(room)
    room.says("bob", "/sev P1")
    assert "P1" in room.panel.body
    assert "`templates/panel.md.j2` line " in room.panel.body
    assert set(room.codes) == {0}


def breaks(room: Room, text: str) -> None:
    """The settings as somebody broke them."""
    (room.root / ".github" / "allclear.yml").write_text(text, encoding="utf-8")


def test_a_misspelt_key_pages_the_people_all_the_same_and_the_panel_says_what_is_in_force(
    room: Room,
) -> None:
    breaks(room, SETTINGS.replace("people:", "peple:"))
    room.opens("ann")
    assert "@bob @cat" in all_said(room)
    assert (
        "`.github/allclear.yml` line 1: `peple` is not a setting; did you mean `people`?" in room.panel.body
    )
    assert "everything in it that can be read counts; what is wrong in `peple` does not." in room.panel.body
    assert "- [x] Team notified" in room.panel.body


def test_what_cannot_be_read_is_taken_from_the_last_good_file_of_the_repository(room: Room) -> None:
    for text in (SETTINGS, "people: [nonsense]\n", "people:\n  DevOps: [\n"):
        room.repo.put_file(".github/allclear.yml", text)
    breaks(room, "people:\n  DevOps: [\n")
    room.opens("ann")
    assert "@bob @cat" in all_said(room)
    assert re.search(r"counts; of the file of `[0-9a-f]{7}` `people`\.", room.panel.body)
    room.run()
    assert set(room.codes) == {0}


def test_where_github_does_not_show_the_history_somebody_is_paged_all_the_same(room: Room) -> None:
    breaks(room, "people:\n  DevOps: [\n")
    room.hub.faults.add("error_before", lambda _, path: path.endswith("/commits"), times=1000, status=502)
    room.opens("ann")
    assert "@ann" in all_said(room)
    assert "- [ ] Team notified" in room.panel.body
    assert set(room.codes) == {0}


def test_a_runbook_that_is_no_yaml_any_more_pages(room: Room) -> None:
    change(room, "runbooks/hotdash.yml", "severities: # worst first", "severities: [")
    room.opens("ann")
    assert "@bob @cat" in all_said(room)
    assert "`templates/runbooks/hotdash.yml` line " in room.panel.body
    assert set(room.codes) == {0}
