"""The application: asks for a number, says what it knows of it, hangs up. PORT."""

import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer


def step(call: dict) -> dict:
    if call["step"] == 0:
        return {"verb": "ask", "file": "ivr/enter-order.wav", "digits": 4}
    if call["step"] == 1:
        known = call["digits"] == "4711"
        return {"verb": "play", "file": "ivr/on-its-way.wav" if known else "ivr/unknown-order.wav"}
    return {"verb": "hangup"}


class App(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        reply = json.dumps(step(call)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def log_message(self, *args: object) -> None:
        pass


HTTPServer(("127.0.0.1", int(sys.argv[1])), App).serve_forever()
