"""Under gevent: a call's handler runs on a native thread, where patched calls make a hub of its own."""

from gevent import monkey

monkey.patch_all()

import sys
import time

import gevent

import switchwire

address = (sys.argv[1], int(sys.argv[2]), sys.argv[3])
hub = gevent.get_hub()
seen = []


def handler(call):
    # Patched: waits in a hub, of this thread.
    time.sleep(0.001)
    seen.append(gevent.get_hub() is hub)


with switchwire.Listener(handler, port=0) as listener, switchwire.connect(*address) as fs:
    for _ in range(3):
        fs.api("originate", f"loopback/9000 '&socket(127.0.0.1:{listener.address[1]} async full)'")
    while len(seen) < 3 or listener.stats()["active"]:
        gevent.sleep(0.001)
print(seen)
