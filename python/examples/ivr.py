"""An IVR: greets, collects four digits in three tries, says them back, connects, or else records a message.

In the dialplan: `<action application="socket" data="127.0.0.1:8084 async full"/>`.
"""

from switchwire import Call, Connection, DialString, Listener


def ivr(call: Call, messages: str) -> str:
    call.answer()
    call.playback("ivr/ivr-welcome.wav")
    asked = call.play_and_get_digits(
        "ivr/ivr-enter_ext.wav", min=4, max=4, tries=3, pattern="^[2-9]", invalid_file="ivr/ivr-invalid_entry.wav"
    )
    if asked.digits:
        call.say(asked.digits, "NAME_SPELLED", "ITERATED")
        call.set_all({"continue_on_fail": "true", "hangup_after_bridge": "true"})
        bridge = call.bridge(DialString(f"loopback/{asked.digits}/default", timeout=20))
        if bridge.answered:
            return f"talked to {asked.digits}"
        print(f"{asked.digits}: {bridge.cause}")
    call.playback("voicemail/vm-record_message.wav")
    call.set("playback_terminators", "#")
    message = call.record(f"{messages}/{call.uuid}.wav", limit=60)
    return f"left a message, which ended by {message.end}"


def handle(connection: Connection) -> None:
    connection.linger(5)
    connection.my_events()
    print(ivr(connection.own_call(), "/tmp"))


if __name__ == "__main__":
    Listener(handle, port=8084).serve_forever()
