"""Makes a phone fetch its configuration: HOST PORT PASSWORD USER DOMAIN."""

import sys

import switchwire
from switchwire import Event

host, port, password, user, domain = sys.argv[1:]
with switchwire.connect(host, int(port), password) as fs:
    notify = {
        "profile": "internal",
        "content-type": "application/simple-message-summary",
        "event-string": "check-sync;reboot=false",
        "user": user,
        "host": domain,
    }
    fs.send_event(Event("NOTIFY", notify))
    print(f"asked {user}@{domain} to fetch its configuration")
