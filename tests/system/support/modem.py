"""A modem on the shelf: Debian's smsd (smstools) with folders of its own, and behind it a modem that is a socket, speaks
enough AT to be believed, and keeps what it was to send."""

import dataclasses
import os
import pty
import re
import socket
import threading
import tty

import pytest

from .processes import Program

PROGRAM = "/usr/sbin/smsd"
GAMMU = "/usr/bin/gammu-smsd"
FOLDERS = ("outgoing", "checked", "sent", "failed", "incoming")
CONFIGURATION = """\
devices = GSM1
{folders}
logfile = {folder}/smsd.log
infofile = {folder}/smsd.working
pidfile = {folder}/smsd.pid
loglevel = 7
delaytime = 1
autosplit = 3
receive_before_send = no
blocktime = 1
errorsleeptime = 1

[GSM1]
device = @127.0.0.1:{port}
init = AT
incoming = yes
"""
GAMMU_CONFIGURATION = """\
[gammu]
device = {device}
connection = at115200
synchronizetime = no

[smsd]
service = files
logfile = {folder}/gammu.log
debuglevel = 255
inboxpath = {folder}/inbox/
outboxpath = {folder}/outbox/
sentsmspath = {folder}/sent/
errorsmspath = {folder}/error/
checksecurity = 0
checkbattery = 0
checksignal = 0
checknetwork = 0
loopsleep = 1
receivefrequency = 2
sendtimeout = 10
maxretries = 1
"""
# What gammu wants to know of a modem before it believes in it.
ANSWERS = {"AT+CSCS?": '+CSCS: "GSM"', "AT+CSCS=?": '+CSCS: ("GSM","UCS2")', "AT+CGMM": "Modem", "AT+CGMI": "Tests", "AT+CGMR": "1.0",
           "AT+CGSN": "490154203237518", "AT+CIMI": "262011234567890", "AT+CSCA?": '+CSCA: "+491710760000",145',
           "AT+CPMS=?": '+CPMS: ("SM"),("SM"),("SM")', "AT+CNMI=?": "+CNMI: (0-2),(0-3),(0-3),(0-1),(0,1)"}
# 3GPP TS 23.038, 6.2.1.
GSM = ("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
       "¿abcdefghijklmnopqrstuvwxyzäöñüà")


@dataclasses.dataclass
class Sms:
    to: str
    text: str
    alphabet: str  # "GSM-7" or "UCS-2"


