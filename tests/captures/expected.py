#!/usr/bin/env python3
"""Counts what every recording holds, in a way of its own: the numbers that the Rust tests compare with.

    python3 expected.py > expected.tsv      counts anew
    python3 expected.py --cut NAME BYTES    cuts NAME/server.bin to its last whole frame within BYTES, notes it in README.txt

The counts are checked against INDEX.md, or for a recording that was cut against its README.txt.
"""
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
CUT = re.compile(r"\(cut here to the first (\d+) bytes: (\d+) whole frames\)")


def frames(data):
    """Yields (end, content type) of every whole frame: a head up to an empty line, then Content-Length bytes."""
    at = 0
    while at < len(data):
        while data[at : at + 1] == b"\n":
            at += 1
        end = data.find(b"\n\n", at)
        if end < 0:
            return
        head = data[at:end]
        length = re.search(rb"^content-length:[ \t]*(\d+)", head, re.M | re.I)
        kind = re.search(rb"^content-type:[ \t]*(.*)$", head, re.M | re.I)
        after = end + 2 + (int(length.group(1)) if length else 0)
        if after > len(data):
            return
        yield after, kind.group(1).decode() if kind else ""
        at = after


def read(name, file):
    with open(os.path.join(HERE, name, file), "rb") as handle:
        return handle.read()


def count(data):
    found = list(frames(data))
    last = found[-1][0] if found else 0
    events = sum(kind.startswith("text/event-") for _, kind in found)
    return len(found), events, len(data) - last


def index():
    with open(os.path.join(HERE, "INDEX.md"), encoding="utf-8") as handle:
        for line in handle:
            cells = [cell.strip() for cell in line.split("|")]
            if len(cells) > 8 and cells[3].isdigit():
                yield cells[1], tuple(map(int, cells[3:6]))


def table():
    print("name\tframes\tevents\tleftover")
    for name, (size, whole, whole_events) in sorted(index()):
        data = read(name, "server.bin")
        found, events, left = count(data)
        cut = CUT.findall(read(name, "README.txt").decode())
        if cut:
            assert (len(data), found) == tuple(map(int, cut[-1])), name
        else:
            assert (len(data), found, events) == (size, whole, whole_events), (name, len(data), found, events)
        print(f"{name}\t{found}\t{events}\t{left}")


def cut(name, most):
    ends = [end for end, _ in frames(read(name, "server.bin")) if end <= most]
    data = read(name, "server.bin")[: ends[-1]]
    with open(os.path.join(HERE, name, "server.bin"), "wb") as handle:
        handle.write(data)
    readme = CUT.sub("", read(name, "README.txt").decode()).rstrip()
    with open(os.path.join(HERE, name, "README.txt"), "w", encoding="utf-8") as handle:
        handle.write(f"{readme}\n\n(cut here to the first {ends[-1]} bytes: {len(ends)} whole frames)\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--cut"]:
        cut(sys.argv[2], int(sys.argv[3]))
    else:
        table()
