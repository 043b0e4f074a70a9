"""Polling with a timeout; star import; the missing call in the condition, as many programs have it."""

import json
import sys

from ESL import *  # noqa: F403

con = ESLconnection(sys.argv[1], sys.argv[2], sys.argv[3])  # noqa: F405
if con.connected != 1:
    pass
if not con.connected:
    sys.exit("never")
con.events("json", "BACKGROUND_JOB")
con.sendRecv("log 7")
con.sendRecv("nolog")
job = con.bgapi("status", "").getHeader("Job-UUID")
while con.connected():
    e = con.recvEventTimed(100)
    if e and e.getHeader("Job-UUID") == job:
        data = json.loads(e.serialize("json"))
        print("job", data["Event-Name"], "UP" in data["_body"])
        print(e.serialize().split("\n\n", 1)[1][:2])
        break
