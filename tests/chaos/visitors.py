"""Honest clients: what they send is well-formed, and what they get is theirs, whole and in time."""

import asyncio
import base64
import hashlib
import random

from ledger import ANY, Request, url_of
from pages import target_kind
from wire import Answer, Connection

PATIENCE_S = 90
IDLE_S = 6  # less than the edge's idle_timeout, so that the edge never closes a connection just as it is used
KINDS = (("calm", 12, 10), ("page", 40, 14), ("vary", 10, 12), ("valid", 8, 14), ("me", 0, 10), ("auth", 5, 5),
         ("account", 0, 4), ("big", 6, 1), ("img", 8, 5), ("range", 5, 4))
ACCOUNT = ("/account/orders", "/%61ccount/orders", "/./account/orders", "/x/../account/orders", "//account/orders",
           "/account/orders?page=2")
LANGUAGES = (None, "de", "en", "fr", "de, en")
ENCODINGS = (None, "gzip", "gzip, br", "br;q=0.9, gzip", "identity", "x-gzip")
AGENTS = ("Mozilla/5.0 (one)", "Mozilla/5.0 (two)", "curl/8")


class Visitor:
    def __init__(self, number, world):
        self.world = world
        self.ledger = world.ledger
        self.rng = random.Random(f"{world.seed} visitor {number}")
        self.trusted = number % 8 == 7
        self.address = f"127.0.1.{10 + number}" if self.trusted else f"127.0.0.{10 + number}"
        self.identity = f"u{number}"
        self.sticky = ""
        self.known = {}  # target -> (etag, last modified)
        self.connection = None

    async def live(self):
        while self.world.running:
            await asyncio.sleep(self.rng.expovariate(self.world.rate))
            try:
                await self.step()
            except (ConnectionError, OSError) as error:
                if self.world.running and not self.world.edge.is_running():
                    return
                self.ledger.counts[f"connection: {type(error).__name__}"] += 1
                self.connection = None
        if self.connection:
            self.connection.close()

    async def step(self):
        chance = self.rng.random()
        for share, what in ((0.09, self.pipelined), (0.08, self.post), (0.02, self.old_version), (0.02, self.websocket),
                            (0.012, self.slow_read), (0.02, self.get_with_body), (0.005, self.options)):
            chance -= share
            if chance < 0:
                await what()
                return
        await self.ask([self.request("HEAD" if self.rng.random() < 0.05 else "GET")])

    # --- making requests ---

    def target(self, kinds=KINDS):
        kind, count, _ = self.rng.choices(kinds, [weight for _, _, weight in kinds])[0]
        if kind == "me":
            return f"/me/{self.identity}"
        if kind == "account":
            return self.rng.choice(ACCOUNT)
        number = min(int(self.rng.expovariate(3 / count)), count - 1)
        return f"/{kind}/{number}" + (".png" if kind == "img" else "") + (f"?v={self.rng.randint(1, 3)}" if number % 5 == 4 else "")

    def request(self, method="GET", target=None, extra=(), note="", conditions=True):
        rng = self.rng
        target = target or self.target()
        kind = target_kind(target)
        host = rng.choices(("shop.example", "SHOP.example", "shop.example:80", "other.example"), (90, 3, 3, 4))[0]
        fields = [("Host", host), ("User-Agent", rng.choice(AGENTS))]
        expected = {"user-agent": fields[-1][1], "x-real-ip": self.address, "x-forwarded-for": self.address,
                    "x-forwarded-proto": "http"}
        for name, values in (("Accept-Language", LANGUAGES), ("Accept-Encoding", ENCODINGS), ("X-Kind", (None, None, "a", "b"))):
            value = rng.choice(values)
            if value is not None:
                fields.append((name, value))
                expected[name.lower()] = value
        cookies = []
        if rng.random() < 0.5 or kind in ("me", "account"):
            cookies.append(f"id={self.identity}")
        if self.sticky and rng.random() < 0.8:
            cookies.append(f"tenfold_origin={self.sticky}")
        if cookies:
            fields.append(("Cookie", "; ".join(cookies)))
            expected["cookie"] = fields[-1][1]
        if kind == "auth" and rng.random() < 0.6:
            fields.append(("Authorization", f"Bearer {self.identity}"))
        if rng.random() < 0.1:
            fields.append(("Origin", rng.choice(("https://a.example", "https://b.example"))))
            expected["origin"] = fields[-1][1]
        scheme = self.speak_as_proxy(fields, expected) if self.trusted else "http"
        note += self.play_tricks(fields, expected)
        if method in ("GET", "HEAD") and conditions:
            note += self.set_conditions(kind, target, fields)
        fields.extend(extra)
        request = Request(self.ledger.next_id("r"), method, target, self.address, fields, expected, scheme, self.identity,
                          note=note, host=host)
        fields.append(("X-Req", request.rid))
        self.ledger.requests[request.rid] = request
        self.ledger.counts["requests"] += 1
        return request

    def speak_as_proxy(self, fields, expected):
        """A trusted proxy tells who the client is, and passes on what the client made up."""
        rng = self.rng
        client, scheme = f"10.1.2.{rng.randint(1, 9)}", rng.choice(("http", "http", "https"))
        if rng.random() < 0.8:
            fields.append(("X-Forwarded-For", client))
            fields.append(("X-Forwarded-Proto", scheme))
        else:
            fields.append(("Forwarded", f"for={client};proto={scheme}"))
        if rng.random() < 0.3:
            fields.append(("X-Forwarded-Host", "evil.example"))
        expected.update({"x-real-ip": client, "x-forwarded-for": ANY, "x-forwarded-proto": scheme})
        return scheme

    def play_tricks(self, fields, expected):
        rng = self.rng
        chance = rng.random()
        if chance < 0.04:
            name = rng.choice(("Accept-Language", "Accept-Encoding", "X-Kind", "User-Agent", "Origin"))
            fields.append(("Connection", name))
            expected[name.lower()] = ANY
            return " names a field in Connection"
        if chance < 0.06:
            fields += [("Connection", "X-Hop"), ("X-Hop", "mine"), ("Connection", "keep-alive")]
            return " X-Hop"
        if chance < 0.08 and not self.trusted:
            fields += [("X-Forwarded-For", "6.6.6.6"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "evil.example"),
                       ("Forwarded", "for=6.6.6.6;proto=https")]
            return " forges X-Forwarded"
        if chance < 0.10:
            fields.append(rng.choice((("X_Real_IP", "6.6.6.6"), ("X.Real.IP", "6.6.6.6"), ("Proxy", "http://6.6.6.6"),
                                      ("Tenfold-Rehearsal", "verified"), ("Keep-Alive", "timeout=5"), ("TE", "trailers"))))
            return " forges " + fields[-1][0]
        if chance < 0.12:
            fields.append(("Cache-Control", rng.choice(("no-cache", "max-age=0", "only-if-cached", "no-store"))))
            return " " + fields[-1][1]
        return ""

    def set_conditions(self, kind, target, fields):
        rng = self.rng
        etag, last_modified = self.known.get(target, ("", ""))
        chance = rng.random()
        if chance < 0.15 and (etag or last_modified):
            if etag and rng.random() < 0.8:
                fields.append(("If-None-Match", rng.choice((etag, f'"other", {etag}'))))
            elif last_modified:
                fields.append(("If-Modified-Since", last_modified))
            return " conditional"
        if (kind == "range" and chance < 0.7) or chance < 0.18:
            first = rng.randint(0, 300)
            fields.append(("Range", rng.choice((f"bytes={first}-{first + rng.randint(0, 500)}", f"bytes={first}-", "bytes=-100",
                                                "bytes=0-0", "bytes=5-2", "pages=1-2"))))
            if etag and rng.random() < 0.3:
                fields.append(("If-Range", etag))
            return " range"
        return ""

    @staticmethod
    def text(request, version="1.1"):
        lines = [f"{request.method} {request.target} HTTP/{version}", *(f"{name}: {value}" for name, value in request.fields)]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    # --- asking ---

    async def usable_connection(self):
        now = self.ledger.now()
        if self.connection and (now - self.connection.used_at > IDLE_S or self.rng.random() < 0.05):
            self.connection.close()
            self.connection = None
        if self.connection is None:
            self.connection = await Connection.open(self.address, self.world.port)
            self.connection.used_at = now
        return self.connection

    async def ask(self, requests, data=None, before=None):
        """Sends all at once, reads the answers in turn. `before`: sends the first's body, or what else there is to do."""
        if before is not None and self.connection is not None:
            self.connection.close()  # what is sent in parts is not sent on a connection that may just be closing
            self.connection = None
        connection = await self.usable_connection()
        began = self.ledger.now()
        for request in requests:
            request.began = began
        data = data if data is not None else b"".join(self.text(request) for request in requests)
        sending = asyncio.ensure_future(self.send(connection, data, before))
        answers = []
        try:
            for request in requests:
                request.turn = self.ledger.now()
                answer = await self.read(connection, request)
                answers.append(answer)
                self.take(request, answer)
                if answer.closes():
                    connection.close()
                    self.connection = None
                    break
        finally:
            if not sending.done():  # answered before the body was sent: what follows would be read as its rest
                sending.cancel()
                connection.close()
                self.connection = None
            await asyncio.gather(sending, return_exceptions=True)
        return answers

    @staticmethod
    async def send(connection, data, before):
        try:
            await connection.send(data)
            if before is not None:
                await before(connection)
        except (ConnectionError, OSError):
            pass  # what the edge has answered is there to be read

    async def read(self, connection, request, pace=None):
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await connection.read_answer(request.method, pace)
        except TimeoutError:
            answer = Answer(end="late", began=request.began, ended=self.ledger.now())
            connection.close()
            return answer

    def take(self, request, answer):
        if not self.world.judging:
            return
        self.world.judge.answer(request, answer)
        self.world.judge.cookie_of_304(request, answer)
        if answer.status == 200 and answer.whole:
            etag, last_modified = answer.field("etag"), answer.field("last-modified")
            if etag or last_modified:
                self.known[request.target] = (etag or "", last_modified or "")
        for name, value in answer.fields:
            if name == "set-cookie" and value.startswith("tenfold_origin="):
                self.sticky = value.split(";")[0].partition("=")[2]

    # --- the less usual ways ---

    async def pipelined(self):
        await self.ask([self.request() for _ in range(self.rng.randint(2, 4))])

    async def ask_once(self, target):
        """Beside whatever else the visitor does."""
        request = self.request(target=target, note=" burst", conditions=False)
        connection = await Connection.open(self.address, self.world.port)
        request.began = self.ledger.now()
        await connection.send(self.text(request))
        self.take(request, await self.read(connection, request))
        connection.close()

    async def options(self):
        await self.ask([self.request("OPTIONS", "*")])

    async def old_version(self):
        request = self.request(note=" HTTP/1.0")
        if self.rng.random() < 0.3:  # then the address that was asked stands for it
            request.fields.pop(0)
            request.host = f"127.0.0.1:{self.world.port}"
        await self.ask([request], self.text(request, "1.0"))

    def body(self, size):
        return self.rng.randbytes(size)

    async def get_with_body(self):
        data = self.body(self.rng.choice((1, 100, 70_000)))
        await self.ask_with_body("GET", self.target(), data, slowly=False)

    async def post(self):
        data = self.body(self.rng.choice((0, 10, 1000, 20_000, 100_000, 400_000)))
        target = self.rng.choice(("/post/1", "/post/2", "/page/1", "/page/2", "/calm/1", "/account/orders", "/me/" + self.identity))
        await self.ask_with_body("POST", target, data, slowly=self.rng.random() < 0.15)

    async def ask_with_body(self, method, target, data, slowly):
        expects = method == "POST" and self.rng.random() < 0.15 and data
        chunked = self.rng.random() < 0.4
        extra = [("Transfer-Encoding", "chunked")] if chunked else [("Content-Length", str(len(data)))]
        if expects:
            extra.append(("Expect", "100-continue"))
        request = self.request(method, target, extra, " body" + (" expects" if expects else ""), conditions=False)
        request.has_body = bool(data)
        request.digest = hashlib.sha1(data).hexdigest()
        request.slow = slowly

        async def send_body(connection):
            if expects:
                await asyncio.sleep(0.2)
            step = max(len(data) // self.rng.choice((1, 2, 5)), 1)
            for start in range(0, len(data), step):
                part = data[start:start + step]
                await connection.send(b"%x\r\n%b\r\n" % (len(part), part) if chunked else part)
                if slowly:
                    await asyncio.sleep(self.rng.random())
            if chunked:
                await connection.send(b"0\r\n\r\n")

        sent = self.ledger.now()
        answers = await self.ask([request], self.text(request), send_body)
        if method == "POST" and answers[0].whole:
            self.note_invalidation(request, answers[0], sent)

    def note_invalidation(self, request, answer, sent):
        """A POST that went well makes what is stored invalid (RFC 9111, 4.4)."""
        record = self.ledger.records.get(answer.field("x-page"))
        if record is not None and 200 <= record.status < 400:
            self.ledger.purged(url_of(request), sent, self.ledger.now())

    async def slow_read(self):
        """Reads all the while, but slowly: longer than write_timeout in all, never in one part."""
        request = self.request(target=self.target((("big", 6, 1),)), note=" reads slowly", conditions=False)
        request.slow = True
        connection = await Connection.open(self.address, self.world.port, window=32_768)
        started = request.began = self.ledger.now()
        taken = 0

        async def pace(size):
            nonlocal taken
            taken += size
            await asyncio.sleep(max(taken / 250_000 - (self.ledger.now() - started), 0))

        await connection.send(self.text(request))
        self.take(request, await self.read(connection, request, pace))
        connection.close()

    async def websocket(self):
        key = base64.b64encode(self.body(16)).decode()
        request = self.request(target=f"/ws/{self.rng.randint(1, 3)}", conditions=False, note=" websocket", extra=(
            ("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Key", key), ("Sec-WebSocket-Version", "13")))
        connection = await Connection.open(self.address, self.world.port)
        request.began = self.ledger.now()
        await connection.send(self.text(request))
        answer = await self.read(connection, request)
        if answer.status != 101:
            self.take(request, answer)
            connection.close()
            return
        self.ledger.counts["websockets"] += 1
        sent = b""
        try:
            async with asyncio.timeout(PATIENCE_S):
                for _ in range(self.rng.randint(1, 5)):
                    data = self.body(self.rng.choice((1, 200, 5000)))
                    await connection.send(data)
                    sent = await connection.reader.readexactly(len(data))
                    if sent != data:
                        self.ledger.violation("websocket", request, f"{len(data)} bytes came back as {sent[:40]!r}", answer)
                    await asyncio.sleep(self.rng.random() * 0.5)
        except TimeoutError:
            self.ledger.violation("websocket", request, "no echo", answer)
        except (asyncio.IncompleteReadError, ConnectionError, OSError):
            ended = self.ledger.now()
            if not (self.ledger.faults_during(request.target, request.began, ended)
                    or self.ledger.server_faults_during(request.began, ended)) and self.world.judging:
                self.ledger.violation("websocket", request, "broke off, and no origin did that", answer)
        connection.close()
