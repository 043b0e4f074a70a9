"""Under gevent: the thread of consume is a native one, and the program goes on meanwhile."""

from gevent import monkey

monkey.patch_all()

import logging
import sys
import threading

import gevent

import switchwire

logging.basicConfig(stream=sys.stdout, format="%(message)s %(exc_text)s")
address = (sys.argv[1], int(sys.argv[2]), sys.argv[3])
seen = []
local = threading.local()
hub = gevent.get_hub()
arrived = hub.loop.async_()


def take(event):
    local.count = getattr(local, "count", 0) + 1
    seen.append((event.body.strip(), local.count, gevent.get_hub() is hub))
    arrived.send()
    if event.body.startswith("1"):
        raise RuntimeError("on purpose")


fs = switchwire.connect(*address)
fs.events("BACKGROUND_JOB")
consumer = fs.consume(take)
commands = switchwire.connect(*address)
for number in range(3):
    commands.api("bgapi", f"eval {number}")
    # Freezes when the consumer waits in a greenlet of this thread.
    while len(seen) <= number:
        gevent.sleep(0.001)
print(seen)
print(consumer.stop(30))
fs.disconnect()
