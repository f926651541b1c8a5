"""A phone that is rung by SIP, and the provider before it: in the test's own process, over UDP, TCP or TLS.

    phone = SipPhone()                       # or SipPhone("tls", certificate=..., key=..., user="shop", password="...")
    phone.answer_and_press("1")              # or .busy(), .ignore(), .mailbox(), .decline(), .refuse(503, "..."), .dead()
    ... something rings sip:...@127.0.0.1:{phone.port} ...
    phone.calls[0].end, phone.recorded_rms()
    phone.stop()

With a password it challenges REGISTER (401) and INVITE (407) with digest, and believes nobody else. sipp, a phone that is
not ours, is in sipp.py."""

import hashlib
import re
import secrets
import socket
import ssl
import threading
import time

from .rtp import Handset

REALM = "tenfold.test"
RINGING_S = 0.2


class Message:
    def __init__(self, text):
        head, _, self.body = text.partition("\r\n\r\n")
        self.lines = head.split("\r\n")
        self.first = self.lines[0]
        self.method = self.first.split(" ")[0]
        self.target = self.first.split(" ")[1] if " " in self.first else ""

    def all(self, name):
        short = {"via": "v", "from": "f", "to": "t", "call-id": "i", "contact": "m", "content-length": "l"}.get(name.lower())
        names = {name.lower(), short}
        return [line.split(":", 1)[1].strip() for line in self.lines[1:] if line.split(":", 1)[0].strip().lower() in names]

    def get(self, name):
        return (self.all(name) or [""])[0]


class Link:
    """Where a message came from, and where answers to it go."""

    def __init__(self, send, key):
        self._send = send
        self.key = key

    def send(self, text):
        try:
            self._send(text.encode())
        except OSError:
            pass


class RungCall:
    """One INVITE that was let through, and what became of it."""

    def __init__(self, invite):
        self.id = invite.get("Call-ID")
        self.number = re.search(r"sips?:([^@>;]+)", invite.target).group(1)
        self.shown = re.search(r"sips?:([^@>;]+)", invite.get("From")).group(1)
        self.offer = invite.body
        self.rang = time.monotonic()
        self.answered = None
        self.end = None  # "bye" (by the caller), "hung up" (by us), "cancelled", or the status that we gave
        self.ended = None
        self.reason = ""
        self.handset = Handset()

    def finish(self, end):
        if self.end is None:
            self.end, self.ended = end, time.monotonic()


