"""Broken files of the repository: people are paged all the same, and the panel says what is in force."""

import shutil

from conversations.room import Room


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
