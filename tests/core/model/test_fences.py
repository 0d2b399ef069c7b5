"""Which lines stand in a fenced block."""

import pytest

from allclear.core.model.fences import fenced_parts, outside_fences


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a|b", ["", ""]),
        ("a|```|b|```|c", ["", "opens", "inside", "closes", ""]),
        ("```text|~~~|```", ["opens", "inside", "closes"]),
        ("````|```|````` ", ["opens", "inside", "closes"]),
        ("~~~|~~~ no end|    ~~~|~~~", ["opens", "inside", "inside", "closes"]),
        ("```|```|```|a", ["opens", "closes", "opens", "inside"]),
        ("``|    ```", ["", ""]),
        ("```|", ["opens", "inside"]),
    ],
)
def test_a_block_goes_on_to_its_own_fence_or_to_the_end(text: str, parts: list[str]) -> None:
    lines = text.split("|")
    assert list(fenced_parts(lines)) == list(zip(lines, parts, strict=True))
    assert [plain for _, plain in outside_fences(lines)] == [not part for part in parts]
