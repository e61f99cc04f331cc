"""A human's end of a session: agrees on keys, sees frames, and acts in them."""

import contextlib
import json
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from foreign.channel import Channel
from foreign.wire import open_wire


@dataclass
class Frame:
    """One picture of the agent's tab, with what was said about it."""

    about: dict
    jpeg: bytes


class Viewer:
    """A viewer with an open stream."""

    def __init__(self, wire, channel):
        self.wire = wire
        self._channel = channel

    async def is_live(self):
        """Waits until keys are agreed and a picture has come; returns the picture."""
        await self.wire.hears("pubkey")
        return await self.wire.wait_until(self.last_frame)

    def last_frame(self):
        """Returns the newest whole frame, if one has come."""
        received = self.wire.received
        for at in range(len(received) - 1, 0, -1):
            if isinstance(received[at], bytes):
                return Frame(json.loads(received[at - 1]), received[at])
        return None

    async def act(self, event):
        """Sends one input event, encrypted."""
        await self.wire.send(self._channel.seal(event))

    async def click(self, x, y):
        """Clicks a point of the picture."""
        await self.act({"type": "click", "x": x, "y": y, "button": "left", "clickCount": 1})

    async def type(self, text):
        """Types lower-case letters and digits, key by key."""
        for key in text:
            code = f"Digit{key}" if key.isdigit() else f"Key{key.upper()}"
            await self.act({"type": "keypress", "key": key, "code": code})
            await self._key("keyup", key, code)

    async def press(self, key):
        """Presses a special key, whose name is its code too."""
        await self._key("keydown", key, key)
        await self._key("keyup", key, key)

    async def _key(self, kind, key, code):
        held = dict.fromkeys(("altKey", "ctrlKey", "metaKey", "shiftKey"), False)
        await self.act({"type": kind, "key": key, "code": code, "modifiers": 0, **held})

    async def is_done(self):
        """Presses Done."""
        await self.act({"type": "resolved"})


@contextlib.asynccontextmanager
async def open_link(session_url):
    """Opens a session's link, and answers every public key with the viewer's own."""
    channel = Channel()

    async def answer(wire, message):
        if message["type"] == "pubkey":
            channel.agree(message["key"])
            await wire.send(channel.public_key())

    async with open_wire(stream_of(session_url), answer) as wire:
        yield Viewer(wire, channel)


def stream_of(session_url):
    """Returns the address of the stream behind a link, with the link's own token."""
    link = urlsplit(session_url)
    version, _, token = link.fragment.partition(".")
    assert version == "1" and token, "a link of protocol version 1"
    session_id = link.path.removeprefix("/s/")
    scheme = {"http": "ws", "https": "wss"}[link.scheme]
    query = f"token={quote(token, safe='')}&role=viewer"
    return f"{scheme}://{link.netloc}/stream/{session_id}?{query}"
