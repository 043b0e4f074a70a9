"""Calls, and lets a dialogue program hear and speak: HOST PORT PASSWORD DIAL DIALOGUE_PORT."""

import re
import socket
import sys

import switchwire
from switchwire import DialString

host, port, password, dial, dialogue = sys.argv[1:]
with (
    socket.create_connection(("127.0.0.1", int(dialogue))) as bot,
    bot.makefile("rw", encoding="utf-8") as lines,
    switchwire.connect(host, int(port), password) as fs,
):
    fs.subscribe("DETECTED_SPEECH", "CHANNEL_EXECUTE_COMPLETE", "CHANNEL_HANGUP_COMPLETE", "BACKGROUND_JOB")
    call = fs.originate(DialString(dial, timeout=20)).wait(30)
    call.execute("detect_speech", "pocketsphinx yesno yesno")

    def turn() -> bool:
        """The bot's: speaks, without waiting for the end; whether it will listen then."""
        verb, text = next(lines).strip().split(" ", 1)
        print("bot:", text)
        fs.execute("speak", f"flite|slt|{text}", uuid=call.uuid)
        return verb == "ask"

    listens = turn()
    for event in fs:
        if event.unique_id != call.uuid:
            continue
        if event.type == "CHANNEL_HANGUP_COMPLETE":
            print("ended:", event["Hangup-Cause"])
            break
        if event.type == "CHANNEL_EXECUTE_COMPLETE" and event["Application"] == "speak" and not listens:
            call.hangup()
        elif event.get("Speech-Type") == "begin-speaking":
            # Who is interrupted stops to speak.
            call.stop_playback(all=True)
        elif event.get("Speech-Type") == "detected-speech" and listens:
            found = re.search("<input[^>]*>([^<]*)", event.body or "")
            heard = found[1].strip() if found else ""
            print("caller:", heard)
            print(heard, file=lines, flush=True)
            call.execute("detect_speech", "resume")
            listens = turn()
