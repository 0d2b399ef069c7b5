import gc
import re
from importlib import import_module
from pkgutil import walk_packages

import pytest

import allclear
from allclear.core.model.patterns import LazyRegex, lazy_regex


def test_it_is_used_as_a_compiled_one_is() -> None:
    word = lazy_regex(r"(?P<word>[a-z]+)", re.IGNORECASE)
    assert [found["word"] for found in word.finditer("One, two")] == ["One", "two"]
    assert word.sub("x", "One, two") == "x, x"
    assert word.groupindex == {"word": 1}
    assert word.pattern == "(?P<word>[a-z]+)"


def test_a_mistake_is_told_when_it_is_first_used() -> None:
    broken = lazy_regex("(")
    with pytest.raises(re.error):
        broken.match("(")


def test_there_is_no_mistake_in_those_of_the_product() -> None:
    for one in walk_packages(allclear.__path__, "allclear."):
        if "__main__" not in one.name:
            import_module(one.name)
    gc.unfreeze()  # what is frozen (conftest.py) is not listed
    every = [one for one in gc.get_objects() if isinstance(one, LazyRegex)]
    gc.freeze()
    assert len(every) > 300
    assert all(one.groups >= 0 for one in every)
