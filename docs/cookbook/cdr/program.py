"""Writes a record of each call: HOST PORT PASSWORD FILE [HOW MANY]."""

import csv
import itertools
import sys

import switchwire

FIELDS = ["Caller-Destination-Number", "variable_start_stamp", "variable_duration", "variable_billsec", "Hangup-Cause"]

host, port, password, path, *rest = sys.argv[1:]
most = int(rest[0]) if rest else None
with switchwire.connect(host, int(port), password) as fs, open(path, "a", newline="") as file:
    fs.subscribe("CHANNEL_HANGUP_COMPLETE")
    records = csv.writer(file)
    for event in itertools.islice(fs, most):
        record = [event.get(name, "") for name in FIELDS]
        records.writerow(record)
        file.flush()
        print(",".join(record))
