import pytest

from allclear_lab.github import GitHub
from fidelity.description import Description
from fidelity.faithful import the_description
from fidelity.tour import toured


@pytest.fixture(scope="session")
def hub() -> GitHub:
    """The record of a walk past everything the embedded GitHub can do."""
    return toured()


@pytest.fixture(scope="session")
def description() -> Description:
    """GitHub's OpenAPI description; the test is marked to need it."""
    found = the_description()
    assert found is not None, 'mark this test with @pytest.mark.needs("openapi")'
    return found
