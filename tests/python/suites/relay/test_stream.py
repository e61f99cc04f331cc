"""An agent and a viewer of other people's making, and this relay between them."""

import json
import os
from contextlib import asynccontextmanager

import httpx
import pytest

from foreign.agent import join
from foreign.viewer import open_link, stream_of
from foreign.wire import open_wire

JPEG = b"\xff\xd8" + os.urandom(150_000) + b"\xff\xd9"


@asynccontextmanager
async def rest(relay):
    headers = {"Authorization": f"Bearer {relay.key}"}
    async with httpx.AsyncClient(base_url=relay.url, headers=headers, timeout=30) as client:
        yield client


async def create(client, **more):
    body = {"service": "Example", "cdp_url": "ws://cdp.invalid/", **more}
    answer = await client.post("/session", json=body)
    assert answer.status_code == 201
    return answer.json()


def agent_of(session):
    return join(session["stream_url"], session["stream_token"])


async def ignore(_wire, _message):
    pass


async def test_a_whole_hand_off(relay):
    async with rest(relay) as client:
        session = await create(client)
        address = f"/session/{session['session_id']}"
        async with agent_of(session) as agent, open_link(session["session_url"]) as human:
            await human.wire.hears("agent_connected")
            await agent.wire.hears("viewer_connected")
            await agent.wire.hears("pubkey")
            about = await agent.shows(JPEG)
            frame = await human.is_live()
            assert frame.about == json.loads(about)
            assert frame.jpeg == JPEG
            assert (await client.get(address)).json()["status"] == "ACTIVE"
            click = {"type": "click", "x": 10.5, "y": 20, "button": "left", "clickCount": 1}
            await human.act(click)
            assert await agent.is_told(1) == click
            await human.is_done()
            assert await agent.is_told(2) == {"type": "resolved"}
            assert (await client.post(f"{address}/resolve")).json() == {"resolved": True}
            # An agent takes a close at this moment for an error.
            assert agent.wire.close_code is None
        assert (await client.get(address)).json()["status"] == "RESOLVED"


async def test_what_passes_is_not_touched(relay):
    async with rest(relay) as client:
        session = await create(client)
        async with agent_of(session) as agent, open_link(session["session_url"]) as human:
            await agent.wire.hears("pubkey")
            to_viewer = '{ "unknown" : [1e3, "\\u00e9 \u00e9"],\n "type":"from_the_agent" }'
            to_agent = '{"type":"from_the_viewer","z":1,"a":  2.50, "emoji":"\U0001f510"}'
            await agent.wire.send(to_viewer)
            await human.wire.send(to_agent)
            await human.wire.hears("from_the_agent")
            await agent.wire.hears("from_the_viewer")
            assert to_viewer in human.wire.received
            assert to_agent in agent.wire.received
            assert "from_the_agent" not in str(agent.wire.received), "nobody hears himself"


async def test_each_picture_comes_right_behind_its_text(relay):
    async with rest(relay) as client:
        session = await create(client)
        async with agent_of(session) as agent, open_link(session["session_url"]) as human:
            await human.wire.hears("pubkey")
            last = b"\xff\xd8 the last \xff\xd9"
            for number in range(40):
                await agent.shows(b"\xff\xd8" + os.urandom(1_000 * number + 1) + b"\xff\xd9")
            await agent.shows(last)
            await human.wire.wait_until(lambda: last in human.wire.received)
            received = human.wire.received
            pictures = [at for at, one in enumerate(received) if isinstance(one, bytes)]
            texts = [at for at, one in enumerate(received) if '"frame"' in str(one)[:40]]
            assert texts == [at - 1 for at in pictures]
            for at in pictures:
                assert json.loads(received[at - 1])["jpegSize"] == len(received[at])


async def test_input_keeps_its_order(relay):
    async with rest(relay) as client:
        session = await create(client)
        async with agent_of(session) as agent, open_link(session["session_url"]) as human:
            await human.wire.hears("pubkey")
            await agent.wire.hears("pubkey")
            text = [chr(ord("a") + number % 26) for number in range(200)]
            for key in text:
                await human.act({"type": "keypress", "key": key})
            assert [(await agent.is_told(n + 1))["key"] for n in range(len(text))] == text


async def test_a_viewer_that_comes_back_is_let_in_again(relay):
    async with rest(relay) as client:
        session = await create(client)
        async with agent_of(session) as agent:
            async with open_link(session["session_url"]) as human:
                await human.wire.hears("pubkey")
                await human.act({"type": "keypress", "key": "a"})
                assert (await agent.is_told(1))["key"] == "a"
            await agent.wire.hears("viewer_disconnected")
            async with open_link(session["session_url"]) as human:
                await human.wire.hears("pubkey")
                await agent.wire.hears("viewer_connected", 2)
                await agent.wire.hears("pubkey", 2)
                await human.act({"type": "keypress", "key": "b"})
                assert (await agent.is_told(2))["key"] == "b"


async def test_a_viewer_that_waits_hears_of_the_agent(relay):
    async with rest(relay) as client:
        session = await create(client)
        async with open_link(session["session_url"]) as human:
            async with agent_of(session):
                await human.wire.hears("agent_connected")
                await human.wire.hears("pubkey")
            await human.wire.hears("agent_disconnected")


async def test_a_cancelled_session_is_told_to_both(relay):
    async with rest(relay) as client:
        session = await create(client)
        async with agent_of(session) as agent, open_link(session["session_url"]) as human:
            await agent.wire.hears("pubkey")
            answer = await client.delete(f"/session/{session['session_id']}")
            assert answer.json() == {"cancelled": True}
            await agent.wire.hears("session_cancelled")
            await human.wire.hears("session_cancelled")


async def test_an_expired_session_is_told_to_both(relay):
    async with rest(relay) as client:
        session = await create(client, ttl=4)
        async with agent_of(session) as agent, open_link(session["session_url"]) as human:
            await agent.wire.hears("session_expired")
            await human.wire.hears("session_expired")


async def test_a_newer_agent_takes_the_seat(relay):
    async with rest(relay) as client:
        session = await create(client)
        async with agent_of(session) as old, agent_of(session) as new:
            assert await old.wire.is_closed() == 4408
            async with open_link(session["session_url"]):
                await new.wire.hears("viewer_connected")


async def test_a_links_holder_cannot_pose_as_the_agent(relay):
    async with rest(relay) as client:
        session = await create(client)
        url = stream_of(session["session_url"]).replace("role=viewer", "role=agent")
        async with open_wire(url, ignore) as wire:
            assert await wire.is_closed() == 4401


@pytest.mark.parametrize("token", ["wrong", ""])
async def test_a_wrong_token_opens_nothing(relay, token):
    async with rest(relay) as client:
        session = await create(client)
        async with open_wire(f"{session['stream_url']}?token={token}&role=viewer", ignore) as wire:
            assert await wire.is_closed() == 4401


async def test_an_ended_session_takes_nobody_in(relay):
    async with rest(relay) as client:
        session = await create(client)
        await client.delete(f"/session/{session['session_id']}")
        async with open_link(session["session_url"]) as human:
            assert await human.wire.is_closed() == 4404


async def test_errors_of_other_clients_are_one_word(relay):
    async with httpx.AsyncClient(base_url=relay.url, timeout=30) as client:
        named = await client.get("/session/sess_unknown", headers={"User-Agent": "node"})
        assert named.status_code == 401
        assert named.json()["error"] == "unauthorized"
