"""Under gevent: events by wait_read and recv(0), commands on a second connection by the hub's thread pool."""

from gevent import monkey

monkey.patch_all()

import sys

import gevent
from gevent.socket import wait_read

import switchwire

address = (sys.argv[1], int(sys.argv[2]), sys.argv[3])
turns = []
seen = []


def events(fs):
    while True:
        event = fs.recv(0)
        if event is not None:
            yield event
        else:
            wait_read(fs.fileno())


def receive(fs):
    for event in events(fs):
        seen.append(event.body.strip())
        if len(seen) == 3:
            return


def turn():
    # Goes on only while nothing stops the hub.
    while True:
        turns.append(1)
        gevent.sleep(0)


fs = switchwire.connect(*address)
commands = switchwire.connect(*address)
fs.events("BACKGROUND_JOB")
greenlet = gevent.spawn(receive, fs)
other = gevent.spawn(turn)
pool = gevent.get_hub().threadpool
gevent.sleep(0)
before = len(turns)
for number in range(3):
    pool.apply(commands.api, ("bgapi", f"eval {number}"))
greenlet.get(timeout=30)
other.kill()
print(sorted(seen), len(turns) > before)
