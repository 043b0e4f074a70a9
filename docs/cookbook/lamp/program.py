"""Lights the message lamp of a phone, and puts it out: HOST PORT PASSWORD ACCOUNT."""

import sys

import switchwire
from switchwire import Event


def waiting(account: str, new: int, old: int) -> Event:
    return Event(
        "MESSAGE_WAITING",
        {
            "MWI-Messages-Waiting": "yes" if new else "no",
            "MWI-Message-Account": account,
            "MWI-Voice-Message": f"{new}/{old} (0/0)",
        },
    )


host, port, password, account = sys.argv[1:]
with switchwire.connect(host, int(port), password) as fs:
    fs.send_event(waiting(account, 2, 5))
    print("on")
    fs.send_event(waiting(account, 0, 7))
    print("off")
