"""Sends calls on through a trunk by the dialled number: PORT."""

import sys

from switchwire import Connection, DialString, Listener


def serve(connection: Connection) -> None:
    connection.linger(10)
    connection.my_events()
    call = connection.own_call()
    number = connection.info["Caller-Destination-Number"].removeprefix("0")

    call.set_all({"continue_on_fail": "true", "hangup_after_bridge": "true"})
    bridge = call.bridge(DialString(f"sofia/gateway/trunk/{number}", timeout=30))
    if not bridge.answered:
        call.hangup(bridge.cause or "NORMAL_TEMPORARY_FAILURE")
    # What is billed comes with the last event.
    for event in connection:
        if event.type == "CHANNEL_HANGUP_COMPLETE":
            print(f"{number}: {event['Hangup-Cause']} {event['variable_billsec']} seconds")
            break


Listener(serve, port=int(sys.argv[1])).serve_forever()
