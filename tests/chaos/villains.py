"""Clients that misbehave. Their answers are looked at too: nobody gets another's page by breaking the rules."""

import asyncio
import random

from visitors import Visitor
from wire import Connection

# Heads and bodies that two parsers could read two ways, or that no parser should read at all. {x} is the request's id.
MALFORMED = (
    "GET {t} HTTP/1.1\r\nHost: shop.example\r\nX-Req: {x}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST {t} HTTP/1.1\r\nHost: shop.example\r\nX-Req: {x}\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
    "GET {t} HTTP/1.1\nHost: shop.example\nX-Req: {x}\n\n",
    "GET {t} HTTP/1.1\r\nHost : shop.example\r\nX-Req: {x}\r\n\r\n",
    "GET {t} HTTP/1.1\r\nHost: shop.example\r\nX-Fold: a\r\n b\r\nX-Req: {x}\r\n\r\n",
    "POST {t} HTTP/1.1\r\nHost: shop.example\r\nX-Req: {x}\r\nTransfer-Encoding: chunked\r\n\r\n5 \r\nhello\r\n0\r\n\r\n",
    "POST {t} HTTP/1.1\r\nHost: shop.example\r\nX-Req: {x}\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n",
    "POST {t} HTTP/1.1\r\nHost: shop.example\r\nX-Req: {x}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloGET /smuggled HTTP/1.1\r\n\r\n",
    "POST {t} HTTP/1.1\r\nHost: shop.example\r\nX-Req: {x}\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "POST {t} HTTP/1.1\r\nHost: shop.example\r\nX-Req: {x}\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "POST {t} HTTP/1.1\r\nHost: shop.example\r\nX-Req: {x}\r\nContent-Length: +5\r\n\r\nhello",
    "POST {t} HTTP/1.1\r\nHost: shop.example\r\nX-Req: {x}\r\nContent-Length: -1\r\n\r\n",
    "GET {t} HTTP/1.1\r\nHost: shop.example\r\nX-Req: {x}\r\nX-Nul: a\0b\r\n\r\n",
    "GET {t} with space HTTP/1.1\r\nHost: shop.example\r\nX-Req: {x}\r\n\r\n",
    "GET {t} HTTP/1.1\r\nX-Req: {x}\r\n\r\n",
    "GET {t} HTTP/1.1\r\nHost: shop.example\r\nHost: evil.example\r\nX-Req: {x}\r\n\r\n",
    "GET {t} HTTP/3.0\r\nHost: shop.example\r\nX-Req: {x}\r\n\r\n",
    "G@T {t} HTTP/1.1\r\nHost: shop.example\r\nX-Req: {x}\r\n\r\n",
    "TRACE {t} HTTP/1.1\r\nHost: shop.example\r\nX-Req: {x}\r\n\r\n",
    "CONNECT shop.example:443 HTTP/1.1\r\nHost: shop.example\r\nX-Req: {x}\r\n\r\n",
)
TARGETS = (("calm", 12, 5), ("page", 40, 5), ("vary", 10, 2), ("valid", 8, 4), ("big", 6, 3), ("img", 8, 1), ("account", 0, 1))


