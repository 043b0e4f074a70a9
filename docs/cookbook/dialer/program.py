"""Dials a list of numbers, so many at once: HOST PORT PASSWORD AT_ONCE NUMBER ..."""

import asyncio
import sys

from switchwire import DialString, HangupError, aio


async def dial(fs: aio.Connection, number: str, at_once: asyncio.Semaphore) -> bool:
    async with at_once:
        try:
            call = await fs.originate(DialString(number, timeout=20)).wait(30)
        except HangupError as error:
            print(f"{number}: {error.cause}")
            return False
        print(f"{number}: answered")
        await call.playback("silence_stream://50")
        await call.hangup()
        return True


async def main() -> None:
    host, port, password, most, *numbers = sys.argv[1:]
    at_once = asyncio.Semaphore(int(most))
    async with await aio.connect(host, int(port), password) as fs:
        await fs.subscribe("BACKGROUND_JOB", "CHANNEL_EXECUTE_COMPLETE", "CHANNEL_HANGUP_COMPLETE")
        results = await asyncio.gather(*(dial(fs, number, at_once) for number in numbers))
    print(f"{len(numbers)} numbers, {sum(results)} answered")


asyncio.run(main())
