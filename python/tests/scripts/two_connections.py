"""One connection reads, the other commands; select() over both descriptors; status as a sign of life."""

import select
import sys

import ESL

args = (sys.argv[1], sys.argv[2], sys.argv[3])
reader, commander = ESL.ESLconnection(*args), ESL.ESLconnection(*args)
reader.events("plain", "BACKGROUND_JOB")
if commander.api("status").getBody():
    print("alive")
commander.sendRecv("events plain BACKGROUND_JOB")
print(commander.bgapi("status").getHeader("Reply-Text")[:3])
left = {reader.socketDescriptor(): reader, commander.socketDescriptor(): commander}
while left:
    for fd in list(left):
        # What was received along with a reply shows in no select: take it first.
        while True:
            e = left[fd].recvEventTimed(1)
            if not e:
                break
            if e.getType() == "BACKGROUND_JOB":
                print("job")
                del left[fd]
                break
    if left:
        select.select(list(left), [], [], 10)
