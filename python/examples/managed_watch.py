"""Prints answered and ended calls of one server, for as long as it takes: the server may restart.

python managed_watch.py PASSWORD HOST[:PORT]
"""

from __future__ import annotations

import sys

from switchwire import Connected, Event, GaveUp, Lost, ManagedConnection, Restored, Subscription

WANTED = Subscription("CHANNEL_ANSWER", "CHANNEL_HANGUP_COMPLETE")


def main(password: str, address: str) -> None:
    host, _, port = address.partition(":")
    with ManagedConnection(host, port or 8021, password, subscription=WANTED, snapshot=True) as fs:
        for item in fs:
            if isinstance(item, Event):
                print(item.name, item.unique_id, item.hangup_cause or "", flush=True)
            elif isinstance(item, Connected):
                print("connected to", item.server.switchname, flush=True)
            elif isinstance(item, Lost):
                print("lost:", item.reason, flush=True)
            elif isinstance(item, Restored):
                print("back:", item.run, flush=True)
            elif isinstance(item, GaveUp):
                print("gave up:", item.reason, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
