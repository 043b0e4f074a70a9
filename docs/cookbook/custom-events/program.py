"""Sends an event of its own, and receives it: HOST PORT PASSWORD."""

import sys

import switchwire
from switchwire import Event

host, port, password = sys.argv[1:]
with switchwire.connect(host, int(port), password) as fs:
    fs.subscribe(custom=["shop::order"])

    order = {"Order": "4711", "Customer": "Zoë"}
    fs.send_event(Event(headers=order, body='{"items": 2}', subclass="shop::order"))

    event = fs.recv()
    print(f"order {event['Order']} of {event['Customer']}: {event.body}")
