"""An origin that misbehaves by chance, and looks at what the edge sends it."""

import asyncio
import base64
import hashlib
import random
import socket
import struct
import traceback

from answers import Answers, http_date
from pages import NOTED, target_kind

WEBSOCKET_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
REASONS = {200: "OK", 206: "Partial Content", 301: "Moved Permanently", 304: "Not Modified", 404: "Not Found", 413: "Content Too Large"}


class Gone(Exception):
    """The connection is over, by either side."""


class Link:
    """One connection from the edge."""

    def __init__(self, reader, writer):
        self.reader = reader
        self.writer = writer
        self.unconfirmed = []  # withdrawals: read by the edge for certain when it asks again on this connection

    async def write(self, data):
        self.writer.write(data)
        await self.writer.drain()

    def reset(self):
        sock = self.writer.get_extra_info("socket")
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except OSError:
            pass
        self.writer.transport.abort()
        raise Gone

    async def read_head(self):
        try:
            text = await self.reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, OSError):
            raise Gone from None
        lines = text.decode("latin-1").split("\r\n")[:-2]
        fields = [(name.strip().lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines[1:])]
        return lines[0], fields

    async def read_body(self, fields):
        named = dict(fields)
        try:
            if "chunked" in named.get("transfer-encoding", ""):
                parts = []
                while True:
                    size = int((await self.reader.readuntil(b"\r\n")).split(b";")[0], 16)
                    if size == 0:
                        while await self.reader.readuntil(b"\r\n") != b"\r\n":
                            pass
                        return b"".join(parts)
                    parts.append(await self.reader.readexactly(size))
                    await self.reader.readexactly(2)
            return await self.reader.readexactly(int(named.get("content-length", "0")))
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, OSError, ValueError):
            raise Gone from None


