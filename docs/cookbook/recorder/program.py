"""Records every call that is answered: HOST PORT PASSWORD FOLDER [HOW MANY]."""

import sys

import switchwire

host, port, password, folder, *rest = sys.argv[1:]
left = int(rest[0]) if rest else -1
with switchwire.connect(host, int(port), password) as fs:
    fs.subscribe("CHANNEL_ANSWER", "RECORD_STOP")
    while left != 0:
        event = fs.recv()
        if event.type == "CHANNEL_ANSWER":
            uuid = event.unique_id
            print("recording", uuid)
            fs.call(uuid).start_recording(f"{folder}/{uuid}.wav", limit=3600)
        else:
            print("complete:", event["Record-File-Path"])
            left -= 1
