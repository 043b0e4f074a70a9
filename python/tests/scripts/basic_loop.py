"""Connect, subscribe, print events as they come."""

import sys

import ESL

con = ESL.ESLconnection(sys.argv[1], sys.argv[2], sys.argv[3])

if con.connected():
    con.events("plain", "CUSTOM test::idiom")
    event = ESL.ESLevent("CUSTOM", "test::idiom")
    event.addHeader("Number", "one two")
    event.addBody("the body")
    con.sendEvent(event)
    while 1:
        e = con.recvEvent()
        if e:
            print(e.serialize())
            if e.getHeader("Event-Name") == "CUSTOM":
                break