class Villain(Visitor):
    def __init__(self, number, world):
        super().__init__(number, world)
        self.rng = random.Random(f"{world.seed} villain {number}")
        self.trusted = False
        self.address = f"127.0.2.{10 + number}"
        self.identity = f"v{number}"
        self.open = set()

    async def live(self):
        tricks = (self.half_a_head, self.leave_in_mid_answer, self.nonsense_chunk, self.body_withheld, self.many_bodies_withheld,
                  self.never_read, self.malformed, self.malformed, self.malformed, self.large_head, self.pipeline_and_leave,
                  self.noise, self.slow_head, self.odd_ranges, self.expect_and_wait, self.lead_and_leave, self.tunnel_noise,
                  self.late_nonsense)
        while self.world.running:
            await asyncio.sleep(self.rng.expovariate(2.0))
            trick = self.rng.choice(tricks)
            self.ledger.injected["client: " + trick.__name__.replace("_", " ")] += 1
            try:
                await trick()
            except (ConnectionError, OSError, asyncio.IncompleteReadError, TimeoutError):
                pass
            finally:
                for connection in list(self.open):
                    self.rng.choice((connection.close, connection.reset))()
                self.open.clear()

    async def connect(self, window=0):
        connection = await Connection.open(self.address, self.world.port, window)
        self.open.add(connection)
        return connection

    def bad(self, method="GET", target=None, extra=(), note="malformed"):
        request = self.request(method, target or self.target(TARGETS), extra, note, conditions=False)
        request.honest = False
        request.note = note
        request.began = self.ledger.now()
        request.has_body = True
        return request

    async def hear(self, connection, request, wait_s=3.0):
        """What comes back is judged: it may be refused, but it must not be another's."""
        try:
            async with asyncio.timeout(wait_s):
                answer = await connection.read_answer(request.method)
        except TimeoutError:
            return
        if answer.status and answer.whole and self.world.judging:
            self.world.judge.answer(request, answer)

    # --- tricks ---

    async def half_a_head(self):
        connection = await self.connect()
        text = self.text(self.bad(note="malformed: half"))
        await connection.send(text[:self.rng.randint(1, len(text) - 3)])
        await asyncio.sleep(self.rng.choice((0, 0.5, 4)))

    async def slow_head(self):
        connection = await self.connect()
        for byte in self.text(self.bad(note="malformed: slow"))[:12]:
            await connection.send(bytes([byte]))
            await asyncio.sleep(0.4)

    async def leave_in_mid_answer(self):
        connection = await self.connect(8192)
        await connection.send(self.text(self.bad(target=self.target((("big", 6, 1), ("page", 20, 1))), note="leaves")))
        await connection.reader.read(self.rng.choice((1, 1000, 100_000)))
        connection.reset()

    async def lead_and_leave(self):
        connection = await self.connect()
        await connection.send(self.text(self.bad(note="leaves")))
        await asyncio.sleep(self.rng.random() * 0.1)

    async def nonsense_chunk(self, target=None):
        connection = await self.connect()
        request = self.bad(target=target, extra=(("Transfer-Encoding", "chunked"),), note="malformed: second chunk")
        await connection.send(self.text(request) + b"5\r\nhello\r\n")
        await asyncio.sleep(self.rng.choice((0, 0.05, 0.3)))
        await connection.send(b"nonsense\r\n")
        await self.hear(connection, request)

    async def late_nonsense(self):
        """Past what is read before an origin is asked."""
        connection = await self.connect()
        request = self.bad(self.rng.choice(("GET", "POST")), extra=(("Transfer-Encoding", "chunked"),), note="late nonsense")
        await connection.send(self.text(request) + (b"8000\r\n" + bytes(0x8000) + b"\r\n") * 4)
        await asyncio.sleep(0.1)
        await connection.send(b"nonsense\r\n")
        await self.hear(connection, request)

    async def body_withheld(self, target=None):
        connection = await self.connect()
        await connection.send(self.text(self.bad(target=target, extra=(("Content-Length", "1"),), note="malformed: no body")))
        await asyncio.sleep(self.rng.choice((1, 6)))

    async def many_bodies_withheld(self):
        for _ in range(40):
            connection = await self.connect()
            await connection.send(self.text(self.bad("POST", extra=(("Content-Length", "70000"),), note="body never comes")))
        await asyncio.sleep(self.rng.choice((1, 5)))

    async def expect_and_wait(self):
        connection = await self.connect()
        request = self.bad("POST", "/post/3", (("Content-Length", "100"), ("Expect", "100-continue")), "body never comes")
        await connection.send(self.text(request))
        await asyncio.sleep(3)

    async def never_read(self, target=None):
        connection = await self.connect(4096)
        await connection.send(self.text(self.bad(target=target or self.target((("big", 6, 1),)), note="never reads")))
        await asyncio.sleep(self.rng.choice((2, 8)))

    async def malformed(self):
        connection = await self.connect()
        request = self.bad()
        form = self.rng.choice(MALFORMED)
        if form.startswith(("TRACE", "CONNECT")):
            request.method = form.split(" ")[0]
        await connection.send(form.format(t=request.target, x=request.rid).encode("latin-1"))
        await self.hear(connection, request)

    async def large_head(self):
        extra = self.rng.choice((
            [("Connection", ",".join(["a"] * 7000)), *[(f"X-Field-{i}", "v") for i in range(60)]],
            [("Via", "1.1 somebody")] * 80,
            [("X-Forwarded-For", ", ".join(["10.0.0.1"] * 900))],
            [("Forwarded", "for=10.0.0.1")] * 60,
            [(f"X-Field-{i}", "v") for i in range(200)],
            [("Cookie", "a=b; " * 6000)],
            [("X-Long", "v" * 40_000)],
        ))
        connection = await self.connect()
        request = self.bad(extra=extra, note="large head")
        request.has_body = False
        await connection.send(self.text(request))
        await self.hear(connection, request)

    async def pipeline_and_leave(self):
        connection = await self.connect()
        await connection.send(b"".join(self.text(self.bad(note="pipelined")) for _ in range(40)))
        await asyncio.sleep(self.rng.choice((0, 0.05, 0.5)))
        connection.reset()

    async def noise(self):
        connection = await self.connect()
        await connection.send(self.rng.randbytes(self.rng.choice((1, 50, 5000))))
        await connection.reader.read(1000)

    async def odd_ranges(self):
        connection = await self.connect()
        value = self.rng.choice(("bytes=" + ",".join(f"{i}-{i + 1}" for i in range(0, 3000, 3)), "bytes=0-,0-,0-,0-,0-",
                                 "bytes=99999999999999999999-", "bytes=-0", "bytes=9-1", "bytes=a-b", "bytes=-18446744073709551616"))
        request = self.bad(target=self.target((("range", 5, 1), ("calm", 12, 1))), extra=(("Range", value),), note="odd range")
        request.has_body = False
        await connection.send(self.text(request))
        try:
            async with asyncio.timeout(3):
                await connection.read_answer("GET")
        except TimeoutError:
            pass

    async def tunnel_noise(self):
        connection = await self.connect()
        request = self.bad(target="/ws/1", note="tunnel", extra=(("Connection", "Upgrade"), ("Upgrade", "websocket"),
                                                                ("Sec-WebSocket-Key", "x"), ("Sec-WebSocket-Version", "13")))
        await connection.send(self.text(request) + b"early")
        await connection.reader.read(100)
        await connection.send(self.rng.randbytes(100_000))
        connection.reset()
