"""What can't work is said at once, in words that name what to change."""

import socket

import anyio
import pytest

# A session lasts ten minutes, so this is early.
AT_ONCE = 20


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"AUTHLOOP_TTL": "ten minutes"}, "AUTHLOOP_TTL"),
        ({"AUTHLOOP_LISTEN": "everywhere"}, "AUTHLOOP_LISTEN"),
        ({"AUTHLOOP_BASE_URL": "https://relay.example"}, "AUTHLOOP_API_KEY"),
        ({}, "AUTHLOOP_CDP_URL"),
    ],
)
async def test_a_setting_that_is_wrong_or_lacking_is_named(sdk, environment, named):
    async with sdk.connect(environment) as client:
        assert await client.tools(), "the server starts in any case"
        answer = await client.call("authloop_to_human", {"service": "Example"})
        assert answer.is_error
        assert named in answer.text


async def test_a_dead_browser_is_told_at_once(sdk):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{unused.getsockname()[1]}"
        async with sdk.connect({"AUTHLOOP_CDP_URL": dead}) as client:
            with anyio.fail_after(AT_ONCE):
                answer = await client.call("authloop_to_human", {"service": "Example"})
            assert answer.is_error
            assert "--remote-debugging-port" in answer.text


async def test_a_session_nobody_opened_is_an_error_in_words(sdk):
    async with sdk.connect({}) as client:
        for arguments in ({}, {"session_id": "sess_unknown"}):
            answer = await client.call("authloop_status", arguments)
            assert answer.is_error
            assert "authloop_to_human" in answer.text