class SipPhone:
    def __init__(self, transport="udp", certificate=None, key=None, user=None, password=None, registers=True):
        self.transport, self.user, self.password, self.registers = transport, user, password, registers
        self.calls = []
        self.registrations = []  # (expires, outcome): "200", "401", "403"
        self.refused = 0         # INVITEs with a wrong password
        self.lock = threading.RLock()
        self.nonces = set()
        self.replies = {}        # answers to repeat, by branch and method
        self.dialogs = {}
        self.plan = self._never
        self.stopped = False
        if transport == "udp":
            self.listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.listener.bind(("127.0.0.1", 0))
            threading.Thread(target=self._serve_udp, daemon=True).start()
        else:
            context = None
            if transport == "tls":
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(certificate, key)
            self.listener = socket.create_server(("127.0.0.1", 0))
            threading.Thread(target=self._accept, args=(context,), daemon=True).start()
        self.port = self.listener.getsockname()[1]

    def stop(self):
        self.stopped = True
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()
        for call in self.calls:
            call.handset.close()

    # What the phone does when it rings next; every call the same until told otherwise.

    def answer_and_press(self, *digits, how="event", after_s=1.0, between_s=0.4):
        """Picks up, listens until it has heard that much speech, and presses the keys: how = event, tone, info, both."""
        def plan(dialog):
            dialog.ring_and_answer()
            for number, digit in enumerate(digits):
                wanted = after_s + number * between_s
                if not dialog.wait_for(lambda call, wanted=wanted: call.handset.loud_seconds() >= wanted):
                    return
                dialog.press(digit, how)
        self.plan = plan

    def mailbox(self, hang_up_after_s=None, greeting=None):
        """Picks up, says its greeting, presses nothing."""
        def plan(dialog):
            dialog.ring_and_answer()
            if greeting and dialog.wait_for(lambda call: call.handset.seconds() > 0):
                dialog.call.handset.play(greeting)
            if hang_up_after_s is not None and dialog.wait_for(lambda call: call.handset.seconds() >= hang_up_after_s):
                dialog.hang_up()
        self.plan = plan

    def busy(self):
        self.refuse(486, "Busy Here")

    def decline(self):
        self.refuse(603, "Decline", ring=True)

    def ignore(self):
        """Rings and rings."""
        self.plan = lambda dialog: dialog.answer_with(180, "Ringing")

    def refuse(self, status, reason, headers="", ring=False):
        def plan(dialog):
            if ring:
                dialog.answer_with(180, "Ringing")
            dialog.refuse(status, reason, headers)
        self.plan = plan

    def dead(self):
        """Takes the INVITE and never says a word."""
        self.plan = self._never

    @staticmethod
    def _never(dialog):
        pass

    def recorded_rms(self, number=-1):
        return self.calls[number].handset.rms()

    # Transport.

    def _serve_udp(self):
        while not self.stopped:
            try:
                packet, peer = self.listener.recvfrom(65536)
            except OSError:
                return
            if packet.strip():
                self._take(packet.decode(errors="replace"), Link(lambda data, peer=peer: self.listener.sendto(data, peer), peer))

    def _accept(self, context):
        while not self.stopped:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve_stream, args=(connection, context), daemon=True).start()

    def _serve_stream(self, connection, context):
        try:
            if context is not None:
                connection = context.wrap_socket(connection, server_side=True)
            link = Link(connection.sendall, connection)
            buffer = b""
            while True:
                buffer = buffer.lstrip(b"\r\n")
                head, separator, rest = buffer.partition(b"\r\n\r\n")
                length = int((re.search(rb"(?im)^(?:content-length|l)\s*:\s*(\d+)", head) or [0, b"0"])[1]) if separator else 0
                if separator and len(rest) >= length:
                    self._take((head + separator + rest[:length]).decode(errors="replace"), link)
                    buffer = rest[length:]
                    continue
                piece = connection.recv(65536)
                if not piece:
                    return
                buffer += piece
        except (OSError, ssl.SSLError):
            return
        finally:
            connection.close()

    # Signalling.

    def _take(self, text, link):
        message = Message(text)
        if message.first.startswith("SIP/2.0"):
            return
        with self.lock:
            branch = (message.method, message.get("Via"))
            if branch in self.replies and message.method != "ACK":
                link.send(self.replies[branch])
                return
            handler = {"INVITE": self._invited, "REGISTER": self._registered, "CANCEL": self._cancelled, "BYE": self._hung_up}
            handler.get(message.method, lambda *_: None)(message, link)

    def reply(self, message, link, status, reason, headers="", body="", tag=None):
        to = message.get("To")
        if tag and ";tag=" not in to:
            to += f";tag={tag}"
        lines = [f"SIP/2.0 {status} {reason}", *(f"Via: {via}" for via in message.all("Via")), f"From: {message.get('From')}", f"To: {to}",
                 f"Call-ID: {message.get('Call-ID')}", f"CSeq: {message.get('CSeq')}"]
        if headers:
            lines += headers.strip().split("\n")
        if body:
            lines.append("Content-Type: application/sdp")
        text = "\r\n".join([*lines, f"Content-Length: {len(body)}", "", body])
        with self.lock:
            self.replies[(message.method, message.get("Via"))] = text
        link.send(text)

    def _is_known(self, message, header):
        """Digest (RFC 7616, MD5, with and without qop)."""
        if self.password is None:
            return True
        given = dict(re.findall(r'(\w+)="?([^",]+)"?', message.get(header)))
        if given.get("nonce") not in self.nonces or given.get("username") != self.user:
            return False
        def md5(*parts):
            return hashlib.md5(":".join(parts).encode()).hexdigest()
        secret, act = md5(self.user, REALM, self.password), md5(message.method, given["uri"])
        middle = [given["nc"], given["cnonce"], given["qop"]] if "qop" in given else []
        return given["response"] == md5(secret, given["nonce"], *middle, act)

    def _challenge(self, message, link, status, header):
        nonce = secrets.token_hex(8)
        self.nonces.add(nonce)
        reason = "Unauthorized" if status == 401 else "Proxy Authentication Required"
        self.reply(message, link, status, reason, f'{header}: Digest realm="{REALM}", nonce="{nonce}", algorithm=MD5, qop="auth"', tag="c")

    def _registered(self, message, link):
        expires = int(re.search(r"expires=(\d+)", message.get("Contact")).group(1))
        if not self.registers:
            self.registrations.append((expires, "405"))
            self.reply(message, link, 405, "Method Not Allowed", tag="r")
        elif not self._is_known(message, "Authorization"):
            self.registrations.append((expires, "401"))
            self._challenge(message, link, 401, "WWW-Authenticate")
        else:
            self.registrations.append((expires, "200"))
            self.reply(message, link, 200, "OK", f"Contact: {message.get('Contact')}", tag="r")

    def _invited(self, message, link):
        if ";tag=" in message.get("To"):
            return
        if not self._is_known(message, "Proxy-Authorization"):
            if message.get("Proxy-Authorization"):
                self.refused += 1
            self._challenge(message, link, 407, "Proxy-Authenticate")
            return
        call = RungCall(message)
        dialog = Dialog(self, call, message, link)
        self.dialogs[call.id] = dialog
        self.calls.append(call)
        threading.Thread(target=self.plan, args=(dialog,), daemon=True).start()

    def _cancelled(self, message, link):
        self.reply(message, link, 200, "OK", tag="x")
        dialog = self.dialogs.get(message.get("Call-ID"))
        if dialog and dialog.call.end is None and dialog.call.answered is None:
            dialog.refuse(487, "Request Terminated", end="cancelled")

    def _hung_up(self, message, link):
        self.reply(message, link, 200, "OK")
        dialog = self.dialogs.get(message.get("Call-ID"))
        if dialog:
            dialog.call.finish("bye")


