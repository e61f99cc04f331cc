"""The official Python SDK, 1.x, as a host embeds it."""

import contextlib
import sys
from datetime import timedelta

from anyio import BrokenResourceError
from mcp import ClientSession, McpError, StdioServerParameters
from mcp.client.stdio import stdio_client

from foreign.programs import built
from foreign.sdk import VERSION, Answer, TimedOut, Tool

PROTOCOL_VERSION = "2025-11-25"


class Client:
    """A connected client."""

    def __init__(self, session, hello):
        self._session = session
        self.server_name = hello.serverInfo.name
        self.instructions = hello.instructions
        self.protocol_version = hello.protocolVersion

    async def tools(self):
        """Lists the tools by name."""
        listed = await self._session.list_tools()
        return {
            tool.name: Tool(
                tool.title,
                tool.description,
                tool.inputSchema,
                tool.outputSchema,
                tool.annotations.readOnlyHint,
            )
            for tool in listed.tools
        }

    async def call(self, name, arguments=None, *, limit=None, progress=None):
        """Calls a tool; the SDK checks its result against the output schema."""
        limit = None if limit is None else timedelta(seconds=limit)
        try:
            result = await self._session.call_tool(
                name, arguments or {}, read_timeout_seconds=limit, progress_callback=progress
            )
        except McpError as error:
            if "Timed out" in error.error.message:
                raise TimedOut from error
            raise
        return Answer(result.isError, result.content[0].text, result.structuredContent)


@contextlib.asynccontextmanager
async def connect(environment, log=None):
    """Starts the server with these variables and shakes hands; its words on stderr go to `log`."""
    program = StdioServerParameters(command=built("authloop-mcp"), env=VERSION | environment)
    is_left = False
    try:
        async with (
            stdio_client(program, errlog=log or sys.stderr) as (reader, writer),
            ClientSession(reader, writer) as session,
        ):
            yield Client(session, await session.initialize())
            is_left = True
    except* BrokenResourceError:
        # A fault of this SDK: what the server says while the client leaves breaks it.
        if not is_left:
            raise
