"""A worker of a group: each call goes to one worker, which sees all its events in order.

    python worker.py nats://127.0.0.1:4222 NAME

The group shares one durable consumer of the events that begin a call: who gets one has the call. It holds the claim for
as long as the call lasts, and reads the call's own subject meanwhile. When it dies, its claims run out, and others get
them. Prints a line of JSON for each event that it works on.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys

import nats
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig
from nats.js.errors import NotFoundError

STREAM = "FREESWITCH"
BEGINS = "fs.*.CHANNEL_CREATE.*"
LAST = "CHANNEL_DESTROY"
# A claim that is not renewed for so many seconds goes to another worker.
CLAIM = 3.0
# How many calls one worker takes at once.
CALLS = 50


def work(name: str, subject: str, event: dict[str, str]) -> None:
    """What a worker is there for."""
    what, uuid = event["Event-Name"], subject.rsplit(".", 1)[1]
    line = {
        "worker": name,
        "uuid": uuid,
        "event": what,
        "sequence": int(event["Event-Sequence"]),
    }
    print(json.dumps(line), flush=True)


async def follow(js: JetStreamContext, name: str, claim: Msg) -> None:
    """One call, from its first event to its last."""
    node, uuid = claim.subject.split(".")[1], claim.subject.rsplit(".", 1)[1]
    keep = asyncio.create_task(renew(claim))
    try:
        events = await js.subscribe(f"fs.{node}.*.{uuid}", ordered_consumer=True)
        async for message in events.messages:
            event = json.loads(message.data)
            work(name, message.subject, event)
            if event["Event-Name"] == LAST:
                break
        await events.unsubscribe()
    finally:
        keep.cancel()
    await claim.ack()


async def renew(claim: Msg) -> None:
    while True:
        await claim.in_progress()
        await asyncio.sleep(CLAIM / 3)


async def main(url: str, name: str) -> None:
    broker = await nats.connect(url, max_reconnect_attempts=-1)
    js = broker.jetstream()
    while True:
        with contextlib.suppress(NotFoundError):
            await js.stream_info(STREAM)
            break
        await asyncio.sleep(0.2)
    config = ConsumerConfig(ack_policy=AckPolicy.EXPLICIT, ack_wait=CLAIM, max_ack_pending=1000)
    begins = await js.pull_subscribe(BEGINS, durable="workers", stream=STREAM, config=config)
    stop = asyncio.Event()
    for signal_name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signal_name, stop.set)
    calls: set[asyncio.Task[None]] = set()
    print(json.dumps({"worker": name, "ready": True}), flush=True)
    while not stop.is_set():
        if len(calls) >= CALLS:
            await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
        try:
            claims = await begins.fetch(1, timeout=1)
        except asyncio.TimeoutError:
            # (The client's own kind of it is one of these; it raises both.)
            continue
        for claim in claims:
            task = asyncio.create_task(follow(js, name, claim))
            calls.add(task)
            task.add_done_callback(calls.discard)
    # (Claims that are not over go to others.)
    for task in calls:
        task.cancel()
    await broker.drain()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:3]))
