"""An SDK, the agent's browser, and a page to hand over."""

import itertools
from contextlib import ExitStack
from importlib import import_module
from importlib.metadata import version

import pytest

from foreign import programs, site

NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def sdk():
    """The installed SDK's generation."""
    return import_module(f"foreign.sdk{version('mcp').partition('.')[0]}")


@pytest.fixture(scope="session")
def cdp_url():
    with programs.chromium() as url:
        yield url


@pytest.fixture(scope="session")
def website():
    with site.site() as running:
        yield running


@pytest.fixture
def open_tab(website, cdp_url):
    """Opens tabs, each with a form of its own."""
    with ExitStack() as tabs:
        yield lambda: tabs.enter_context(
            site.open_tab(cdp_url, f"{website.url}/sign-in/{next(NUMBERS)}")
        )


@pytest.fixture
def tab(open_tab):
    return open_tab()
