"""Under gevent: events by wait_read and recv(0), commands on a second connection by the hub's thread pool."""

from gevent import monkey

monkey.patch_all()

import faulthandler
import sys

import gevent
from gevent.socket import wait_read

import switchwire

# If it hangs, every thread's stack says where, before the test's own limit of 60 s.
faulthandler.dump_traceback_later(50, exit=True)

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
    # Goes on only while nothing stops the hub. `sleep(0)` here would starve the pool's threads: a hub that never waits
    # often takes the GIL back before a thread gets it.
    while True:
        turns.append(1)
        gevent.sleep(0.001)


fs = switchwire.connect(*address)
commands = switchwire.connect(*address)
fs.events("BACKGROUND_JOB")
greenlet = gevent.spawn(receive, fs)
other = gevent.spawn(turn)
while len(turns) < 3:
    gevent.sleep(0.001)
pool = gevent.get_hub().threadpool
asked = [pool.spawn(commands.api, "bgapi", f"eval {number}") for number in range(3)]
gevent.wait(asked, timeout=30)
greenlet.get(timeout=30)
other.kill()
print(sorted(seen), all(command.successful() for command in asked))