def read_pdu(text):
    """An SMS-SUBMIT (3GPP TS 23.040, 9.2.2.2) as smsd sends it: the whole, or one part of a longer one."""
    pdu = bytes.fromhex(text)
    at = 1 + pdu[0]  # behind the number of the centre
    has_header = pdu[at] & 0x40
    has_validity = pdu[at] & 0x18
    digits = pdu[at + 2]
    number = pdu[at + 4:at + 4 + (digits + 1) // 2]
    to = "".join(f"{octet & 15:x}{octet >> 4:x}" for octet in number)[:digits]
    at += 4 + (digits + 1) // 2
    alphabet = pdu[at + 1] & 0x0c
    at += 2 + (1 if has_validity else 0)
    length, data = pdu[at], pdu[at + 1:]
    header = 1 + data[0] if has_header else 0
    if alphabet == 0x08:
        return Sms("+" + to, data[header:].decode("utf-16-be"), "UCS-2")
    bits = int.from_bytes(data, "little")
    septets = [bits >> 7 * index & 0x7f for index in range((header * 8 + 6) // 7, length)]
    return Sms("+" + to, "".join(GSM[septet] for septet in septets), "GSM-7")


def deliver_pdu(sender, text):
    """An SMS-DELIVER (3GPP TS 23.040, 9.2.2.1) of one part, in GSM-7, as a modem keeps what has come in."""
    number = sender.removeprefix("+")
    padded = number + "F" * (len(number) % 2)
    swapped = "".join(padded[at + 1] + padded[at] for at in range(0, len(padded), 2))
    septets = [GSM.index(letter) for letter in text]
    bits = sum(septet << 7 * index for index, septet in enumerate(septets))
    data = bits.to_bytes((7 * len(septets) + 7) // 8, "little").hex()
    time = "62115230010000"  # 2026-11-25 03:10:00, in swapped digits
    return f"0004{len(number):02x}91{swapped}0000{time}{len(septets):02x}{data}".upper()


class Modem:
    """`refuses`: the modem's answer to what it is to send, such as "+CMS ERROR: 38"; None: it sends."""

    def __init__(self):
        self.refuses = None
        self.sent = []
        self.inbox = {}  # PDUs that have come in, by their place on the card
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def receive(self, sender, text):
        with self.lock:
            self.inbox[max(self.inbox, default=0) + 1] = deliver_pdu(sender, text)

    def stop(self):
        self.listener.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        data = b""
        with connection:
            while part := connection.recv(4096):
                data += part
                while end := re.search(rb"[\r\x1a]", data):
                    line, mark, data = data[:end.start()].decode("ascii"), end.group(), data[end.end():]
                    connection.sendall(self.answer(line, is_pdu=mark == b"\x1a").encode())

    def answer(self, line, is_pdu):
        if is_pdu and self.refuses:
            return f"\r\n{self.refuses}\r\n"
        if is_pdu:
            with self.lock:
                self.sent.append(read_pdu(line))
                return f"\r\n+CMGS: {len(self.sent)}\r\n\r\nOK\r\n"
        if line in ANSWERS:
            return f"\r\n{ANSWERS[line]}\r\n\r\nOK\r\n"
        if "CMGL=" in line:
            with self.lock:
                listed = "".join(f"\r\n+CMGL: {place},0,,{len(pdu) // 2 - 1}\r\n{pdu}" for place, pdu in self.inbox.items())
            return f"{listed}\r\n\r\nOK\r\n"
        if "CMGS=" in line:
            return "\r\n> "
        if place := re.search(r"CMG([RD])=(\d+)", line):
            with self.lock:
                pdu = self.inbox.get(int(place[2]))
                if place[1] == "D":
                    self.inbox.pop(int(place[2]), None)
            if place[1] == "D" or pdu is None:
                return "\r\nOK\r\n"
            return f"\r\n+CMGR: 0,,{len(pdu) // 2 - 1}\r\n{pdu}\r\n\r\nOK\r\n"
        if "CPMS" in line:
            with self.lock:
                used = len(self.inbox)
            stores = f'"SM",{used},20,"SM",{used},20,"SM",{used},20' if "?" in line else f"{used},20,{used},20,{used},20"
            return f"\r\n+CPMS: {stores}\r\n\r\nOK\r\n"
        if "CREG?" in line:
            return "\r\n+CREG: 0,1\r\n\r\nOK\r\n"
        return "\r\nOK\r\n"


class SerialLine:
    """A terminal that behaves as the modem at the end of a serial line, with echo."""

    def __init__(self, modem):
        self.modem = modem
        self.end, self.other_end = pty.openpty()
        tty.setraw(self.other_end)
        self.device = os.ttyname(self.other_end)
        threading.Thread(target=self._serve, daemon=True).start()

    def stop(self):
        os.close(self.other_end)
        os.close(self.end)

    def _serve(self):
        data = b""
        while True:
            try:
                data += os.read(self.end, 4096)
                while end := re.search(rb"[\r\x1a]", data):
                    line, mark, data = data[:end.start()], end.group(), data[end.end():]
                    answer = self.modem.answer(line.decode("latin-1"), is_pdu=mark == b"\x1a")
                    os.write(self.end, line + mark.replace(b"\x1a", b"") + answer.encode())
            except OSError:
                return


class Gammu(Program):
    """gammu-smsd with folders of its own; its outbox is what shop.yaml names in oncall.channels.modem.spool."""

    def __init__(self, folder, modem):
        if not os.access(GAMMU, os.X_OK):
            pytest.skip("no gammu-smsd on this machine")
        folder.mkdir(parents=True)
        for name in ("outbox", "sent", "error", "inbox"):
            (folder / name).mkdir()
        self.folder = folder
        self.outbox = folder / "outbox"
        self.line = SerialLine(modem)
        configuration = folder / "gammu.conf"
        configuration.write_text(GAMMU_CONFIGURATION.format(folder=folder, device=self.line.device))
        super().__init__("gammu-smsd", [GAMMU, "-c", configuration], folder)

    def stop(self, deadline_s=10):
        code = super().stop(deadline_s)
        self.line.stop()
        return code

    def log(self):
        file = self.folder / "gammu.log"
        return super().log() + (file.read_text(errors="replace")[-20_000:] if file.exists() else "")


class Smsd(Program):
    """Its outgoing folder is what shop.yaml names in oncall.channels.modem.spool."""

    def __init__(self, folder, modem):
        if not os.access(PROGRAM, os.X_OK):
            pytest.skip("no smsd (smstools) on this machine")
        folder.mkdir(parents=True)
        for name in FOLDERS:
            (folder / name).mkdir()
        self.folder = folder
        self.outgoing = folder / "outgoing"
        configuration = folder / "smsd.conf"
        configuration.write_text(CONFIGURATION.format(folder=folder, port=modem.port, folders="\n".join(
            f"{name} = {folder}/{name}" for name in FOLDERS)))
        super().__init__("smsd", [PROGRAM, f"-c{configuration}", "-t"], folder)

    def log(self):
        file = self.folder / "smsd.log"
        return super().log() + (file.read_text(errors="replace") if file.exists() else "")
