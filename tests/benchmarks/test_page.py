"""benchmarks/results.md: one part is put in place of the old one, and the others stay as they are."""

from figures import Figures
from growth import MEASURES, Series, Spent, exponents, lines
from growth_plot import plot
from run import RESULTS, kept, put

PAGE = "# Figures\n\nWritten.\n\n## One\n\nnote\n\n| a |\n\n## Two\n\n| b |\n\n## Two more\n\n| c |\n"


def test_a_part_takes_the_place_of_the_old_one() -> None:
    page = put(PAGE, "Two", "## Two\n\n| new |")
    assert page == PAGE.replace("| b |", "| new |")


def test_the_last_part_and_a_new_one_end_the_page() -> None:
    assert put(PAGE, "Two more", "## Two more\n\n| new |") == PAGE.replace("| c |", "| new |")
    assert put(PAGE, "Four", "## Four\n\n| d |") == f"{PAGE}\n## Four\n\n| d |\n"


def test_putting_the_same_part_twice_changes_nothing() -> None:
    once = put(PAGE, "One", "## One\n\n| new |")
    assert put(once, "One", "## One\n\n| new |") == once


def test_the_committed_page_keeps_every_other_line() -> None:
    page = RESULTS.read_text(encoding="utf-8")
    found = put(page, "The drill", "## The drill\n\nnew")
    before, after = page.split("## The drill\n"), found.split("## The drill\n")
    assert after[0] == before[0]
    assert after[1].partition("\n## ")[2] == before[1].partition("\n## ")[2]


def test_a_part_that_is_not_measured_stays_with_the_reason_and_only_the_last_one() -> None:
    once = put(PAGE, "One", kept(PAGE, "One", "no Node."))
    twice = put(once, "One", kept(once, "One", "nobody is there."))
    assert "## One\n\nNot measured again: no Node.\n\nnote\n\n| a |\n\n## Two" in once
    assert twice == once.replace("no Node.", "nobody is there.")
    assert kept(PAGE, "Five", "no Node.") == "## Five\n\nNot measured again: no Node."


def test_what_follows_a_table_stands_below_it() -> None:
    shown = Figures("T", ("a", "bb"), (("x", "10"),), "before", "after").markdown()
    table = ["| a | bb |", "| - | -: |", "| x | 10 |"]
    assert shown.splitlines() == ["## T", "", "before", "", *table, "", "after"]


def series(*cpu: float) -> Series:
    sizes = tuple(10**power for power in range(1, len(cpu) + 1))
    return Series("a run", sizes, [Spent(5, 1_000, one) for one in cpu])


def test_an_exponent_above_the_aim_is_said_to_be_missed() -> None:
    squares, straight = series(1, 10_001, 1_000_001, 100_000_001), series(1, 101, 1_001, 10_001)
    assert "- a run: requests flat, bytes read flat, CPU 1.9" in exponents([squares])
    assert exponents([squares]).endswith("**Missed**: CPU.")
    assert "Missed" not in exponents([straight])


def test_the_plot_tells_lines_apart_without_colour_and_follows_the_scheme() -> None:
    drawn = plot(lines([series(1, 2, 3, 4)]))
    assert drawn.count("stroke-dasharray") == len(MEASURES) - 1
    assert "prefers-color-scheme: dark" in drawn
    assert all(f">{measure}</text>" in drawn for measure in MEASURES)
    assert drawn.count('class="a mark"') == 4 + 1
