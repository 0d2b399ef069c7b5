"""One incident for each severity of each shipped runbook, and one in which everything goes wrong, as people
see them: whom the real planning tells, what is said, refused and labelled, and when.

The scripts stand beside this file, what came of them in tests/golden/incidents. ``items.yml`` says which rule
of the written runbooks is seen where.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import written
from allclear.adapters.files.strict_yaml import load
from golden_files import FOLDER, Golden
from incidents.playing import play, scripts, transcript

HERE = Path(__file__).parent
ITEMS: dict[str, dict[str, str | list[str]]] = load((HERE / "items.yml").read_text(encoding="utf-8")).value
SHIPPED = sorted(file.stem for file in written.SHIPPED.glob("*.yml"))
INCIDENTS: dict[str, tuple[str, Any]] = {
    f"{runbook}-{name}": (runbook, script)
    for runbook in SHIPPED
    for name, script in scripts(HERE / f"{runbook}.yml").items()
}


@pytest.mark.parametrize("name", INCIDENTS)
def test_an_incident_as_people_see_it(name: str, golden: Golden) -> None:
    runbook, timed = INCIDENTS[name]
    golden(f"incidents/{name}.txt", transcript(play(timed, runbook), timed.script))


@pytest.mark.parametrize("name", SHIPPED)
def test_every_severity_has_an_incident_and_one_goes_wrong(name: str) -> None:
    levels = [one.id for one in written.runbook(name).severities]
    assert [incident for incident in INCIDENTS if INCIDENTS[incident][0] == name] == [
        f"{name}-{incident}" for incident in [*levels, "wrong"]
    ]


@pytest.mark.parametrize("item", ITEMS)
def test_a_rule_of_the_written_runbooks_is_seen_where_the_table_says(item: str) -> None:
    for name, shown in ITEMS[item].items():
        assert name in INCIDENTS, f"{item}: there is no incident {name}"
        text = (FOLDER / "incidents" / f"{name}.txt").read_text(encoding="utf-8")
        for words in [shown] if isinstance(shown, str) else shown:
            assert words in text, f"{item}: {name} does not say {words!r}"
