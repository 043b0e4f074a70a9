"""Answers calls and puts them into a conference: PORT."""

import sys

from switchwire import Connection, Listener


def serve(connection: Connection) -> None:
    connection.linger(10)
    connection.my_events()
    connection.events(custom="conference::maintenance")
    call = connection.own_call()
    call.answer()
    connection.execute("conference", "3000@default")
    for event in connection:
        if event.type == "CUSTOM" and event.get("Action") == "add-member":
            print("member", event["Member-ID"], "is in the room")
        elif event.type == "CHANNEL_HANGUP_COMPLETE":
            print(f"{call.uuid} left: {event['Hangup-Cause']}")
            break


Listener(serve, port=int(sys.argv[1])).serve_forever()
