"""What every suite has: a relay, and nothing of the surroundings."""

import os

import pytest

from foreign import programs

for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
    del os.environ[name]


@pytest.fixture(scope="session")
def anyio_backend():
    return "asyncio"


@pytest.fixture(scope="session")
def relay():
    with programs.relay("--creations-per-minute=1000") as running:
        yield running
