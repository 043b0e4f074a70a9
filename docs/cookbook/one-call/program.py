"""Prints the events of one call until it ends: HOST PORT PASSWORD UUID."""

import sys

import switchwire

host, port, password, uuid = sys.argv[1:]
with switchwire.connect(host, int(port), password) as fs:
    fs.my_events(uuid)
    fs.linger(5)
    for event in fs:
        assert event.unique_id == uuid
        print(event.name)
        if event.type == "CHANNEL_HANGUP_COMPLETE":
            break
    print("the call has ended")
