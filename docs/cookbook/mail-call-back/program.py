"""Calls back who asks for it by mail: HOST PORT PASSWORD MAIL_HOST IMAP_PORT SMTP_PORT [HOW MANY]. (pip install imapclient)"""

import email
import email.policy
import email.utils
import re
import smtplib
import sys
from email.message import EmailMessage

from imapclient import IMAPClient

import switchwire
from switchwire import DialString, HangupError

host, port, password, mail_host, imap_port, smtp_port, *rest = sys.argv[1:]
left = int(rest[0]) if rest else -1
DESK = "desk@example.com"
# Who may have calls made, and to which numbers: From lines can be forged, so the numbers are the protection.
CUSTOMERS = {"anna@example.com": {"1000", "1001"}}


def call_back(fs: switchwire.Connection, number: str) -> str:
    try:
        call = fs.originate(DialString(f"user/{number}", timeout=20)).wait(30)
        bridge = call.bridge(DialString("user/desk", timeout=20))
    except HangupError as error:
        return f"you did not answer: {error.cause}"
    return "we talked" if bridge.answered else "the desk did not answer"


def answer(sender: str, subject: str, text: str) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = DESK, sender, f"Re: {subject}"
    mail["Auto-Submitted"] = "auto-replied"  # no program answers this
    mail.set_content(text)
    with smtplib.SMTP(mail_host, int(smtp_port)) as smtp:
        smtp.send_message(mail)


with switchwire.connect(host, int(port), password) as fs, IMAPClient(mail_host, int(imap_port), ssl=False) as box:
    fs.subscribe("BACKGROUND_JOB", "CHANNEL_EXECUTE_COMPLETE", "CHANNEL_HANGUP_COMPLETE")
    box.login(DESK, "secret")
    box.select_folder("INBOX")
    while left != 0:
        for uid, data in box.fetch(box.search("UNSEEN"), ["RFC822"]).items():
            box.add_flags(uid, [b"\\Seen"])
            mail = email.message_from_bytes(data[b"RFC822"], policy=email.policy.default)
            sender = email.utils.parseaddr(mail["From"])[1]
            wish = re.fullmatch(r"call (\d{2,15})", mail["Subject"] or "")
            if not wish or wish[1] not in CUSTOMERS.get(sender, ()):
                print(sender, "may not")
                continue
            outcome = call_back(fs, wish[1])
            answer(sender, mail["Subject"], outcome)
            print(f"{sender}: {outcome}")
            left -= 1
        if left != 0 and not box.search("UNSEEN"):
            # The server says when something comes; asked again every five minutes.
            box.idle()
            box.idle_check(timeout=300)
            box.idle_done()
