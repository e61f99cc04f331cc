"""What the two generations of the MCP SDK have in common, so that one story is told to both."""

from dataclasses import dataclass

# The protocol version that the viewer here speaks. The server's environment says so in every test.
VERSION = {"AUTHLOOP_E2EE": "v1"}


@dataclass
class Tool:
    """A tool as the server describes it."""

    title: str
    description: str
    takes: dict
    answers: dict
    is_read_only: bool


@dataclass
class Answer:
    """What a tool answered."""

    is_error: bool
    text: str
    data: dict | None


class TimedOut(Exception):
    """The client gave a call up."""
