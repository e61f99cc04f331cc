"""A page goes to a human and comes back."""

from foreign.site import CODE, NAME
from foreign.viewer import open_link


async def test_a_human_signs_in_and_the_agent_hears_of_it(sdk, tab, website):
    async with sdk.connect({}) as client:
        opened = await client.call("authloop_to_human", tab.arguments)
        assert not opened.is_error
        assert opened.data["session_url"] in opened.text
        assert opened.data["page_origin"] == website.url
        async with open_link(opened.data["session_url"]) as human:
            frame = await human.is_live()
            assert frame.about["type"] == "frame"
            assert frame.about["deviceWidth"] > 300 and frame.about["deviceHeight"] > 200
            assert frame.about["jpegSize"] == len(frame.jpeg)
            assert frame.jpeg.startswith(b"\xff\xd8") and frame.jpeg.endswith(b"\xff\xd9")
            await human.click(*NAME)
            await human.type("alice")
            await human.click(*CODE)
            await human.type("493")
            await human.act({"type": "paste", "text": "817"})
            await human.press("Enter")
            assert await website.was_sent(tab.url) == {"name": "alice", "code": "493817"}
            await human.is_done()
            ended = await client.call("authloop_status")
            assert not ended.is_error
            assert ended.data["status"] == "resolved"
            assert ended.data["session_id"] == opened.data["session_id"]
            assert ended.data["viewer_seen"] is True


async def test_what_comes_right_behind_the_key_is_not_lost(sdk, tab):
    async with sdk.connect({}) as client:
        opened = await client.call("authloop_to_human", tab.arguments)
        async with open_link(opened.data["session_url"]) as human:
            await human.wire.hears("pubkey")
            await human.is_done()
            ended = await client.call("authloop_status", {"session_id": opened.data["session_id"]})
            assert ended.data["status"] == "resolved"


async def test_a_link_over_tls_works_with_a_certificate_of_its_own(sdk, tab):
    async with sdk.connect({"AUTHLOOP_TLS": "self-signed"}) as client:
        opened = await client.call("authloop_to_human", tab.arguments)
        assert opened.data["session_url"].startswith("https://")
        async with open_link(opened.data["session_url"]) as human:
            await human.is_live()
            await human.is_done()
            ended = await client.call("authloop_status")
            assert ended.data["status"] == "resolved"


async def test_nothing_in_plain_text_is_obeyed(sdk, tab, website):
    async with sdk.connect({}) as client:
        opened = await client.call("authloop_to_human", tab.arguments)
        async with open_link(opened.data["session_url"]) as human:
            await human.is_live()
            await human.click(*NAME)
            await human.wire.send({"type": "keypress", "key": "x", "code": "KeyX"})
            await human.wire.send({"type": "paste", "text": "forged"})
            await human.wire.send({"type": "resolved"})
            await human.type("alice")
            await human.press("Enter")
            assert await website.was_sent(tab.url) == {"name": "alice"}
            looked = await client.call("authloop_status", {"wait_seconds": 0})
            assert looked.data["status"] == "pending"


async def test_a_human_who_gives_up_cancels_the_session(sdk, tab):
    async with sdk.connect({}) as client:
        opened = await client.call("authloop_to_human", tab.arguments)
        async with open_link(opened.data["session_url"]) as human:
            await human.is_live()
            await human.act({"type": "cancelled"})
            ended = await client.call("authloop_status")
            assert ended.data["status"] == "cancelled"
            assert opened.data["session_id"] == ended.data["session_id"]
