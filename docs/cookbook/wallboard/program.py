"""Shows who waits in the queues and who can help: HOST PORT PASSWORD [HOW MANY CHANGES]."""

import sys

import switchwire

host, port, password, *rest = sys.argv[1:]
left = int(rest[0]) if rest else -1
agents = {}
with switchwire.connect(host, int(port), password) as fs:
    fs.subscribe(custom=["callcenter::info"])
    while left != 0:
        event = fs.recv()
        if event["CC-Action"] == "agent-status-change":
            agents[event["CC-Agent"]] = event["CC-Agent-Status"]
        elif event["CC-Action"] == "members-count":
            available = list(agents.values()).count("Available")
            print(f"{event['CC-Queue']}: {event['CC-Count']} waiting, {available} available")
            left -= 1
