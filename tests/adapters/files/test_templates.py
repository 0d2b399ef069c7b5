import subprocess
import sys
from pathlib import Path

import pytest
from jinja2 import TemplateNotFound, UndefinedError
from jinja2.exceptions import SecurityError

from allclear.adapters.files.templates import Templates


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.md.j2").write_text("{% if x %}\n- {{ x }}\n{% endif %}\n", encoding="utf-8")
    (tmp_path / "a.html.j2").write_text("<p>{{ x }}</p>", encoding="utf-8")
    return tmp_path


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
    with pytest.raises(UndefinedError, match="briefs"):
        Templates(folder).text("{{ briefs }}", {"brief": "x"})


@pytest.mark.parametrize(
    "line",
    ["{{ ''.__class__.__mro__ }}", "{{ x.append(1) }}", "{{ x.__init__.__globals__ }}", "{{ range(10**9) }}"],
)
def test_a_copied_runbook_reaches_nothing_of_python(folder: Path, line: str) -> None:
    with pytest.raises((SecurityError, UndefinedError, OverflowError)):
        Templates(folder).text(line, {"x": []})


@pytest.mark.parametrize("name", ["../secret.md.j2", "missing.md.j2"])
def test_only_files_of_the_folder_are_templates(folder: Path, name: str) -> None:
    (folder.parent / "secret.md.j2").write_text("secret", encoding="utf-8")
    with pytest.raises(TemplateNotFound):
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
