"""An agent's end of a session, as agents elsewhere behave: no browser, only the stream."""

import contextlib
import json
from urllib.parse import quote

from foreign.channel import Channel
from foreign.wire import open_wire


class Agent:
    """An agent with an open stream."""

    def __init__(self, wire, channel):
        self.wire = wire
        self._channel = channel

    async def shows(self, jpeg, width=1280, height=720):
        """Sends one frame: a text about it, the picture right behind. Returns the text."""
        about = json.dumps(
            {
                "type": "frame",
                "deviceWidth": width,
                "deviceHeight": height,
                "offsetTop": 0,
                "pageScaleFactor": 1,
                "scrollOffsetX": 0,
                "scrollOffsetY": 12.5,
                "jpegSize": len(jpeg),
            }
        )
        await self.wire.send(about)
        await self.wire.send(jpeg)
        return about

    async def is_told(self, count):
        """Waits for the `count`th input event, and returns it decrypted."""
        return self._channel.open(await self.wire.hears("encrypted", count))


@contextlib.asynccontextmanager
async def join(stream_url, stream_token):
    """Joins as the agent; tells its key to every viewer that comes, and takes theirs."""
    channel = Channel()

    async def answer(wire, message):
        if message["type"] == "viewer_connected":
            await wire.send(channel.public_key())
        if message["type"] == "pubkey":
            channel.agree(message["key"])

    url = f"{stream_url}?token={quote(stream_token, safe='')}&role=agent"
    async with open_wire(url, answer) as wire:
        yield Agent(wire, channel)
