"""Calls do what a web application says: PORT URL."""

import itertools
import json
import sys
import urllib.request

from switchwire import Connection, Listener

port, url = sys.argv[1:]


def ask(state: dict) -> dict:
    request = urllib.request.Request(url, json.dumps(state).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as reply:
        return json.load(reply)


def serve(connection: Connection) -> None:
    connection.linger(5)
    connection.my_events()
    call = connection.own_call()
    call.answer()
    state = {"uuid": call.uuid, "caller": connection.info.get("Caller-Caller-ID-Number"), "digits": None}
    for step in itertools.count():
        next_step = ask({**state, "step": step})
        print(next_step["verb"])
        if next_step["verb"] == "play":
            call.playback(next_step["file"])
        elif next_step["verb"] == "ask":
            count = next_step["digits"]
            state["digits"] = call.play_and_get_digits(next_step["file"], min=count, max=count).digits
        else:
            call.hangup()
            break


Listener(serve, port=int(port)).serve_forever()
