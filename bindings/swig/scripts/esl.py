# Usage: esl.py command|events|serve PORT PASSWORD (serve: the call is on standard input)
import sys

import ESL

mode, port, password = (sys.argv[1:] + ["", ""])[:3]
if mode == "serve":
    con = ESL.ESLconnection(sys.stdin.fileno())
    uuid = con.getInfo().getHeader("unique-id")
    print("call " + uuid)
    print(con.execute("answer", "", uuid).getHeader("Reply-Text"))
    con.execute("hangup", "", uuid)
    sys.exit()
con = ESL.ESLconnection("127.0.0.1", port, password)
assert con.connected()
if mode == "command":
    print(con.sendRecv("api eval hello swig").getBody())
    print(con.api("eval", "again").getBody())
else:
    con.events("plain", "CUSTOM test::swig")
    event = ESL.ESLevent("CUSTOM", "test::swig")
    event.addHeader("X-Header", "x y")
    event.addBody("the body")
    con.sendEvent(event)
    got = con.recvEventTimed(5000)
    print(got.getType(), got.getHeader("X-Header"), got.getBody())
    name = got.firstHeader()
    while name:
        print("name " + name)
        name = got.nextHeader()
    print(got.serialize("json"))
con.disconnect()
