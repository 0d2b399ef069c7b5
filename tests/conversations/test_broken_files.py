"""Broken files of the repository: people are paged all the same, and the panel says what is in force."""

import re
import shutil

from conversations.room import ROOT, SETTINGS, Room


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
    change(room, "runbooks/hotdash.yml", "INCIDENT: {{ brief }} -", "INCIDENT: {{ breif }} -")
    room.opens("ann")
    assert "@bob @cat" in all_said(room)
    assert "@ann" in all_said(room)
    assert "breif" in room.panel.body
    assert "did you mean 'brief'?" in room.panel.body
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


def test_the_last_whole_version_of_a_broken_template_is_used(room: Room) -> None:
    path = "templates/panel.md.j2"
    whole = (ROOT / path).read_text(encoding="utf-8")
    for text in (whole.replace("**This is a drill:**", "x"), f"Ours: {whole}", "{% if %}", "{{ x }}"):
        room.repo.put_file(path, text)
    change(room, "panel.md.j2", whole, "{{ x }}")
    room.opens("ann")
    assert "Ours:" in room.panel.body
    assert re.search(r"`x` is not a value of this template; .* that of `[0-9a-f]{7}` is", room.panel.body)
    assert set(room.codes) == {0}


def test_where_the_history_has_no_whole_template_its_words_are_left_out(room: Room) -> None:
    room.repo.put_file("templates/answer.md.j2", "{{ x }}")
    change(room, "answer.md.j2", "{% if call %}", "{% if cal %}")
    room.opens("ann")
    assert "did you mean `call`? Until it is repaired, its words are left out." in room.panel.body
    assert "✅ `/ack`" in room.says("bob", "/ack")


def test_broken_templates_of_pull_requests_stop_neither_the_post_mortem_nor_the_hotfix(room: Room) -> None:
    change(room, "postmortem.md.j2", "{{ title }}", "{{ titel }}")
    change(room, "pull_request.md.j2", "{{ number }}", "{{ numer }}")
    change(room, "hotfix.md.j2", "{{ number }}", "{{ numer }}")
    room.opens("ann")
    for name in ("postmortem", "pull_request", "hotfix"):
        assert f"`templates/{name}.md.j2` line " in room.panel.body
    assert "the post-mortem is written plainly" in room.panel.body
    assert "pull request #" in room.says("bob", "/hotfix Release the lock") + all_said(room)
    assert "The post-mortem is ready for review" in room.says("ann", "/postmortem") + all_said(room)
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
        "`.github/allclear.yml` line 2: `peple` is not a setting; did you mean `people`?" in room.panel.body
    )
    assert "everything in it that can be read counts; what is wrong in `peple` does not." in room.panel.body
    assert "- [x] Team notified" in room.panel.body


def test_what_cannot_be_read_is_taken_from_the_last_good_file_of_the_repository(room: Room) -> None:
    for text in (SETTINGS, "people: [nonsense]\n", "runbook: hotdash\npeople:\n  DevOps: [\n"):
        room.repo.put_file(".github/allclear.yml", text)
    breaks(room, "runbook: hotdash\npeople:\n  DevOps: [\n")
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
    assert "@bob @mia @ann" in all_said(room)
    assert "`templates/runbooks/hotdash.yml` line " in room.panel.body
    assert "the runbook `neutral` is in force." in room.panel.body
    assert set(room.codes) == {0}


def test_a_runbook_with_two_mistakes_pages(room: Room) -> None:
    change(room, "runbooks/hotdash.yml", "levels: [DevOps, CEO]", "levels: [DevOps, CEO")
    change(room, "runbooks/hotdash.yml", "INCIDENT: {{ brief }} -", "INCIDENT: {{ breif }} -")
    room.opens("ann")
    assert "@bob @cat @mia @ann" in all_said(room)
    assert "`templates/runbooks/hotdash.yml` line " in room.panel.body
    assert set(room.codes) == {0}
