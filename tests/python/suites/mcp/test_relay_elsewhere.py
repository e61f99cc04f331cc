"""Sessions at a relay of one's own, known by an API key."""

import asyncio
import json
import urllib.request

from foreign.viewer import open_link


def settings(relay, key):
    return {"AUTHLOOP_BASE_URL": relay.url, "AUTHLOOP_API_KEY": key}


def ask(relay, method, path):
    """Asks the relay's REST API, and returns its answer."""
    headers = {"Authorization": f"Bearer {relay.key}"}
    request = urllib.request.Request(relay.url + path, method=method, headers=headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


async def test_a_session_somebody_else_resolves_is_resolved(sdk, relay, tab):
    async with sdk.connect(settings(relay, relay.key)) as client:
        opened = await client.call("authloop_to_human", tab.arguments)
        assert opened.data["session_url"].startswith(f"{relay.url}/s/")
        async with open_link(opened.data["session_url"]) as human:
            await human.is_live()
            resolved = ask(relay, "POST", f"/session/{opened.data['session_id']}/resolve")
            assert resolved == {"resolved": True}
            ended = await client.call("authloop_status")
            assert ended.data["status"] == "resolved"


async def test_a_client_that_leaves_takes_its_session_along(sdk, relay, tab):
    async with sdk.connect(settings(relay, relay.key)) as client:
        opened = await client.call("authloop_to_human", tab.arguments)
        address = f"/session/{opened.data['session_id']}"
        assert ask(relay, "GET", address)["status"] == "PENDING"
    async with asyncio.timeout(30):
        while ask(relay, "GET", address)["status"] != "CANCELLED":
            await asyncio.sleep(0.05)


async def test_a_key_the_relay_does_not_know_is_named(sdk, relay, tab):
    async with sdk.connect(settings(relay, "al_live_unknown")) as client:
        answer = await client.call("authloop_to_human", tab.arguments)
        assert answer.is_error
        assert "AUTHLOOP_API_KEY" in answer.text
        assert "al_live_unknown" not in answer.text
