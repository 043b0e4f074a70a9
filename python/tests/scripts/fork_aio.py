"""A child made by fork in a running loop leaves what the loop watches alone."""

import asyncio
import os
import sys

import switchwire
from switchwire import aio


async def main() -> None:
    fs = await aio.connect(sys.argv[1], int(sys.argv[2]), sys.argv[3])
    await fs.events("BACKGROUND_JOB")
    pid = os.fork()
    if not pid:
        try:
            fs.api("status").send(None)
        except switchwire.ForkedError:
            fs.disconnect()
            os._exit(0)
        os._exit(1)
    print(os.waitpid(pid, 0)[1])
    job = await fs.bgapi("status")
    print("UP" in await job.result(10))
    fs.disconnect()


asyncio.run(main())
