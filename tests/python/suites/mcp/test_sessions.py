"""Looking, waiting, giving up, and more than one session."""

import anyio
import pytest

from foreign.sdk import TimedOut
from foreign.viewer import open_link


async def test_a_session_is_pending_until_somebody_ends_it(sdk, tab):
    async with sdk.connect({}) as client:
        opened = await client.call("authloop_to_human", tab.arguments)
        this = {"session_id": opened.data["session_id"]}
        for seconds in (0, 1):
            looked = await client.call("authloop_status", {**this, "wait_seconds": seconds})
            assert not looked.is_error
            assert looked.data["status"] == "pending"
            assert looked.data["viewer_seen"] is False
            assert opened.data["session_url"] in looked.text
        again = await client.call("authloop_to_human", tab.arguments)
        assert again.data["already_open"] is True
        assert again.data["session_url"] == opened.data["session_url"]
        cancelled = await client.call("authloop_cancel", this)
        assert cancelled.data["status"] == "cancelled"
        ended = await client.call("authloop_status", this)
        assert ended.data["status"] == "cancelled"


async def test_progress_rises_and_tells_of_the_human(sdk, tab):
    async with sdk.connect({}) as client:
        opened = await client.call("authloop_to_human", tab.arguments)
        heard = []
        came = anyio.Condition()

        async def progress(done, total, message):
            async with came:
                heard.append((done, total, message))
                came.notify_all()

        async def hears(part):
            with anyio.fail_after(30):
                async with came:
                    while not any(part in message for _, _, message in heard):
                        await came.wait()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(lambda: client.call("authloop_status", progress=progress))
            await hears("Waiting for a human")
            async with open_link(opened.data["session_url"]) as human:
                await human.is_live()
                await hears("has the page open")
            await hears("opened the link and left")
            await client.call("authloop_cancel")
        numbers = [done for done, _, _ in heard]
        assert len(numbers) >= 3
        assert numbers == sorted(set(numbers)), "each is above the one before"
        assert all(done <= total for done, total, _ in heard)


async def test_a_call_the_client_gives_up_leaves_the_session(sdk, tab):
    async with sdk.connect({}) as client:
        opened = await client.call("authloop_to_human", tab.arguments)
        with pytest.raises(TimedOut):
            await client.call("authloop_status", limit=0.5)
        looked = await client.call("authloop_status", {"wait_seconds": 0})
        assert looked.data["status"] == "pending"
        async with open_link(opened.data["session_url"]) as human:
            await human.is_live()
            await human.is_done()
            ended = await client.call("authloop_status")
            assert ended.data["status"] == "resolved"


async def test_two_sessions_stand_beside_each_other(sdk, open_tab):
    async with sdk.connect({}) as client:
        first, second = [
            await client.call("authloop_to_human", tab.arguments)
            for tab in (open_tab(), open_tab())
        ]
        assert first.data["session_id"] != second.data["session_id"]
        ended = {}

        async def wait_for(opened):
            answer = await client.call("authloop_status", {"session_id": opened.data["session_id"]})
            ended[answer.data["session_id"]] = answer.data["status"]

        async with (
            open_link(first.data["session_url"]) as one,
            open_link(second.data["session_url"]) as other,
            anyio.create_task_group() as tasks,
        ):
            tasks.start_soon(wait_for, first)
            tasks.start_soon(wait_for, second)
            await one.is_live()
            await other.is_live()
            await one.act({"type": "cancelled"})
            await other.is_done()
        assert ended == {
            first.data["session_id"]: "cancelled",
            second.data["session_id"]: "resolved",
        }
