"""One thread receives, others call api on the same connection."""

import sys
import threading

import ESL

con = ESL.ESLconnection(sys.argv[1], sys.argv[2], sys.argv[3])
con.events("plain", "CUSTOM test::threads")
wrong = []
got = []


def receive():
    while len(got) < 200:
        e = con.recvEvent()
        if e.getHeader("Event-Subclass") == "test::threads":
            got.append(e.getHeader("Number"))
        elif e.getType() == "SERVER_DISCONNECTED":
            return


def send(thread):
    for i in range(20):
        word = "%d-%d" % (thread, i)
        if con.api("eval", word).getBody().strip() != word:
            wrong.append(word)
        e = ESL.ESLevent("CUSTOM", "test::threads")
        e.addHeader("Number", word)
        con.sendEvent(e)


threads = [threading.Thread(target=receive)] + [threading.Thread(target=send, args=(n,)) for n in range(10)]
for t in threads:
    t.start()
for t in threads:
    t.join(30)
print(len(set(got)), len(wrong))
