"""A mail server with a mailbox, and a customer who writes: IMAP_PORT SMTP_PORT. (pip install mail-devel)"""

import smtplib
import subprocess
import sys
import time
from email.message import EmailMessage

imap, smtp = sys.argv[1:]
server = ["-m", "mail_devel", "--host", "127.0.0.1", "--no-http", "--multi-user", "--password", "secret"]
server += ["--user", "desk@example.com", "--imap-port", imap, "--smtp-port", smtp]
with subprocess.Popen([sys.executable, *server]) as process:
    try:
        for sender, subject in [("stranger@example.org", "call 1000"), ("anna@example.com", "call 1000")]:
            mail = EmailMessage()
            mail["From"], mail["To"], mail["Subject"] = sender, "desk@example.com", subject
            while True:
                try:
                    with smtplib.SMTP("127.0.0.1", int(smtp)) as connection:
                        connection.send_message(mail)
                    break
                except ConnectionRefusedError:
                    time.sleep(0.05)
        process.wait()
    finally:
        process.terminate()
