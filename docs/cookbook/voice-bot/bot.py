"""The dialogue: a line is what was heard, the reply what to do. `ask` speaks and listens, `tell` speaks and hangs up. PORT."""

import socketserver
import sys


class Dialogue(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.reply("ask Your parcel comes tomorrow. Will you be at home?")
        for line in self.rfile:
            heard = line.decode().strip().lower()
            if heard == "yes":
                return self.reply("tell Thank you. Goodbye.")
            if heard == "no":
                return self.reply("tell Then it will be at the post office. Goodbye.")
            self.reply("ask Please say yes or no.")

    def reply(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\n")


socketserver.ThreadingTCPServer(("127.0.0.1", int(sys.argv[1])), Dialogue).serve_forever()
