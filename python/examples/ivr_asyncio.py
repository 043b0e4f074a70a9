"""An IVR for asyncio: greets, collects four digits in three tries, says them back, connects, or else records a message.

In the dialplan: `<action application="socket" data="127.0.0.1:8084 async full"/>`.
"""

import asyncio

from switchwire import DialString
from switchwire.aio import Call, Connection, Listener


async def ivr(call: Call, messages: str) -> str:
    await call.answer()
    await call.playback("ivr/ivr-welcome.wav")
    asked = await call.play_and_get_digits(
        "ivr/ivr-enter_ext.wav", min=4, max=4, tries=3, pattern="^[2-9]", invalid_file="ivr/ivr-invalid_entry.wav"
    )
    if asked.digits:
        await call.say(asked.digits, "NAME_SPELLED", "ITERATED")
        await call.set_all({"continue_on_fail": "true", "hangup_after_bridge": "true"})
        bridge = await call.bridge(DialString(f"loopback/{asked.digits}/default", timeout=20))
        if bridge.answered:
            return f"talked to {asked.digits}"
        print(f"{asked.digits}: {bridge.cause}")
    await call.playback("voicemail/vm-record_message.wav")
    await call.set("playback_terminators", "#")
    message = await call.record(f"{messages}/{call.uuid}.wav", limit=60)
    return f"left a message, which ended by {message.end}"


async def handle(connection: Connection) -> None:
    await connection.linger(5)
    await connection.my_events()
    print(await ivr(connection.own_call(), "/tmp"))


if __name__ == "__main__":
    asyncio.run(Listener(handle, port=8084).serve_forever())
