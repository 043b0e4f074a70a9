"""Watches several servers: who is up, who is gone, and how many calls each has.

python fleet_watch.py PASSWORD HOST[:PORT]...
"""

from __future__ import annotations

import asyncio
import sys

from switchwire import FleetServer, Health, Lost, Restored, Subscription, aio

WANTED = Subscription("CHANNEL_CREATE", "CHANNEL_DESTROY")


def server(password: str, address: str) -> FleetServer:
    host, _, port = address.partition(":")
    return FleetServer(host, port or 8021, password, name=address, subscription=WANTED, snapshot=True)


async def main(password: str, *addresses: str) -> None:
    async with aio.Fleet(*(server(password, address) for address in addresses)) as fleet:
        async for name, update in fleet:
            if isinstance(update, Lost):
                print(f"{name}: lost: {update.reason}", flush=True)
            elif isinstance(update, Restored):
                print(f"{name}: back after {update.outage}, {len(update.server.channels())} channels", flush=True)
            elif isinstance(update, Health):
                print(f"{name}: {update.state}, {update.sessions} sessions", flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
