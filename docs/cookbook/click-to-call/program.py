"""A page with a button that has the visitor called: HOST PORT PASSWORD WEB_PORT AGENT."""

import json
import re
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import switchwire
from switchwire import DialString, HangupError

host, port, password, web_port, agent = sys.argv[1:]
fs = switchwire.connect(host, int(port), password)
fs.subscribe("BACKGROUND_JOB", "CHANNEL_EXECUTE_COMPLETE", "CHANNEL_HANGUP_COMPLETE")
PAGE = Path(__file__).with_name("page.html").read_bytes()


def call_visitor(number: str) -> str:
    try:
        call = fs.originate(DialString(f"user/{number}", timeout=20)).wait(30)
        bridge = call.bridge(DialString(agent, timeout=20))
    except HangupError:
        return "You did not answer."
    return "We talked." if bridge.answered else "All of us are busy."


class Web(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.reply(200, "text/html", PAGE) if self.path == "/" else self.reply(404, "text/plain", b"")

    def do_POST(self) -> None:
        body = self.rfile.read(min(int(self.headers["Content-Length"]), 1000))
        # Only a page of this origin may send JSON here.
        if self.path != "/call" or self.headers["Content-Type"] != "application/json":
            return self.reply(415, "text/plain", b"JSON, please")
        asked = json.loads(body)
        if not re.fullmatch(r"[0-9]{2,15}", str(asked.get("number"))):
            return self.reply(400, "text/plain", b"This is no number.")
        self.reply(200, "text/plain", call_visitor(asked["number"]).encode())

    def reply(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


# A thread for each request; they share the connection.
ThreadingHTTPServer(("127.0.0.1", int(web_port)), Web).serve_forever()