class Dialog:
    def __init__(self, phone, call, invite, link):
        self.phone, self.call, self.invite, self.link = phone, call, invite, link
        self.tag = secrets.token_hex(4)
        self.cseq = 100

    @property
    def contact(self):
        return f"Contact: <sip:phone@127.0.0.1:{self.phone.port};transport={self.phone.transport}>"

    def answer_with(self, status, reason, headers="", body=""):
        self.phone.reply(self.invite, self.link, status, reason, f"{self.contact}\n{headers}", body, self.tag)

    def refuse(self, status, reason, headers="", end=None):
        self.answer_with(status, reason, headers)
        self.call.finish(end or str(status))

    def ring_and_answer(self):
        self.answer_with(100, "Trying")
        self.answer_with(180, "Ringing")
        time.sleep(RINGING_S)  # Somebody goes to the phone.
        with self.phone.lock:
            if self.call.end is not None:
                return
            description = ("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                           f"m=audio {self.call.handset.port} RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\n"
                           "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=sendrecv\r\n")
            self.call.answered = time.monotonic()
            self.answer_with(200, "OK", body=description)

    def wait_for(self, condition, deadline_s=60):
        """False when the call ends first."""
        end = time.monotonic() + deadline_s
        while time.monotonic() < end and self.call.end is None and not self.phone.stopped:
            if condition(self.call):
                return True
            time.sleep(0.02)
        return False

    def press(self, digit, how):
        if how in ("event", "both"):
            self.call.handset.press(digit)
        if how in ("tone", "both"):
            self.call.handset.tone(digit)
        if how == "info":
            self._request("INFO", f"Signal={digit}\r\nDuration=160\r\n", "Content-Type: application/dtmf-relay\r\n")

    def hang_up(self):
        self.call.finish("hung up")
        self._request("BYE")

    def _request(self, method, body="", headers=""):
        self.cseq += 1
        target = re.search(r"<([^>]+)>", self.invite.get("Contact")).group(1)
        caller = self.invite.get("From")
        self.link.send(f"{method} {target} SIP/2.0\r\nVia: SIP/2.0/{self.phone.transport.upper()} 127.0.0.1:{self.phone.port};"
                       f"branch=z9hG4bK{secrets.token_hex(6)};rport\r\nMax-Forwards: 70\r\nFrom: {self.invite.get('To')};tag={self.tag}\r\n"
                       f"To: {caller}\r\nCall-ID: {self.call.id}\r\nCSeq: {self.cseq} {method}\r\n{headers}"
                       f"Content-Length: {len(body)}\r\n\r\n{body}")
