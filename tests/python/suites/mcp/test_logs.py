"""What the server writes to standard error, with everything switched on."""

from urllib.parse import urlsplit

from foreign.site import CODE, NAME
from foreign.viewer import open_link

TOKEN = "provider-token-5up3rs3cr3t"
TYPED = "quokka"
PASTED = "wombat8172"


async def test_a_whole_hand_off_leaves_no_secret_in_the_logs(sdk, relay, tab, website, tmp_path):
    environment = {
        "DEBUG": "authloop:*",
        "AUTHLOOP_BASE_URL": relay.url,
        "AUTHLOOP_API_KEY": relay.key,
    }
    arguments = {**tab.arguments, "cdp_url": f"{tab.cdp_url}/?token={TOKEN}"}
    with open(tmp_path / "log", "w+") as log:
        async with sdk.connect(environment, log) as client:
            opened = await client.call("authloop_to_human", arguments)
            assert not opened.is_error, opened.text
            async with open_link(opened.data["session_url"]) as human:
                await human.is_live()
                keys = [message["key"] for message in human.wire.messages() if "key" in message]
                await human.click(*NAME)
                await human.type(TYPED)
                await human.click(*CODE)
                await human.act({"type": "paste", "text": PASTED})
                await human.press("Enter")
                assert await website.was_sent(tab.url) == {"name": TYPED, "code": PASTED}
                await human.is_done()
                ended = await client.call("authloop_status")
                assert ended.data["status"] == "resolved"
        log.seek(0)
        lines = log.read()
    for namespace in ("session", "stream", "cdp", "crypto", "sdk", "perf"):
        assert f"authloop::{namespace}" in lines
    link_token = urlsplit(opened.data["session_url"]).fragment.removeprefix("1.")
    for secret in (relay.key, TOKEN, link_token, TYPED, PASTED, tab.url, *keys):
        assert secret and secret not in lines
    assert "token=" not in lines
