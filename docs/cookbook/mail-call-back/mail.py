"""A mail server with a mailbox, and customers who write: IMAP_PORT SMTP_PORT. (pip install mail-devel)"""

import runpy
import smtplib
import sys
import threading
import time
from email.message import EmailMessage

imap, smtp = sys.argv[1:]


def write(sender: str) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, "desk@example.com", "call 1000"
    while True:
        try:
            with smtplib.SMTP("127.0.0.1", int(smtp)) as server:
                server.send_message(mail)
            return
        except ConnectionRefusedError:  # not yet
            time.sleep(0.05)


def customers() -> None:
    write("stranger@example.org")
    write("anna@example.com")


threading.Thread(target=customers, daemon=True).start()
sys.argv[1:] = ["--host", "127.0.0.1", "--no-http", "--multi-user", "--user", "desk@example.com"]
sys.argv += ["--password", "secret", "--imap-port", imap, "--smtp-port", smtp]
runpy.run_module("mail_devel", run_name="__main__")
