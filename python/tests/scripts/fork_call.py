"""Outbound with fork() after accept: the child talks to the call, the parent closes its descriptor."""

import os
import socket
import sys

import ESL

sock = socket.socket()
sock.bind(("127.0.0.1", 0))
sock.listen(5)
print(sock.getsockname()[1], flush=True)
client, address = sock.accept()
pid = os.fork()
if pid:
    client.close()
    sys.exit(os.waitpid(pid, 0)[1])
sock.close()
con = ESL.ESLconnection(client.fileno())
info = con.getInfo()
uuid = info.getHeader("unique-id")
con.sendRecv("myevents")
con.sendRecv("linger")
con.setEventLock("1")
con.execute("answer", "", uuid)
con.execute("hangup", "", uuid)
while con.connected():
    e = con.recvEvent()
    if e.getType() == "CHANNEL_HANGUP":
        print("hangup", e.getHeader("Unique-ID") == uuid, e.getHeader("variable_socket_host"), flush=True)
        break