class Origin:
    def __init__(self, name, ledger, seed):
        self.name = name
        self.ledger = ledger
        self.rng = random.Random(f"{seed} origin {name}")
        self.answers = Answers(name, ledger, self.rng)
        self.port = 0
        self.server = None
        self.links = set()
        self.answering = asyncio.Event()
        self.answering.set()
        self.requests = 0
        self.removed_since = 0.0  # from the edge's configuration; 0: it is in it
        self.fault = None

    # --- coming and going ---

    async def start(self):
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", self.port, limit=1 << 17, reuse_address=True)
        self.port = self.server.sockets[0].getsockname()[1]

    async def go_down(self):
        """The port closes, and all connections break."""
        self.fault = self.ledger.server_fault(self.name, "down")
        self.server.close()
        for link in list(self.links):
            try:
                link.reset()
            except Gone:
                pass

    def hang(self):
        """The port stays open, nobody answers."""
        self.fault = self.ledger.server_fault(self.name, "hangs")
        self.answering.clear()

    async def come_back(self):
        if not self.server.is_serving():
            await self.start()
        self.answering.set()
        # What was begun before may still fail for a moment.
        self.fault.ended = self.ledger.now() + 1.0

    def is_good(self):
        return self.server.is_serving() and self.answering.is_set()

    async def stop(self):
        self.server.close()
        for link in list(self.links):
            link.writer.transport.abort()

    # --- requests ---

    async def serve(self, reader, writer):
        link = Link(reader, writer)
        self.links.add(link)
        try:
            while True:
                line, fields = await link.read_head()
                for withdrawal in link.unconfirmed:
                    withdrawal.confirmed = withdrawal.confirmed or self.ledger.now()
                link.unconfirmed.clear()
                await self.answering.wait()
                if not await self.exchange(link, line, fields):
                    break
        except (Gone, ConnectionError, OSError, asyncio.CancelledError):
            pass
        except Exception:  # pylint: disable=broad-except  # A fault of ours must not pass for one of the edge's.
            self.ledger.violation("fault of this program", None, traceback.format_exc())
        finally:
            self.links.discard(link)
            writer.close()

    async def exchange(self, link, line, fields):
        method, target, _ = line.split(" ", 2)
        if target == "/healthz":
            await link.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            return True
        self.requests += 1
        seen = {}
        for name, value in fields:
            if name in NOTED:
                seen[name] = f"{seen[name]}, {value}" if name in seen else value
        request = self.look_at(method, target, fields, seen)
        if request is None:
            await link.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return False
        if target_kind(target) == "ws" and "upgrade" in dict(fields).get("connection", "").lower():
            return await self.websocket(link, request, dict(fields), seen)
        has_body = "transfer-encoding" in seen or seen.get("content-length", "0") != "0"
        if method == "POST" and self.rng.random() < 0.08 and has_body:
            return await self.refuse_early(link, request, method, target, seen, fields)
        if "100-continue" in seen.get("expect", ""):
            await link.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = await link.read_body(fields)
        if request.digest and hashlib.sha1(body).hexdigest() != request.digest:
            self.ledger.violation("another body reached the origin", request, f"{len(body)} bytes that are not those sent")
        await self.answering.wait()
        if "hot" in target:
            await asyncio.sleep(0.3)  # so that many wait for it
        elif self.rng.random() < 0.3:
            await asyncio.sleep(self.rng.random() * 0.05)
        plan = self.answers.plan(request, method, target, seen, has_body and bool(body))
        keep = await self.send(link, plan, method, target)
        return keep

    def look_at(self, method, target, fields, seen):
        """What reaches an origin must be a request that a client made, as it made it. None: it is not."""
        ledger = self.ledger
        request = ledger.requests.get(seen.get("x-req", ""))
        if request is None:
            ledger.violation("unknown request", None, f"{method} {target} {fields} reached origin {self.name}")
            return None
        if request.note.startswith("malformed"):
            ledger.violation("malformed request crossed", request, f"reached origin {self.name} as {method} {target} {fields}")
        elif (method, target) != (request.method, request.target):
            ledger.violation("another request", request, f"reached origin {self.name} as {method} {target}")
        if self.removed_since and ledger.now() > self.removed_since + 4.0:
            ledger.violation("asked though removed", request, f"{self.name} was taken out of the file "
                             f"{ledger.now() - self.removed_since:.1f} s before")
        if seen.get("host", "").lower().removesuffix(":80") != request.host.lower().removesuffix(":80"):
            ledger.violation("Host", request, f"origin {self.name} was asked with Host: {seen.get('host')!r}")
        host = seen.get("x-forwarded-host")
        if host is not None and host.lower() != seen.get("host", "").lower():
            ledger.violation("X-Forwarded-Host", request, f"origin was told {host!r}, the key has {seen.get('host')!r}")
        for name, value in fields:
            plain = name.replace("_", "-").replace(".", "-")
            if plain == "x-real-ip" and value != request.expected.get("x-real-ip"):
                ledger.violation("forwarded fields", request, f"{name}: {value} reached the origin")
            if name in ("x-hop", "proxy", "keep-alive", "proxy-connection", "te", "upgrade"):
                if not (name == "upgrade" and target_kind(target) == "ws"):
                    ledger.violation("hop-by-hop", request, f"{name}: {value} reached the origin")
            if plain == "tenfold-rehearsal":
                ledger.violation("forwarded fields", request, f"{name}: {value} reached the origin")
        return request

    # --- answers ---

    def head_of(self, status, fields, end="\r\n"):
        lines = [f"HTTP/1.1 {status} {REASONS.get(status, 'Whatever')}", *(f"{name}: {value}" for name, value in fields), "", ""]
        return end.join(lines).encode("latin-1")

    async def send(self, link, plan, method, target):
        record, fault = plan.record, None
        if plan.fault:
            fault = self.ledger.fault(target, plan.fault)
        try:
            if plan.withdrawal and not plan.fault:
                link.unconfirmed.append(plan.withdrawal)
            if plan.fault and record is not None:
                record.torn = plan.fault
            elif plan.fault:
                # What was said of a record may not have arrived: nothing is proven by it.
                self.ledger.injected["304 spoiled"] += 1
                self.ledger.answers_304.pop(plan.rid, None)
            return await self.send_as(link, plan, method)
        except (Gone, ConnectionError, OSError):
            # The edge broke off, perhaps after the last byte, or this origin went down.
            if record is not None:
                record.ended_early = True
            raise Gone from None
        finally:
            if fault is not None:
                fault.ended = self.ledger.now()

    async def send_as(self, link, plan, method):
        body = plan.record.sent_body() if plan.record else b""
        if plan.status == 304 or method == "HEAD":
            framing = "none"
        else:
            framing = plan.framing
        fields = list(plan.fields)
        if method == "HEAD" and plan.framing == "length":
            fields.append(("Content-Length", str(len(body))))
        if framing == "length":
            fields.append(("Content-Length", str(len(body))))
        elif framing == "chunked":
            fields.append(("Transfer-Encoding", "chunked"))
        elif framing == "close":
            fields.append(("Connection", "close"))
        if plan.fault:
            await self.spoil(link, plan, fields, body, framing)
            raise Gone
        data = self.framed(body, framing) if framing != "none" else []
        if not plan.drip:
            await link.write(b"".join([self.head_of(plan.status, fields), *data]))
        else:
            self.ledger.injected["slow drip"] += 1
            await link.write(self.head_of(plan.status, fields))
            whole = b"".join(data)
            step = max(len(whole) // 20, 1)
            for start in range(0, len(whole), step):
                await link.write(whole[start:start + step])
                await asyncio.sleep(0.05)
        return framing != "close" and ("Connection", "close") not in fields

    def framed(self, body, framing):
        if framing != "chunked":
            return [body]
        parts, at = [], 0
        while at < len(body):
            size = self.rng.choice((1, 7, 100, 4000, 30_000, 200_000)) if len(body) < 10_000 else 50_000
            part = body[at:at + size]
            parts.append(b"%x\r\n%b\r\n" % (len(part), part))
            at += size
        parts.append(b"0\r\n\r\n" if self.rng.random() < 0.9 else b"0\r\nX-Trailer: yes\r\n\r\n")
        return parts

    async def spoil(self, link, plan, fields, body, framing):
        """Sends something that is not the whole answer, and ends the connection."""
        fault, head = plan.fault, self.head_of(plan.status, fields)
        whole = b"".join(self.framed(body, framing)) if framing != "none" else b""
        part = whole[:self.rng.randint(0, max(len(whole) - 8, 0))]
        if fault == "reset before head":
            link.reset()
        elif fault == "closed before head":
            pass
        elif fault == "reset in head":
            await link.write(head[:self.rng.randint(1, len(head) - 1)])
            link.reset()
        elif fault in ("torn body", "reset in body"):
            if framing == "none":
                link.reset()
            await link.write(head + part)
            await asyncio.sleep(self.rng.choice((0, 0.02, 0.2)))
            if fault == "reset in body" or framing == "close":
                link.reset()
        elif fault == "bad chunk":
            without = [field for field in fields if field[0] not in ("Content-Length", "Transfer-Encoding")]
            await link.write(self.head_of(200 if plan.status == 304 else plan.status, [*without, ("Transfer-Encoding", "chunked")])
                             + b"5\r\nhello\r\n" + self.rng.choice((b"zz\r\n", b"5 5\r\nhello\r\n", b"5\r\nhelloXX", b"fffffffffffffffff\r\n"))
                             + b"0\r\n\r\n")
        elif fault == "stall before head":
            await asyncio.sleep(9)
        elif fault == "stall in body":
            await link.write(head + part)
            await asyncio.sleep(9)
            if framing == "close":
                link.reset()  # an end would make it whole
        elif fault == "trickle":
            await link.write(head)
            for at in range(min(len(part), 25)):
                await link.write(part[at:at + 1])
                await asyncio.sleep(1)
            if framing == "close":
                link.reset()
        elif fault == "flood of 103":
            for _ in range(400):
                await link.write(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n")
                await asyncio.sleep(0.05)
        elif fault == "head too large":
            await link.write(self.head_of(plan.status, [*fields, *[(f"X-Filler-{i}", "f" * 1000) for i in range(90)]]) + whole)
        elif fault == "bare LF":
            await link.write(self.head_of(plan.status, fields, "\n") + whole)
        elif fault == "garbage":
            await link.write(self.rng.randbytes(300))
        elif fault == "two lengths":
            await link.write(self.head_of(200, [("X-Page", plan.record.id if plan.record else "none"), ("Content-Length", "5"),
                                                ("Content-Length", "6")]) + b"hello!")
        elif fault == "unasked 101":
            await link.write(self.head_of(101, [("Connection", "Upgrade"), ("Upgrade", "websocket")]))
            await asyncio.sleep(0.2)

    async def refuse_early(self, link, request, method, target, seen, fields):
        """413 before the body is there, as servers do whose limit is smaller."""
        abrupt = self.rng.random() < 0.5
        self.ledger.injected["413 while the body comes"] += 1
        request.note += " early-413" + (" abrupt" if abrupt else "")
        plan = self.answers.plan_whole("post", request, method, target, seen, True)
        plan.status = plan.record.status = 413
        plan.framing = "length"
        plan.fields = [field for field in plan.fields if field[0] not in ("Connection", "X-Hop")] + [("Connection", "close")]
        await self.send(link, plan, method, target)
        if abrupt:
            return False
        link.writer.write_eof()
        try:
            async with asyncio.timeout(3):
                while await link.reader.read(65536):
                    pass
        except (TimeoutError, ConnectionError, OSError):
            pass
        return False

    async def websocket(self, link, request, fields, seen):
        chance = self.rng.random()
        if chance < 0.1:
            plan = self.answers.plan_whole("ws", request, "GET", request.target, seen, False)
            plan.status = plan.record.status = 403
            return await self.send(link, plan, "GET", request.target)
        if chance < 0.2:
            self.ledger.fault(request.target, "reset before head").ended = self.ledger.now()
            link.reset()
        accept = base64.b64encode(hashlib.sha1((fields.get("sec-websocket-key", "") + WEBSOCKET_GUID).encode()).digest()).decode()
        await link.write(self.head_of(101, [("Date", http_date()), ("Connection", "Upgrade"), ("Upgrade", "websocket"),
                                            ("Sec-WebSocket-Accept", accept)]))
        left = self.rng.choice((10**9, 10**9, 10**9, 300))
        while data := await link.reader.read(65536):
            await link.write(data[:left])
            left -= len(data)
            if left <= 0:
                self.ledger.fault(request.target, "websocket reset").ended = self.ledger.now()
                link.reset()
        return False
