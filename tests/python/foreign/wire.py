"""A stream socket of the relay: remembers what came, and waits for what should."""

import asyncio
import contextlib
import json
import ssl

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

# Far longer than anything here takes: only a fault waits this long.
PATIENCE = 30


class Wire:
    """An open stream socket, in the order things came over it."""

    def __init__(self, socket):
        self._socket = socket
        self._changed = asyncio.Condition()
        # Texts as they came, and pictures as bytes.
        self.received = []
        self.close_code = None

    async def send(self, message):
        """Sends a message: bytes and texts untouched, anything else as JSON."""
        if not isinstance(message, (bytes, str)):
            message = json.dumps(message)
        await self._socket.send(message)

    async def wait_until(self, condition):
        """Waits until `condition` returns something true, asked after every message."""
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(condition)
            return condition()

    async def hears(self, kind, count=1):
        """Waits for the `count`th message of this type, and returns it."""

        def heard():
            found = [message for message in self.messages() if message["type"] == kind]
            return found[count - 1] if len(found) >= count else None

        return await self.wait_until(heard)

    async def is_closed(self):
        """Waits until the relay has closed the socket, and returns the code."""
        return await self.wait_until(lambda: self.close_code)

    def messages(self):
        """Returns the texts that came so far, parsed."""
        return [json.loads(one) for one in self.received if isinstance(one, str)]

    async def read(self, on_message):
        """Takes in what comes until the socket closes."""
        with contextlib.suppress(ConnectionClosed):
            while True:
                message = await self._socket.recv()
                if isinstance(message, str):
                    await on_message(json.loads(message))
                async with self._changed:
                    self.received.append(message)
                    self._changed.notify_all()
        async with self._changed:
            self.close_code = self._socket.close_code
            self._changed.notify_all()


@contextlib.asynccontextmanager
async def open_wire(url, on_message):
    """Connects to a stream; `on_message` is given every text, parsed, before it is remembered."""
    trust = _trust_anyone() if url.startswith("wss:") else None
    async with connect(
        url, ssl=trust, max_size=1 << 24, proxy=None, open_timeout=PATIENCE
    ) as socket:
        wire = Wire(socket)
        # Wrapped, so that the reader can answer over the wire it reads.
        reading = asyncio.create_task(wire.read(lambda message: on_message(wire, message)))
        try:
            yield wire
        finally:
            # The reader reads on, or a peer with much to say would never get to its goodbye.
            await socket.close()
            await reading


def _trust_anyone():
    """What a human agrees to who waves a self-signed certificate through."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
