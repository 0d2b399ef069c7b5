"""A smoke run as JUnit XML, which every CI tool reads: https://github.com/testmoapp/junitxml"""

from __future__ import annotations

from xml.etree import ElementTree as ET

from allclear.core.model.neutral import plain
from allclear.core.model.operation import Smoke, SmokeLine


def junit(name: str, smoke: Smoke) -> bytes:
    """The run of the service ``name`` as one suite, a case for each line. UTF-8, with its declaration."""
    outcomes = [line.outcome for line in smoke.lines]
    counts = {
        "tests": str(len(outcomes)),
        "failures": str(outcomes.count("fail")),
        "errors": str(outcomes.count("error")),
        "skipped": str(outcomes.count("skipped")),
        "time": f"{sum(line.seconds for line in smoke.lines):.3f}",
    }
    suites = ET.Element("testsuites", {"name": "allclear smoke", **counts})
    suite = ET.SubElement(suites, "testsuite", {"name": _text(name), **counts})
    for line in smoke.lines:
        _case(suite, name, line)
    return bytes(ET.tostring(suites, encoding="utf-8", xml_declaration=True))


def _case(suite: ET.Element, name: str, line: SmokeLine) -> None:
    about = {
        "classname": f"{_text(name)}.{line.kind}",
        "name": _text(line.name),
        "time": f"{line.seconds:.3f}",
    }
    case = ET.SubElement(suite, "testcase", about)
    if line.outcome != "pass":
        word = {"fail": "failure", "error": "error", "skipped": "skipped"}[line.outcome]
        ET.SubElement(case, word, {"message": _text(line.detail)})
    elif line.detail:
        ET.SubElement(case, "system-out").text = _text(line.detail)


def _text(text: str) -> str:
    """One line without the signs that XML 1.0 cannot hold at all, however they are escaped."""
    return " ".join(plain(text).split())
