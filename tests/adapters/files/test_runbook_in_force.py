"""Runbooks in their language are read, and what is wrong with one is said with its line and the fix."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from allclear.adapters.files.runbooks import read_runbook
from allclear.adapters.files.settings import Loaded, load_policy
from allclear.core.calendar.period import Period
from allclear.core.model.errors import SettingsError
from written import NAMES, ROOT, runbook, text

SHOP = text("shop")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "templates" / "runbooks"
    folder.mkdir(parents=True)
    for name in ("engine.yml", "runbooks/neutral.yml"):
        text = (ROOT / "templates" / name).read_text(encoding="utf-8")
        (tmp_path / "templates" / name).write_text(text, encoding="utf-8")
    (tmp_path / ".github").mkdir()
    (tmp_path / ".github" / "allclear.yml").write_text("runbook: shop\n", encoding="utf-8")
    return tmp_path


def put(checkout: Path, text: str, name: str = "shop") -> None:
    (checkout / "templates" / "runbooks" / f"{name}.yml").write_text(text, encoding="utf-8")


def why(checkout: Path, text: str, name: str = "shop") -> str:
    put(checkout, text, name)
    with pytest.raises(SettingsError) as caught:
        read_runbook(checkout, name)
    return str(caught.value)


@pytest.mark.parametrize("name", NAMES)
def test_the_written_runbooks_are_read(checkout: Path, name: str) -> None:
    put(checkout, text(name), name)
    assert read_runbook(checkout, name) == runbook(name)


def test_a_mistake_has_file_line_and_fix(checkout: Path) -> None:
    assert why(checkout, SHOP.replace("response: 5m", "response: 5 minutes")) == (
        "`templates/runbooks/shop.yml` line 8: `severities.SEV1.response`: '5 minutes': write 5m."
    )
    assert why(checkout, f"{SHOP}rules:\n  x: {{ tell: CTO, when: {{ flag: secruity }} }}\n") == (
        "`templates/runbooks/shop.yml` line 14: `rules.x.when.flag.1`: no flag 'secruity'; did you mean "
        "'security'?"
    )
    assert "`voices.x.at.update.text`: no value 'breif'; did you mean 'brief'?" in why(
        checkout, f'{SHOP}voices: {{ x: {{ at: {{ update: "{{{{ breif }}}}" }} }} }}\n'
    )
    assert "`severties` is not a part of a runbook; did you mean `severities`?" in why(
        checkout, SHOP.replace("severities:", "severties:")
    )


def test_what_only_shows_when_it_is_put_together_has_its_place_too(checkout: Path) -> None:
    text = SHOP.replace("name: Minor", "name: Major")
    assert "line 10: `severities.SEV3`: 'major' names SEV2 and SEV3" in why(checkout, text)


def test_a_runbook_may_change_another(checkout: Path) -> None:
    put(checkout, SHOP)
    put(checkout, "name: mine\nextends: shop\nseverities: { SEV3: none }\n", "mine")
    book = read_runbook(checkout, "mine")
    assert [one.id for one in book.severities] == ["SEV1", "SEV2"]
    assert (book.name, book.title, book.zone) == ("mine", "Shop", "Europe/Berlin")


@pytest.mark.parametrize(
    ("base", "said"),
    [
        (None, "line 2: `extends`: no runbook 'shop'; there are neutral."),
        (
            "name: shop\nextends: other\n",
            "line 2: `extends`: shop changes another runbook itself, and only one step",
        ),
        ("name: shop\nname: shop\n", "`templates/runbooks/shop.yml` line 2: `name` is there twice"),
    ],
)
def test_what_cannot_be_changed_is_said(checkout: Path, base: str | None, said: str) -> None:
    if base is not None:
        put(checkout, base)
    assert said in why(checkout, "name: mine\nextends: shop\n", "mine")


def test_without_the_engines_defaults_it_says_how_to_get_them(checkout: Path) -> None:
    (checkout / "templates" / "engine.yml").unlink()
    assert "`allclear init` writes it anew." in why(checkout, SHOP)


def loaded(checkout: Path, text: str, before: Iterable[str] = ()) -> Loaded:
    put(checkout, text)
    versions = [(f"version {number}", one.encode()) for number, one in enumerate(before, 1)]
    return load_policy(checkout, earlier=lambda path: versions if path.endswith("shop.yml") else ())


def test_of_a_broken_runbook_every_part_that_can_be_read_counts(checkout: Path) -> None:
    found = loaded(checkout, f"{SHOP}rules:\n  x: {{ tell: Zeus }}\n")
    assert [one.id for one in found.runbook.severities] == ["SEV1", "SEV2", "SEV3"]
    assert any(deadline.id.startswith("on-call-1") for deadline in found.runbook.deadlines)
    (told,) = found.trouble
    assert "nobody is 'Zeus'" in told
    assert told.endswith("everything in it that can be read counts; what is wrong in `rules` does not.")


def test_parts_that_cannot_be_read_come_from_the_last_whole_version(checkout: Path) -> None:
    found = loaded(checkout, SHOP.replace("[On-call, Team Lead, CTO]", "{ levels: 5 }"), ["x: [", SHOP])
    assert found.runbook.first_responder == "On-call"
    assert "of the file of `version 2` `chains`" in found.trouble[0]


def test_without_a_chain_that_can_be_read_everybody_is_told(checkout: Path) -> None:
    found = loaded(checkout, SHOP.replace("[On-call, Team Lead, CTO]", "[On-call, Team Lead, CTO"))
    assert [one.id for one in found.runbook.severities] == ["SEV1", "SEV2", "SEV3"]
    assert [one.levels for one in found.runbook.chains] == [(("All hands",),)]
    assert found.trouble[0].endswith("what is wrong in `chains` does not.")


def test_a_severity_that_does_not_say_when_it_has_to_be_answered_has_to_be_soon(checkout: Path) -> None:
    found = loaded(checkout, SHOP.replace("response: 5m", "response: soon"))
    assert found.runbook.severities[0].response == Period.read("5m")
    assert [one.id for one in found.runbook.severities] == ["SEV1", "SEV2", "SEV3"]


def test_a_severity_whose_chain_is_gone_is_told_to_the_first_that_is_left(checkout: Path) -> None:
    chains = "chains:\n  a: { for: SEV3, levels: [A] }\n  b: { for: [SEV1, SEV2], levels: [] }\n"
    found = loaded(checkout, SHOP[: SHOP.index("chains:")] + chains)
    (chain,) = found.runbook.chains
    assert set(chain.severities) == {"SEV1", "SEV2", "SEV3"}


def test_nothing_of_it_can_be_put_together_and_people_are_told_all_the_same(checkout: Path) -> None:
    broken = SHOP.replace("name: Minor", "name: Major")
    assert loaded(checkout, broken, [SHOP]).runbook == runbook("shop")
    assert loaded(checkout, broken).runbook.name == "neutral"


def test_without_the_engines_defaults_people_are_told_all_the_same(checkout: Path) -> None:
    (checkout / "templates" / "engine.yml").unlink()
    assert loaded(checkout, SHOP).runbook.name == "emergency"
