"""Words, runbooks and providers come from the repository, or from the Allclear that runs."""

from pathlib import Path

from allclear.adapters.files.shipped import stands_at


def test_a_repository_that_has_templates_uses_its_own_whole(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    assert stands_at(tmp_path, "templates/panel.md.j2") == tmp_path / "templates/panel.md.j2"


def test_one_that_has_none_uses_those_that_came_with_the_code(tmp_path: Path) -> None:
    theirs, code = tmp_path / "theirs", tmp_path / "release/scripts/allclear"
    there = tmp_path / "release/templates"
    assert stands_at(theirs, "templates/panel.md.j2", code) == there / "panel.md.j2"
    assert stands_at(theirs, "templates", code) == there
    (code / "templates").mkdir(parents=True)  # as an installed package has them
    assert stands_at(theirs, "templates", code) == code / "templates"


def test_what_only_a_repository_has_is_its_own(tmp_path: Path) -> None:
    for path in (".github/allclear.yml", ".github/allclear/runbooks/ours.yml", "templates.md"):
        assert stands_at(tmp_path, path) == tmp_path / path
