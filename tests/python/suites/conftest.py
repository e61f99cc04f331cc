"""What the suites share: a relay, the agent's browser, a page to hand over; no proxies."""

import itertools
import os
from contextlib import ExitStack

import pytest

from foreign import programs, site

for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
    del os.environ[name]

NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def anyio_backend():
    return "asyncio"


@pytest.fixture(scope="session")
def relay():
    with programs.relay("--creations-per-minute=1000") as running:
        yield running


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
