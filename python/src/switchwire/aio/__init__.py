"""The same for asyncio: `await connect(...)`, `async for event in connection`, `Listener`.

It is built on the descriptor and the event loop: no thread per connection (a `ManagedConnection` has the core's one).
Every await may be cancelled: a cancelled `recv` loses no event, a cancelled command drops its own reply and no other.

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

from typing import TYPE_CHECKING as _TYPE_CHECKING

from .call import Call
from .calls import Calls
from .conference import Conference
from .connection import Connection, Job, connect
from .listener import Listener
from .originating import Originating

if _TYPE_CHECKING:
    from .fleet import Fleet
    from .managed import ManagedConnection

_LATER = {"Fleet": "fleet", "ManagedConnection": "managed"}
"""Names that are imported when they are first used, and their modules."""


def __getattr__(name: str) -> object:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    found: object = getattr(import_module(f".{_LATER[name]}", __name__), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER})


__all__ = [
    "Call",
    "Calls",
    "Conference",
    "Connection",
    "Fleet",
    "Job",
    "Listener",
    "ManagedConnection",
    "Originating",
    "connect",
]
