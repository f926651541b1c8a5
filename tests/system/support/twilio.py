"""A server that speaks as Twilio's public API does, in the test's own process: calls and messages by POST, their lists and
single resources by GET, status callbacks and the digits of <Gather>, signed as documented.

What happens to a request that makes a call or message is set by `faults` (one each, in order; then all is well):
  "lost"           made, and the connection is closed without an answer
  "timeout"        not made, and never answered
  "timeout_made"   made, and never answered
  "garbage"        made, and answered with something that is not the API's
  an (HTTP status, Twilio's error code, words, headers) tuple: refused; RATE_LIMITED, BROKEN and INVALID_NUMBER are such

What a called person does is set by `people` (number -> Person, or a list: one for each call, the last for all further).
Times are real; a call takes `ring_s` to ring and next to nothing to speak.
"""

import base64
import collections
import dataclasses
import email.utils
import hashlib
import hmac
import http.client
import http.server
import itertools
import json
import random
import threading
import time
import urllib.parse
import xml.etree.ElementTree

RATE_LIMITED = (429, 20429, "Too Many Requests", {"Retry-After": "1"})
BROKEN = (500, 20500, "Internal Server Error", {})
INVALID_NUMBER = (400, 21211, "The 'To' number is not a valid phone number.", {})
STATES = ("queued", "initiated", "ringing", "in-progress", "completed", "busy", "no-answer", "failed")
MOST_DOCUMENTS = 20
MOST_TWIML = 4000


@dataclasses.dataclass
class Person:
    """does: answer | mailbox | busy | no-answer | failed. A mailbox answers and presses nothing. `digits`: one for each
    time that a digit is asked for; None: waits until the call gives up."""

    does: str = "answer"
    digits: tuple = ()


@dataclasses.dataclass
class Resource:
    sid: str
    form: list
    kind: str  # Calls | Messages
    direction: str = "outbound-api"
    made_at: float = dataclasses.field(default_factory=time.time)
    status: str = "queued"
    said: list = dataclasses.field(default_factory=list)  # what was spoken, in order, each text once
    pressed: list = dataclasses.field(default_factory=list)
    ended: threading.Event = dataclasses.field(default_factory=threading.Event)

    def field(self, name, default=""):
        return next((value for known, value in self.form if known == name), default)

    @property
    def to(self):
        return self.field("To")

    @property
    def body(self):
        return self.field("Body")

    @property
    def events(self):
        return [value for name, value in self.form if name == "StatusCallbackEvent"]


@dataclasses.dataclass
class Callback:
    at: float
    url: str
    form: dict
    status: int  # what it was answered; 0: nobody there
    answer: str = ""


