"""Hears a call and speaks in it, by UDP: HOST PORT PASSWORD DIAL."""

import math
import socket
import sys

import switchwire
from switchwire import DialString, Event

host, port, password, dial = sys.argv[1:]
# A frame: 20 ms of 16-bit samples, 8000 a second, in the machine's byte order. Here 400 Hz.
samples = (int(8000 * math.sin(2 * math.pi * 400 * n / 8000)) for n in range(160))
TONE = b"".join(sample.to_bytes(2, sys.byteorder, signed=True) for sample in samples)

with socket.socket(type=socket.SOCK_DGRAM) as audio, switchwire.connect(host, int(port), password) as fs:
    audio.bind(("127.0.0.1", 0))
    audio.settimeout(10)
    fs.subscribe("BACKGROUND_JOB", "CHANNEL_HANGUP_COMPLETE")
    call = fs.originate(DialString(dial, timeout=20)).wait(30)

    # The call is parked; from now on its audio comes here.
    here = str(audio.getsockname()[1])
    unicast = {"call-command": "unicast", "local-port": "0", "remote-port": here, "transport": "udp"}
    fs.send_message(Event(headers=unicast), uuid=call.uuid)

    sound = 0
    for count in range(40):
        frame, server = audio.recvfrom(4096)
        sound += any(frame)
        # What is heard is the clock: a frame for a frame, ten of them.
        if count < 10:
            audio.sendto(TONE, server)
    print(f"40 frames heard, {sound} with sound")
    call.hangup()
