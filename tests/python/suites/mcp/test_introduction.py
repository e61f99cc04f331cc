"""What a client learns before it calls anything."""

import pytest
from jsonschema import Draft202012Validator

TAKES = {
    "authloop_to_human": {"service", "cdp_url", "context"},
    "authloop_status": {"session_id", "wait_seconds"},
    "authloop_cancel": {"session_id"},
}


@pytest.fixture
def anywhere():
    return {"AUTHLOOP_CDP_URL": "http://127.0.0.1:9"}


async def test_the_newest_protocol_both_know_is_spoken(sdk, anywhere):
    async with sdk.connect(anywhere) as client:
        assert client.protocol_version == sdk.PROTOCOL_VERSION


async def test_the_instructions_say_what_to_do_and_what_never(sdk, anywhere):
    async with sdk.connect(anywhere) as client:
        assert client.server_name == "authloop"
        for part in (*TAKES.keys() - {"authloop_cancel"}, "session_url", "Never ask for passwords"):
            assert part in client.instructions


async def test_every_tool_is_described_with_schemas(sdk, anywhere):
    async with sdk.connect(anywhere) as client:
        tools = await client.tools()
    assert tools.keys() == TAKES.keys()
    for name, tool in tools.items():
        assert tool.title and tool.description
        assert tool.takes["properties"].keys() == TAKES[name]
        for schema in (tool.takes, tool.answers):
            assert schema["type"] == "object"
            Draft202012Validator.check_schema(schema)
        assert tool.is_read_only == (name == "authloop_status")
    assert tools["authloop_to_human"].takes["required"] == ["service"]
    assert {"session_id", "session_url"} <= set(tools["authloop_to_human"].answers["required"])
    assert {"session_id", "session_url", "status"} <= set(
        tools["authloop_status"].answers["required"]
    )