def signature(token, url, form):
    text = url + "".join(name + value for name, value in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


class Twilio:
    """callbacks_are: "in order", "duplicated" (each twice) or "reordered" (all of a call once it has ended, shuffled)."""

    def __init__(self, account="AC" + "0" * 32, token="twilio-token", ring_s=0.05, callbacks_are="in order"):
        self.account, self.token, self.ring_s, self.callbacks_are = account, token, ring_s, callbacks_are
        self.people = {}
        self.faults = collections.deque()
        self.made = []  # resources, in order
        self.requests = []  # (time, method, path, form)
        self.callbacks = []
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        self._numbers = itertools.count(1)
        self._random = random.Random(1)
        self._threads = []
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def calls(self, to=None):
        with self.lock:
            return [made for made in self.made if made.kind == "Calls" and to in (None, made.to)]

    def messages(self, to=None):
        with self.lock:
            return [made for made in self.made
                    if made.kind == "Messages" and made.direction == "outbound-api" and to in (None, made.to)]

    def receive(self, sender, to, body, webhook=None):
        """A message comes in; it is in the list, and reported to the webhook if the number has one."""
        message = Resource(f"SM{next(self._numbers):032x}", [("To", to), ("From", sender), ("Body", body)], "Messages",
                           direction="inbound", status="received")
        with self.lock:
            self.made.append(message)
        if webhook:
            return self.send_callback(webhook, [("MessageSid", message.sid), ("SmsStatus", "received"),
                                                ("AccountSid", self.account), *message.form])
        return None

    def posts(self):
        """The times at which something was to be made, whatever came of it."""
        with self.lock:
            return [at for at, method, _, _ in self.requests if method == "POST"]

    def send_callback(self, url, form, token=None):
        """One more callback, at any time; with another token it is forged. Returns its Callback."""
        form = list(form.items()) if isinstance(form, dict) else list(form)
        headers = {"Content-Type": "application/x-www-form-urlencoded",
                   "X-Twilio-Signature": signature(token or self.token, url, form)}
        parts = urllib.parse.urlsplit(url)
        callback = Callback(time.time(), url, dict(form), 0)
        try:
            connection = http.client.HTTPConnection(parts.hostname, parts.port or 80, timeout=15)
            connection.request("POST", parts.path + (f"?{parts.query}" if parts.query else ""), urllib.parse.urlencode(form), headers)
            answer = connection.getresponse()
            callback.status, callback.answer = answer.status, answer.read().decode(errors="replace")
            connection.close()
        except OSError:
            pass
        with self.lock:
            self.callbacks.append(callback)
        return callback

    def stop(self):
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        for thread in self._threads:
            thread.join(5)

    # What a call does once it is made.

    def _person(self, to):
        who = self.people.get(to, Person())
        if isinstance(who, list):
            return who.pop(0) if len(who) > 1 else who[0]
        return who

    def _start(self, resource):
        run = self._run_call if resource.kind == "Calls" else self._run_message
        thread = threading.Thread(target=run, args=(resource,), daemon=True)
        self._threads.append(thread)
        thread.start()

    def _run_message(self, message):
        for status in ("sent", "delivered"):
            if self.stopping.wait(self.ring_s):
                return
            self._tell(message, status, [])
        message.ended.set()

    def _run_call(self, call):
        held = []  # callbacks that are sent, out of order, at the end
        person = self._person(call.to)
        self._tell(call, "initiated", held)
        self._tell(call, "ringing", held)
        if self.stopping.wait(self.ring_s):
            return
        if person.does in ("answer", "mailbox"):
            self._tell(call, "in-progress", held)
            self._speak(call, person)
            self._tell(call, "completed", held)
        else:
            self._tell(call, person.does, held)
        self._random.shuffle(held)
        for url, form in held:
            self.send_callback(url, form)
        call.ended.set()

    def _tell(self, resource, status, held):
        is_call = resource.kind == "Calls"
        with self.lock:
            resource.status = status
        url = resource.field("StatusCallback")
        event = {"in-progress": "answered", "busy": "completed", "no-answer": "completed", "failed": "completed"}
        if not url or (is_call and event.get(status, status) not in (resource.events or ["completed"])):
            return
        names = ("CallSid", "CallStatus") if is_call else ("MessageSid", "MessageStatus")
        form = [(names[0], resource.sid), (names[1], status), ("AccountSid", self.account), ("To", resource.to),
                ("From", resource.field("From")), ("ApiVersion", "2010-04-01")]
        if self.callbacks_are == "reordered":
            held.append((url, form))
            return
        for _ in range(2 if self.callbacks_are == "duplicated" else 1):
            self.send_callback(url, form)

    def _speak(self, call, person):
        digits = list(person.digits) if person.does == "answer" else []
        document = call.field("Twiml")
        for _ in range(MOST_DOCUMENTS):
            document = self._document(call, document, digits)
            if document is None:
                return

    def _document(self, call, text, digits):
        """Plays one document; the next one's text if a digit led to it."""
        for verb in xml.etree.ElementTree.fromstring(text):
            if verb.tag == "Say":
                call.said.append(verb.text or "")
            elif verb.tag == "Hangup":
                return None
            elif verb.tag == "Gather":
                call.said += [nested.text or "" for nested in verb if nested.tag == "Say"]
                pressed = digits.pop(0) if digits else None
                if pressed is None:
                    continue
                call.pressed.append(pressed)
                form = [("CallSid", call.sid), ("CallStatus", "in-progress"), ("Digits", pressed), ("To", call.to),
                        ("From", call.field("From")), ("AccountSid", self.account)]
                answer = self.send_callback(verb.attrib["action"], form)
                if self.callbacks_are == "duplicated":
                    self.send_callback(verb.attrib["action"], form)
                return answer.answer if answer.status == 200 else None
        return None

    # The API.

    def _make(self, kind, form):
        resource = Resource(("CA" if kind == "Calls" else "SM") + f"{next(self._numbers):032x}", form, kind)
        with self.lock:
            self.made.append(resource)
        self._start(resource)
        return resource

    def _json(self, resource):
        made = email.utils.formatdate(resource.made_at)
        return {"sid": resource.sid, "status": resource.status, "to": resource.to, "from": resource.field("From"),
                "date_created": made, "start_time": None if resource.status == "queued" else made,
                "account_sid": self.account, "answered_by": None, "direction": resource.direction, "body": resource.body}

    def _refusal(self, kind, form):
        fields = dict(form)
        if not fields.get("To", "").startswith("+"):
            return INVALID_NUMBER
        if kind == "Calls" and not 0 < len(fields.get("Twiml", "")) <= MOST_TWIML:
            return (400, 21205 if "Twiml" not in fields else 21218, "Url or Twiml is missing or too long", {})
        if kind == "Messages" and not 0 < len(fields.get("Body", "")) <= 1600:
            return (400, 21617, "The message body exceeds the 1600 character limit", {})
        return None

    def _post(self, handler, kind, form):
        fault = self.faults.popleft() if self.faults else None
        refusal = fault if isinstance(fault, tuple) else self._refusal(kind, form)
        if refusal:
            status, code, words, headers = refusal
            return handler.answer(status, {"code": code, "message": words, "status": status}, headers)
        if fault == "timeout":
            return handler.hold()
        made = self._make(kind, form)
        if fault == "lost":
            return handler.drop()
        if fault == "timeout_made":
            return handler.hold()
        if fault == "garbage":
            return handler.answer_text(201, "<html>it works</html>")
        return handler.answer(201, {**self._json(made), "status": "queued"})

    def _get(self, handler, kind, sid, query):
        with self.lock:
            found = [made for made in reversed(self.made) if made.kind == kind]
        if sid:
            found = [made for made in found if made.sid == sid]
            if not found:
                return handler.answer(404, {"code": 20404, "message": "The requested resource was not found", "status": 404})
            return handler.answer(200, self._json(found[0]))
        for name in ("To", "From"):
            if name in query:
                found = [made for made in found if made.field(name) == query[name]]
        found = found[:int(query.get("PageSize", "50"))]
        return handler.answer(200, {kind.lower(): [self._json(made) for made in found], "page": 0})

    def _handler(twilio):  # pylint: disable=no-self-argument  # The nested class has a self of its own.
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *arguments):
                pass

            def answer(self, status, body, headers=()):
                self.answer_text(status, json.dumps(body), headers, "application/json")

            def answer_text(self, status, text, headers=(), kind="text/html"):
                self.send_response(status)
                for name, value in {"Content-Type": kind, "Content-Length": str(len(text.encode())), **dict(headers)}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text.encode())

            def drop(self):
                self.close_connection = True

            def hold(self):
                twilio.stopping.wait(60)
                self.drop()

            def do_POST(self):
                text = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
                self.serve(urllib.parse.parse_qsl(text, keep_blank_values=True))

            def do_GET(self):
                self.serve([])

            def serve(self, form):
                url = urllib.parse.urlsplit(self.path)
                with twilio.lock:
                    twilio.requests.append((time.time(), self.command, url.path, form))
                login = base64.b64encode(f"{twilio.account}:{twilio.token}".encode()).decode()
                parts = url.path.removesuffix(".json").split("/")[1:]
                if self.headers.get("Authorization") != f"Basic {login}":
                    return self.answer(401, {"code": 20003, "message": "Authenticate", "status": 401})
                if parts[:3] != ["2010-04-01", "Accounts", twilio.account] or len(parts) < 4 or parts[3] not in ("Calls", "Messages"):
                    return self.answer(404, {"code": 20404, "message": "not found", "status": 404})
                if self.command == "POST":
                    return twilio._post(self, parts[3], form)
                sid = parts[4] if len(parts) > 4 else None
                return twilio._get(self, parts[3], sid, dict(urllib.parse.parse_qsl(url.query)))

        return Handler
