"""Sends a phone a MESSAGE, an INFO and the state of a feature key: HOST PORT PASSWORD USER DOMAIN."""

import sys

import switchwire
from switchwire import Event

host, port, password, user, domain = sys.argv[1:]
text = {"content-type": "text/plain"}
message = {"profile": "internal", "user": user, "host": domain, "subject": "Door", **text}
info = {"profile": "internal", "to-uri": f"sip:{user}@{domain}", "from-uri": "sip:door@example.com", **text}
key = {"user": user, "host": domain, "device": user, "Feature-Event": "DoNotDisturbEvent", "doNotDisturbOn": "on"}
with switchwire.connect(host, int(port), password) as fs:
    for event in (
        Event("SEND_MESSAGE", message, "The door bell rang"),
        Event("SEND_INFO", info, "open=1"),
        Event("PHONE_FEATURE", key),
    ):
        fs.send_event(event)
        print(event.name, "sent")
