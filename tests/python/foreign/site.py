"""A web site with a sign-in form, and tabs of the agent's browser that show it."""

import asyncio
import contextlib
import threading
import urllib.request
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from json import loads
from urllib.parse import parse_qs, quote

PATIENCE = 30

# Each field lies at a known place, so that a viewer can aim without looking.
NAME = (200, 50)
CODE = (200, 150)
FORM = b"""<!doctype html>
<meta charset="utf-8">
<title>Sign in</title>
<style>
  input { position: absolute; left: 100px; width: 200px; height: 40px; }
  [name=name] { top: 30px; }
  [name=code] { top: 130px; }
</style>
<form method="post">
  <input name="name" autocomplete="off">
  <input name="code" autocomplete="off">
  <button>Sign in</button>
</form>
"""


class Site:
    """A running site. Every path below it is a form of its own."""

    def __init__(self, url):
        self.url = url
        self._sent = {}
        self._changed = threading.Condition()

    def take(self, path, form):
        """Notes what a browser sent to a path."""
        with self._changed:
            self._sent[path] = form
            self._changed.notify_all()

    async def was_sent(self, url):
        """Waits for the form of this page, and returns its fields."""
        return await asyncio.to_thread(self._wait, url.removeprefix(self.url))

    def _wait(self, path):
        with self._changed:
            assert self._changed.wait_for(lambda: path in self._sent, PATIENCE), "nobody signed in"
            return self._sent[path]


@contextlib.contextmanager
def site():
    """Runs the site on a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self._answer(FORM)

        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            running.take(self.path, form)
            self._answer(b"<!doctype html><title>Welcome</title>Welcome")

        def _answer(self, page):
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.send_header("content-length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running = Site(f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()


@dataclass
class Tab:
    """A tab of the agent's browser."""

    url: str
    cdp_url: str

    @property
    def arguments(self):
        """What a model says when it hands this tab over."""
        context = {"url": self.url, "blocker_type": "otp", "hint": "Type the code."}
        return {"service": "Example", "cdp_url": self.cdp_url, "context": context}


@contextlib.contextmanager
def open_tab(cdp_url, url):
    """Opens a tab, and closes it in the end."""
    new = urllib.request.Request(f"{cdp_url}/json/new?{quote(url, safe='')}", method="PUT")
    with urllib.request.urlopen(new, timeout=PATIENCE) as answer:
        target = loads(answer.read())["id"]
    try:
        yield Tab(url, cdp_url)
    finally:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{cdp_url}/json/close/{target}", timeout=PATIENCE).close()
