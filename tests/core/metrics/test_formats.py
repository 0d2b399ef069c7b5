"""JSON and CSV: everything that is known, and nothing that a spreadsheet executes."""

import csv
import io
import json

import pytest

from allclear.core.metrics.collection import collect
from allclear.core.metrics.formats import COLUMNS, as_csv, as_json
from allclear.core.metrics.measures import MEASURES
from core.metrics.files import file
from core.metrics.folder import COLLECTION
from golden_files import Golden


def test_json_reads_as_somebody_approved_of_it(golden: Golden) -> None:
    golden("metrics/report.json", as_json(COLLECTION).rstrip("\n"))


def test_csv_reads_as_somebody_approved_of_it(golden: Golden) -> None:
    golden("metrics/report.csv", as_csv(COLLECTION).rstrip("\n"))


def test_json_has_each_measure_with_its_definition_for_all_and_for_each_month() -> None:
    found = json.loads(as_json(COLLECTION))
    keys = {measure.key for measure in MEASURES}
    assert found["definitions"].keys() == keys | {"quantiles"}
    assert found["all"].keys() == keys
    assert all(month.keys() == keys | {"month"} for month in found["months"])
    assert [one["path"].rpartition("/")[2] for one in found["faults"]] == [
        "2025-12-01-broken.md",
        "2025-12-04-missing.md",
    ]


def test_csv_reads_back_as_it_was_and_lists_every_report_once() -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(COLLECTION))))
    assert tuple(rows[0]) == COLUMNS
    assert sorted(row["path"] for row in rows) == sorted(one.path for one in COLLECTION.files)


@pytest.mark.parametrize(
    "title",
    ["=1+1", "+1", "-1", "@SUM(Z1)", "\t=1", "\r=1", " =1", "\n=1", "\u200b=1", "\uff1d1", '=HYPERLINK("x")'],
)
def test_no_cell_is_a_formula(title: str) -> None:
    rows = list(csv.reader(io.StringIO(as_csv(collect([file(title=title, services=[title])])))))
    for cell in rows[1]:
        assert not cell.strip().startswith(("=", "+", "-", "@", "\t", "\uff1d"))


def test_the_name_of_another_file_is_as_inert_in_json_as_in_csv() -> None:
    twice = collect([file("\x1fa.md"), file("b.md")])
    told = json.loads(as_json(twice))["incidents"]
    rows = csv.DictReader(io.StringIO(as_csv(twice)))
    whys = [one["not_counted"] or "" for one in told]
    assert [row["not_counted"] for row in rows] == whys
    assert [why for why in whys if why] == ["the same incident as a.md"]
