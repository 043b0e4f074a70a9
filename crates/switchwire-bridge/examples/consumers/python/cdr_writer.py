"""Call detail records in SQLite: a row for each leg that has ended, each once.

    python cdr_writer.py nats://127.0.0.1:4222 calls.sqlite

A message is acknowledged after its row is committed, so a program that is killed in between gets it again; the uuid is
the table's key, so it is not written again. The durable consumer remembers the place while no program runs.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
import sys

import nats
from nats.js.api import AckPolicy, ConsumerConfig
from nats.js.errors import NotFoundError

STREAM = "FREESWITCH"
SUBJECT = "fs.*.CHANNEL_HANGUP_COMPLETE.*"

COLUMNS = {
    "uuid": "Unique-ID",
    "call_uuid": "Channel-Call-UUID",
    "core_uuid": "Core-UUID",
    "direction": "Call-Direction",
    "caller": "Caller-Caller-ID-Number",
    "destination": "Caller-Destination-Number",
    "cause": "Hangup-Cause",
    "duration": "variable_duration",
    "billsec": "variable_billsec",
}


def open_table(path: str) -> sqlite3.Connection:
    table = sqlite3.connect(path)
    table.execute("PRAGMA journal_mode = WAL")
    columns = ", ".join(f"{name} TEXT" for name in COLUMNS if name != "uuid")
    table.execute(f"CREATE TABLE IF NOT EXISTS cdr (uuid TEXT PRIMARY KEY, {columns})")
    table.commit()
    return table


def row(event: dict[str, str]) -> list[str | None]:
    return [event.get(header) for header in COLUMNS.values()]


async def wait_for_stream(js: nats.js.JetStreamContext) -> None:
    """The bridge makes it, perhaps later."""
    while True:
        try:
            await js.stream_info(STREAM)
            return
        except NotFoundError:
            await asyncio.sleep(0.2)


async def main(url: str, path: str) -> None:
    table = open_table(path)
    broker = await nats.connect(url, max_reconnect_attempts=-1)
    js = broker.jetstream()
    await wait_for_stream(js)
    config = ConsumerConfig(ack_policy=AckPolicy.EXPLICIT, ack_wait=10)
    ended = await js.pull_subscribe(SUBJECT, durable="cdr-writer", stream=STREAM, config=config)
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    insert = f"INSERT OR IGNORE INTO cdr VALUES ({', '.join('?' * len(COLUMNS))})"
    print("ready", flush=True)
    while not stop.is_set():
        try:
            messages = await ended.fetch(100, timeout=1)
        except asyncio.TimeoutError:
            # (The client's own kind of it is one of these; it raises both.)
            continue
        with table:
            table.executemany(insert, [row(json.loads(message.data)) for message in messages])
        for message in messages:
            await message.ack()
    await broker.drain()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:3]))
