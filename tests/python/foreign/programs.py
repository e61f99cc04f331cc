"""The programs under test and the browser. What is started here is ended here."""

import contextlib
import os
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 60

# Where the relay says that it listens.
ADDRESS = re.compile(r'public_url="(http://[^"]+)"')


def built(name):
    """Returns the path of a program that cargo has built."""
    target = Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target")
    program = ROOT / target / "debug" / name
    assert program.is_file(), f"{program} is not there: run cargo build"
    return str(program)


@dataclass
class Relay:
    """A running relay and two API keys that it knows."""

    url: str
    key: str
    other_key: str


@contextlib.contextmanager
def relay(*options):
    """Runs a relay with a port of its own."""
    keys = [f"al_live_{secrets.token_urlsafe(32)}" for _ in range(2)]
    environment = {name: value for name, value in os.environ.items() if "AUTHLOOP" not in name}
    environment["AUTHLOOP_RELAY_API_KEY"] = ",".join(keys)
    command = [built("authloop-relay"), "--listen=127.0.0.1:0", "--drain-seconds=1", *options]
    # Appending: reading must not move the place where the relay writes.
    with tempfile.TemporaryFile("a+") as log:
        with _running(command, env=environment, stderr=log) as process:
            found = _eventually(process, lambda: ADDRESS.search(_text_of(log)))
            yield Relay(found[1], *keys)


@contextlib.contextmanager
def chromium():
    """Runs a headless Chromium, and returns its DevTools address."""
    names = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)))
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [
            program,
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--remote-debugging-port=0",
            f"--user-data-dir={profile}",
            "about:blank",
        ]
        note = Path(profile, "DevToolsActivePort")
        with _running(command, stderr=subprocess.DEVNULL) as process:
            # Two lines once it is whole: the port, and a path.
            found = _eventually(
                process,
                lambda: note.exists() and re.match(r"(\d+)\n/devtools/browser/.", note.read_text()),
            )
            yield f"http://127.0.0.1:{found[1]}"


@contextlib.contextmanager
def _running(command, **options):
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
        **options,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _text_of(log):
    log.seek(0)
    return log.read()


def _eventually(process, look):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        assert process.poll() is None, f"{process.args[0]} ended by itself"
        if found := look():
            return found
        time.sleep(0.02)
    raise TimeoutError(f"{process.args[0]} was not ready in time")
