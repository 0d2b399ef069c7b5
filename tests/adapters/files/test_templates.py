import subprocess
import sys
from pathlib import Path

import pytest

from allclear.adapters.files.templates import Templates
from allclear.core.model.errors import TextError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "a.md.j2").write_text("{% if x %}\n- {{ x }}\n{% endif %}\n", encoding="utf-8")
    (folder / "a.html.j2").write_text("<p>{{ x }}</p>", encoding="utf-8")
    return folder


def test_a_file_is_rendered_and_markdown_is_left_as_it_is(folder: Path) -> None:
    assert Templates(folder).file("a.md.j2", {"x": "<b> & @ada"}) == "- <b> & @ada\n"


def test_a_page_is_escaped_as_html(folder: Path) -> None:
    assert Templates(folder).file("a.html.j2", {"x": "<b>"}) == "<p>&lt;b&gt;</p>"


def test_a_line_of_a_runbook_is_rendered(folder: Path) -> None:
    assert Templates(folder).text(
        "{{ severity }} within {{ within }}", {"severity": "P0", "within": "5 min"}
    ) == ("P0 within 5 min")


def test_a_value_is_never_taken_for_a_template(folder: Path) -> None:
    assert Templates(folder).text("{{ brief }}", {"brief": "{{ 7 * 7 }}{% raw %}"}) == "{{ 7 * 7 }}{% raw %}"


def test_a_name_nobody_gave_is_an_error_not_an_empty_word(folder: Path) -> None:
    with pytest.raises(TextError, match="briefs") as caught:
        Templates(folder).text("{{ briefs }}", {"brief": "x"})
    assert caught.value.name == "briefs"


@pytest.mark.parametrize(
    "line",
    ["{{ brief", "{% if %}", "{{ 1 // 0 }}", "{{ brief + 1 }}", "{{ brief.nothing }}", "{{ brief() }}"],
)
def test_whatever_is_wrong_with_a_line_is_one_kind_of_error(folder: Path, line: str) -> None:
    with pytest.raises(TextError):
        Templates(folder).text(line, {"brief": "x"})


def test_an_error_in_a_file_has_its_line(folder: Path) -> None:
    (folder / "b.md.j2").write_text("one\n{{ y }}\n", encoding="utf-8")
    (folder / "c.md.j2").write_text("one\n\n{% if %}\n", encoding="utf-8")
    for name, line in (("b.md.j2", 2), ("c.md.j2", 3)):
        with pytest.raises(TextError) as caught:
            Templates(folder).file(name, {"x": 1})
        assert caught.value.line == line


def test_the_names_of_a_line_are_those_it_would_need_from_outside(folder: Path) -> None:
    line = "{% for one in range(3) %}{{ one }}{{ brief if late }}{% endfor %}"
    assert Templates(folder).names(line) == {"brief", "late"}
    with pytest.raises(TextError):
        Templates(folder).names("{{ ")


@pytest.mark.parametrize(
    "line",
    ["{{ ''.__class__.__mro__ }}", "{{ x.append(1) }}", "{{ x.__init__.__globals__ }}", "{{ range(10**9) }}"],
)
def test_a_copied_runbook_reaches_nothing_of_python(folder: Path, line: str) -> None:
    with pytest.raises(TextError):
        Templates(folder).text(line, {"x": []})


@pytest.mark.parametrize("name", ["../secret.md.j2", "missing.md.j2"])
def test_only_files_of_the_folder_are_templates(folder: Path, name: str) -> None:
    (folder.parent / "secret.md.j2").write_text("secret", encoding="utf-8")
    with pytest.raises(TextError, match="is not there"):
        Templates(folder).file(name, {})


def test_jinja_is_not_imported_before_there_is_something_to_say(root: Path) -> None:
    asks = (
        "import sys; from pathlib import Path; from allclear.adapters.files.templates import Templates;"
        "Templates(Path('.')); print('jinja2' in sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", asks],
        cwd=root / "scripts",
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert ran.stdout.strip() == "False"


def test_a_template_that_is_no_utf_8_is_told_of_in_plain_words(folder: Path) -> None:
    (folder / "d.md.j2").write_bytes(b"caf\xe9")
    with pytest.raises(TextError, match="it is not UTF-8 text; save it as UTF-8"):
        Templates(folder).file("d.md.j2", {})


def test_a_text_stands_in_for_a_file(folder: Path) -> None:
    (folder / "e.md.j2").write_text("{{ broken", encoding="utf-8")
    templates = Templates(folder, {"e.md.j2": "{{ x }} and {% if y %}{{ x }}{% endif %}"})
    assert templates.file("e.md.j2", {"x": 1, "y": 0}) == "1 and "
    assert templates.file_names("e.md.j2") == {"x": 1, "y": 1}


def test_templates_are_kept_as_code_that_later_runs_find(folder: Path) -> None:
    package = folder.parent / "scripts/allclear"
    written = Templates(folder).write_compiled()
    assert [one.name.split(".")[:2] for one in written] == [["a", "html"], ["a", "md"]]
    page, text = written
    kept = text.read_bytes()
    text.write_bytes(kept.replace(b"- ", b"+ "))  # the same text, other code: what is rendered is the code
    assert Templates(folder, package=package).file("a.md.j2", {"x": "1"}) == "+ 1\n"
    assert Templates(folder, package=package).file("a.html.j2", {"x": "<b>"}) == "<p>&lt;b&gt;</p>"
    assert str(folder).encode() not in page.read_bytes() + kept, "the folder of a build stands nowhere"


def test_the_code_of_an_earlier_text_is_not_used(folder: Path) -> None:
    Templates(folder).write_compiled()
    (folder / "a.md.j2").write_text("{{ x }}!", encoding="utf-8")
    assert Templates(folder, package=folder.parent / "scripts/allclear").file("a.md.j2", {"x": "1"}) == "1!"


def test_code_beside_the_templates_of_a_checkout_is_not_loaded(folder: Path) -> None:
    """Whoever has a branch there could have put it there."""
    _, text = Templates(folder).write_compiled()
    text.write_bytes(text.read_bytes().replace(b"- ", b"+ "))
    assert Templates(folder).file("a.md.j2", {"x": "1"}) == "- 1\n"


def test_a_run_that_finds_no_code_leaves_none(folder: Path) -> None:
    assert Templates(folder).file("a.md.j2", {"x": "1"}) == "- 1\n"
    assert sorted(path.name for path in folder.iterdir()) == ["a.html.j2", "a.md.j2"]
