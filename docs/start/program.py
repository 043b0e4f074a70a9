"""Asks for the status, makes a call and follows it: HOST PORT PASSWORD."""

import sys

import switchwire

host, port, password = sys.argv[1:]
with switchwire.connect(host, int(port), password) as fs:
    print(fs.api("status").splitlines()[0])

    fs.subscribe("CHANNEL_CREATE", "CHANNEL_ANSWER", "CHANNEL_HANGUP_COMPLETE", "BACKGROUND_JOB")
    # The leg is answered, sleeps for 100 ms, and hangs up.
    fs.bgapi("originate", "null/test &sleep(100)")
    for event in fs:
        print(event.name)
        if event.type == "CHANNEL_HANGUP_COMPLETE":
            print("ended:", event["Hangup-Cause"])
            break
