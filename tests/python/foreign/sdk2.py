"""The official Python SDK, 2.x, as it comes: it probes for the protocol's second era first."""

import contextlib
import sys

from mcp import MCPError, StdioServerParameters
from mcp.client import Client as Session
from mcp.client.stdio import stdio_client

from foreign.programs import built
from foreign.sdk import VERSION, Answer, TimedOut, Tool

PROTOCOL_VERSION = "2026-07-28"


class Client:
    """A connected client."""

    def __init__(self, session):
        self._session = session
        self.server_name = session.server_info.name
        self.instructions = session.instructions
        self.protocol_version = session.protocol_version

    async def tools(self):
        """Lists the tools by name."""
        listed = await self._session.list_tools()
        return {
            tool.name: Tool(
                tool.title,
                tool.description,
                tool.input_schema,
                tool.output_schema,
                tool.annotations.read_only_hint,
            )
            for tool in listed.tools
        }

    async def call(self, name, arguments=None, *, limit=None, progress=None):
        """Calls a tool; the SDK checks its result against the output schema."""
        try:
            result = await self._session.call_tool(
                name, arguments or {}, read_timeout_seconds=limit, progress_callback=progress
            )
        except MCPError as error:
            if "timed out" in error.error.message:
                raise TimedOut from error
            raise
        return Answer(result.is_error, result.content[0].text, result.structured_content)


@contextlib.asynccontextmanager
async def connect(environment, log=None):
    """Starts the server with these variables and shakes hands; its words on stderr go to `log`."""
    program = StdioServerParameters(command=built("authloop-mcp"), env=VERSION | environment)
    async with Session(stdio_client(program, errlog=log or sys.stderr)) as session:
        yield Client(session)
