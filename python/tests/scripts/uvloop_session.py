"""An asyncio program under uvloop: commands, events, a call that comes in, the end of the connection."""

import asyncio
import sys

import uvloop

from switchwire import aio


async def main() -> None:
    assert isinstance(asyncio.get_running_loop(), uvloop.Loop)
    host, port, password = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    called = asyncio.Event()

    async def serve(call: aio.Connection) -> None:
        await call.my_events()
        await call.own_call().answer()
        called.set()

    async with await aio.connect(host, port, password) as fs, aio.Listener(serve, "127.0.0.1", 0) as listener:
        answers = await asyncio.gather(*(fs.api("eval", str(n)) for n in range(100)))
        print(answers == [str(n) for n in range(100)])
        await fs.events("BACKGROUND_JOB")
        print("UP" in await (await fs.bgapi("status")).result(10))
        address = "{}:{}".format(*listener.address)
        await fs.bgapi("originate", f"null/1 '&socket({address} async full)'")
        await asyncio.wait_for(called.wait(), 10)
        print("called")
        await fs.exit()
    print(fs.connected)


uvloop.run(main())
