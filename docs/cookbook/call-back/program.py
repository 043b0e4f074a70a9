"""Rings one person, and when they answer connects them to another: HOST PORT PASSWORD CALLER CALLEE."""

import sys

import switchwire
from switchwire import DialString

host, port, password, caller, callee = sys.argv[1:]
with switchwire.connect(host, int(port), password) as fs:
    fs.subscribe("BACKGROUND_JOB", "CHANNEL_EXECUTE_COMPLETE", "CHANNEL_HANGUP_COMPLETE")

    # `wait` raises a HangupError with the cause when they do not answer.
    call = fs.originate(DialString(caller, timeout=20)).wait(30)
    print(caller, "answered")

    call.set("hangup_after_bridge", "true")
    bridge = call.bridge(DialString(callee, timeout=20))
    print("they talked" if bridge.answered else f"{callee} did not answer: {bridge.cause}")
