"""AuthLoop's Python SDK, as published, against this relay."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from authloop import AuthLoop, AuthLoopError

from foreign import programs
from foreign.viewer import open_link

PAGE = {"url": "https://example.com/login", "wall_type": "sms_otp", "hint": "Type the code."}


@asynccontextmanager
async def sdk(relay, key=None):
    async with AuthLoop(key or relay.key, base_url=relay.url, runtime="playwright") as client:
        yield client


async def hand_over(client, **more):
    return await client.to_human(service="Example", cdp_url="ws://127.0.0.1:9222/", **more)


async def test_a_session_is_created_and_read_back(relay):
    async with sdk(relay) as client:
        opened = await hand_over(client, ttl=120, context=PAGE)
        assert opened.session_url.startswith(f"{relay.url}/s/{opened.session_id}#1.")
        assert opened.stream_url.startswith("ws://")
        assert opened.stream_token not in opened.session_url
        read = await client.get_session(opened.session_id)
        assert read.status == "PENDING"
        assert read.service == "Example"
        assert read.context == PAGE
        assert read.expires_at == opened.expires_at
        assert read.created_at < read.expires_at


async def test_a_human_at_the_page_makes_it_active(relay):
    async with sdk(relay) as client:
        opened = await hand_over(client)
        async with open_link(opened.session_url), asyncio.timeout(30):
            while (await client.get_session(opened.session_id)).status != "ACTIVE":
                await asyncio.sleep(0.05)


async def test_waiting_ends_with_the_session(relay):
    async with sdk(relay) as client, sdk(relay) as other:
        opened = await hand_over(client)
        waiting = asyncio.create_task(
            client.wait_for_resolution(opened.session_id, poll_interval=0.1, timeout=30)
        )
        assert (await other.get_session(opened.session_id)).status == "PENDING"
        await other.resolve_session(opened.session_id)
        assert (await waiting).status == "RESOLVED"


async def test_a_cancelled_session_stays_cancelled(relay):
    async with sdk(relay) as client:
        opened = await hand_over(client)
        await client.cancel_session(opened.session_id)
        ended = await client.wait_for_resolution(opened.session_id, timeout=30)
        assert ended.status == "CANCELLED"


async def test_the_audit_event_is_taken(relay):
    taken = asyncio.get_running_loop().create_future()

    async def note(response):
        if response.url.path == "/audit":
            taken.set_result(response.status_code)

    async with sdk(relay) as client:
        # The SDK sends it behind the caller's back and swallows what comes of it.
        client._client.event_hooks = {"response": [note]}
        opened = await hand_over(client, context=PAGE)
        await client.resolve_session(opened.session_id)
        assert 200 <= await asyncio.wait_for(taken, 30) < 300


async def refused(call):
    with pytest.raises(AuthLoopError) as caught:
        await call
    assert caught.value.message, "there are words for people"
    return caught.value.status, caught.value.code


async def test_an_unknown_key_is_401(relay):
    async with sdk(relay, "al_live_unknown") as client:
        assert await refused(hand_over(client)) == (401, "unauthorized")


async def test_another_keys_session_is_403(relay):
    async with sdk(relay) as owner, sdk(relay, relay.other_key) as stranger:
        opened = await hand_over(owner)
        for call in (stranger.get_session, stranger.resolve_session, stranger.cancel_session):
            assert await refused(call(opened.session_id)) == (403, "forbidden")


async def test_an_unknown_session_is_404(relay):
    async with sdk(relay) as client:
        for call in (client.get_session, client.resolve_session, client.cancel_session):
            assert await refused(call("sess_unknown")) == (404, "not_found")


async def test_an_ended_session_is_409(relay):
    async with sdk(relay) as client:
        resolved, cancelled = [(await hand_over(client)).session_id for _ in range(2)]
        await client.resolve_session(resolved)
        await client.cancel_session(cancelled)
        for session in (resolved, cancelled):
            for call in (client.resolve_session, client.cancel_session):
                assert await refused(call(session)) == (409, "already_terminal")


async def test_an_expired_session_is_410_and_still_readable(relay):
    async with sdk(relay) as client:
        opened = await hand_over(client, ttl=1)
        ended = await client.wait_for_resolution(opened.session_id, poll_interval=0.1, timeout=30)
        assert ended.status == "TIMEOUT"
        for call in (client.resolve_session, client.cancel_session):
            assert await refused(call(opened.session_id)) == (410, "expired")


@pytest.mark.parametrize(
    "wrong",
    [
        {"service": ""},
        {"service": "x" * 201},
        {"service": "two\nlines"},
        {"ttl": 0},
        {"ttl": 86_401},
        {"context": {"wall_type": "moat"}},
        {"context": {"hint": "x" * 1_001}},
    ],
    ids=lambda wrong: str(wrong)[:40],
)
async def test_a_body_out_of_bounds_is_400(relay, wrong):
    async with sdk(relay) as client:
        call = client.to_human(**{"service": "Example", "cdp_url": "ws://127.0.0.1/", **wrong})
        assert await refused(call) == (400, "invalid_request")


async def test_too_many_sessions_a_minute_are_429():
    with programs.relay("--creations-per-minute=2") as strict:
        async with sdk(strict) as client, sdk(strict, strict.other_key) as other:
            for _ in range(2):
                await hand_over(client)
            assert await refused(hand_over(client)) == (429, "rate_limited")
            assert (await hand_over(other)).session_id, "each key has its own share"
