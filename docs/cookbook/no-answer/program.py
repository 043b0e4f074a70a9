"""An originate that is not answered, then such a bridge: HOST PORT PASSWORD ANSWERS NEVER."""

import sys

import switchwire
from switchwire import DialString, HangupError

host, port, password, answers, never = sys.argv[1:]
with switchwire.connect(host, int(port), password) as fs:
    fs.subscribe("BACKGROUND_JOB", "CHANNEL_EXECUTE_COMPLETE", "CHANNEL_HANGUP_COMPLETE")
    try:
        fs.originate(DialString(never, timeout=1)).wait(30)
    except HangupError as error:
        print("originate:", error.cause)

    call = fs.originate(DialString(answers, timeout=1)).wait(30)
    call.set("continue_on_fail", "true")
    bridge = call.bridge(DialString(never, timeout=1))
    print("bridge:", "answered" if bridge.answered else bridge.cause)
    if fs.api("uuid_exists", call.uuid) == "true":
        print("the first leg is still up")
    call.hangup()
