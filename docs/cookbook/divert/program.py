"""Gets a note that is meant for the program which has the call: PORT."""

import sys

from switchwire import Connection, Event, Listener


def serve(connection: Connection) -> None:
    call = connection.own_call()
    connection.divert_events()

    # Any other program can send this.
    note = {"Unique-ID": call.uuid, "Note": "the caller is a good customer"}
    connection.send_event(Event(headers=note, subclass="desk::note"))

    for event in connection:
        if "Note" in event:
            print("a note:", event["Note"])
            break
    call.hangup()


Listener(serve, port=int(sys.argv[1])).serve_forever()
