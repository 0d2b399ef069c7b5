from xml.etree import ElementTree as ET

from allclear.adapters.production.junit import junit
from allclear.core.model.operation import Smoke, SmokeLine

SMOKE = Smoke(
    lines=(
        SmokeLine(name="health", outcome="pass", detail="200", seconds=0.25),
        SmokeLine(name="quiet", outcome="pass"),
        SmokeLine(name="login", outcome="fail", detail="503, expected 200", seconds=1),
        SmokeLine(name="select", kind="command", outcome="error", detail="psql: No such file or directory"),
        SmokeLine(
            name="p95", kind="measure", outcome="skipped", detail="not checked: the settings name no source"
        ),
    )
)


def parsed(written: bytes) -> ET.Element:
    return ET.fromstring(written)  # noqa: S314 - what we just wrote ourselves


def test_a_smoke_run_is_one_suite_with_a_case_for_each_line() -> None:
    written = junit("web", SMOKE)

    assert written.startswith(b"<?xml version='1.0' encoding='utf-8'?>")
    root = parsed(written)
    suite = root[0]
    counts = {"tests": "5", "failures": "1", "errors": "1", "skipped": "1", "time": "1.250"}
    assert root.attrib == {"name": "allclear smoke", **counts}
    assert suite.attrib == {"name": "web", **counts}
    told = [(case.attrib["classname"], case.attrib["name"], [part.tag for part in case]) for case in suite]
    assert told == [
        ("web.http", "health", ["system-out"]),
        ("web.http", "quiet", []),
        ("web.http", "login", ["failure"]),
        ("web.command", "select", ["error"]),
        ("web.measure", "p95", ["skipped"]),
    ]
    assert suite[0][0].text == "200"
    assert suite[2].attrib["time"] == "1.000"
    assert suite[2][0].attrib == {"message": "503, expected 200"}


def test_what_production_answered_is_text_in_it_and_nothing_else() -> None:
    """Fault H12: signs that XML cannot hold at all, and what would end an attribute or begin an element."""
    hostile = 'a\x00\x0b\x1b[31m\ud800\ufffe"/><failure/>]]>&lt;\n<!-- @team'
    line = SmokeLine(name=hostile, outcome="fail", detail=hostile)

    root = parsed(junit(hostile, Smoke(lines=(line,))))

    (case,) = root[0]
    assert [part.tag for part in case] == ["failure"]
    clean = 'a[31m"/><failure/>]]>&lt; <!-- @team'
    assert case[0].attrib["message"] == case.attrib["name"] == root[0].attrib["name"] == clean


def test_nothing_looked_at_is_an_empty_suite() -> None:
    root = parsed(junit("web", Smoke()))

    assert root[0].attrib["tests"] == "0"
    assert len(root[0]) == 0
