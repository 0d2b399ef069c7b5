"""What a release takes out of requirements/run.txt."""

from pathlib import Path

import pytest

from allclear_release.errors import ReleaseError
from allclear_release.lock import UNSHIPPED, pins
from allclear_release.targets import TARGETS, Target

ROOT = Path(__file__).resolve().parents[2]
ONE = "jinja2==3.1.6 \\\n    --hash=sha256:" + "a" * 64 + "\n    # via allclear (pyproject.toml)\n"


def test_every_package_of_the_lock_ships_but_for_those_that_no_job_needs() -> None:
    text = (ROOT / "requirements/run.txt").read_text()
    named = {line.split("==")[0] for line in text.splitlines() if line[:1].isalpha()}
    assert {pin.name for pin in pins(text)} == named - UNSHIPPED
    assert named > UNSHIPPED


def test_a_package_is_named_to_pip_with_its_hashes() -> None:
    (pin,) = pins(ONE)
    assert pin.requirement == f"jinja2==3.1.6 --hash=sha256:{'a' * 64}"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (ONE.replace("==", ">="), "is no package with hashes: jinja2>=3.1.6"),
        ("jinja2==3.1.6\n", "is no package with hashes: jinja2==3.1.6"),
        (ONE.replace("3.1.6 ", "3.1.6 ; python_version < '3.12' "), "only where python_version < '3.12'"),
    ],
)
def test_what_would_make_a_release_differ_is_refused(text: str, told: str) -> None:
    with pytest.raises(ReleaseError) as refused:
        pins(text)
    assert told in str(refused.value)


def test_a_release_is_made_for_the_system_pythons_of_githubs_images() -> None:
    assert [target.folder for target in TARGETS] == [
        "cp312-x86_64",
        "cp312-aarch64",
        "cp314-x86_64",
        "cp314-aarch64",
    ]
    words = Target((3, 12), "aarch64").pip
    assert "manylinux_2_17_aarch64" in words
    assert "manylinux2014_aarch64" in words
    assert not [word for word in words if "x86" in word]
