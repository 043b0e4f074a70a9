"""Workers of multiprocessing: events go to them and come back; a connection does not, each makes its own."""

import multiprocessing
import os
import pickle
import sys
from concurrent.futures import ProcessPoolExecutor

import switchwire


def work(event: switchwire.Event) -> tuple[bool, switchwire.Event]:
    with switchwire.connect(sys.argv[1], int(sys.argv[2]), sys.argv[3]) as fs:
        answer = fs.api("eval", event["Question"])
    return os.getpid() != PARENT, switchwire.Event("CUSTOM", {**event, "Answer": answer}, subclass="a::b")


def begin(parent: int, arguments: list[str]) -> None:
    global PARENT
    PARENT, sys.argv[1:] = parent, arguments


def main(method: str) -> None:
    with switchwire.connect(sys.argv[1], int(sys.argv[2]), sys.argv[3]) as fs:
        context = multiprocessing.get_context(method)
        with ProcessPoolExecutor(2, context, begin, (os.getpid(), sys.argv[1:])) as pool:
            questions = [switchwire.Event("CUSTOM", {"Question": str(n)}, subclass="a::b") for n in range(4)]
            results = list(pool.map(work, questions))
        print(method, [event["Answer"] for _, event in results], all(elsewhere for elsewhere, _ in results))
        # The parent's is as it was.
        print("UP" in fs.api("status"))
        try:
            pickle.dumps(fs)
        except TypeError as error:
            print("no pickle of a connection:", error)


if __name__ == "__main__":
    for method in ("spawn", "forkserver", "fork"):
        if method in multiprocessing.get_all_start_methods():
            main(method)
