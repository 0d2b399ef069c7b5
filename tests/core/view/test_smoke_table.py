from allclear.core.model.operation import Smoke, SmokeLine
from allclear.core.view.operations import MOST_LINES, smoke_table


def test_a_smoke_run_is_a_table() -> None:
    smoke = Smoke(
        lines=(
            SmokeLine(name="health", outcome="pass", detail="200", seconds=0.12),
            SmokeLine(name="login", outcome="fail", detail="503, expected 200", seconds=2),
            SmokeLine(name="select", kind="command", outcome="error"),
            SmokeLine(
                name="p95",
                kind="measure",
                outcome="skipped",
                detail="not checked: the settings name no source",
            ),
        )
    )

    assert smoke_table(smoke).splitlines() == [
        "| | Check | Result | Took |",
        "|---|---|---|---|",
        "| ✅ | `health` | 200 | 0.1 s |",
        "| ❌ | `login` | 503, expected 200 | 2.0 s |",
        "| ⚠️ | `select` | error | 0.0 s |",
    ]
    alone = smoke_table(Smoke(lines=smoke.lines[-1:]))
    assert alone.endswith("| ⚪ | `p95` | not checked: the settings name no source | 0.0 s |")


def test_nothing_looked_at_is_no_table() -> None:
    assert smoke_table(Smoke()) == ""


def test_what_production_answered_breaks_out_of_no_cell() -> None:
    """Fault H12: a health endpoint may be anybody's by now."""
    line = SmokeLine(
        name="health", outcome="fail", detail='status is "a | b\n@team #1 <!-- allclear [x](https://evil)"'
    )

    row = smoke_table(Smoke(lines=(line,))).splitlines()[2]

    assert row.replace("\\|", "").count("|") == 5
    assert "@team" not in row
    assert "#1" not in row
    assert "<!--" not in row.replace("\\<", "")
    assert "\\](https" in row
    assert "https:" not in row


def test_of_many_lines_those_that_failed_are_shown_first() -> None:
    good = [SmokeLine(name=f"good-{n}", outcome="pass") for n in range(MOST_LINES)]
    bad = SmokeLine(name="bad", outcome="fail")

    rows = smoke_table(Smoke(lines=(*good, bad))).splitlines()

    assert len(rows) == MOST_LINES + 3
    assert "`bad`" in rows[2]
    assert rows[-1] == "| | and 1 more | | |"
