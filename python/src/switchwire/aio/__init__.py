"""The same for asyncio: `await connect(...)`, `async for event in connection`, `Listener`.

It is built on the descriptor and the event loop: no thread per connection. Every await may be cancelled: a
cancelled `recv` loses no event, a cancelled command drops its own reply and no other.

    import asyncio
    from switchwire import aio

    async def main():
        async with await aio.connect("127.0.0.1", 8021, "ClueCon") as fs:
            print(await fs.api("status"))
            await fs.subscribe("CHANNEL_ANSWER")
            async for event in fs:
                print(event["Unique-ID"])

    asyncio.run(main())
"""

from .call import Call
from .calls import Calls
from .conference import Conference
from .connection import Connection, Job, connect
from .listener import Listener
from .originating import Originating

__all__ = ["Call", "Calls", "Conference", "Connection", "Job", "Listener", "Originating", "connect"]
