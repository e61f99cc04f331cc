"""The SDK that is installed here."""

from importlib import import_module
from importlib.metadata import version

import pytest


@pytest.fixture(scope="session")
def sdk():
    """The installed SDK's generation."""
    return import_module(f"foreign.sdk{version('mcp').partition('.')[0]}")
