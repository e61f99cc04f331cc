"""Sessions at a relay of one's own, known by an API key."""

import urllib.request

from foreign.viewer import open_link


def settings(relay, key):
    return {"AUTHLOOP_BASE_URL": relay.url, "AUTHLOOP_API_KEY": key}


async def test_a_session_somebody_else_resolves_is_resolved(sdk, relay, tab):
    async with sdk.connect(settings(relay, relay.key)) as client:
        opened = await client.call("authloop_to_human", tab.arguments)
        assert opened.data["session_url"].startswith(f"{relay.url}/s/")
        async with open_link(opened.data["session_url"]) as human:
            await human.is_live()
            resolve = urllib.request.Request(
                f"{relay.url}/session/{opened.data['session_id']}/resolve",
                method="POST",
                headers={"Authorization": f"Bearer {relay.key}"},
            )
            with urllib.request.urlopen(resolve, timeout=30) as answer:
                assert answer.status == 200
            ended = await client.call("authloop_status")
            assert ended.data["status"] == "resolved"


async def test_a_key_the_relay_does_not_know_is_named(sdk, relay, tab):
    async with sdk.connect(settings(relay, "al_live_unknown")) as client:
        answer = await client.call("authloop_to_human", tab.arguments)
        assert answer.is_error
        assert "AUTHLOOP_API_KEY" in answer.text
        assert "al_live_unknown" not in answer.text
