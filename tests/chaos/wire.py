"""A client's side of a connection: sends bytes, reads answers strictly, and says how each ended."""

import asyncio
import dataclasses
import socket
import struct

HEAD_LIMIT = 1 << 18


@dataclasses.dataclass
class Answer:
    status: int = 0  # 0: none came
    fields: list = dataclasses.field(default_factory=list)  # (name in lower case, value)
    body: bytes = b""
    end: str = "whole"  # whole, cut (the connection ended under it), reset, malformed, none, late
    framing: str = ""
    interims: int = 0
    began: float = 0.0
    head_at: float = 0.0
    ended: float = 0.0

    def field(self, name):
        return next((value for key, value in self.fields if key == name), None)

    @property
    def whole(self):
        return self.end == "whole"

    def closes(self):
        return not self.whole or "close" in (self.field("connection") or "") or self.framing == "close"

    def describe(self):
        fields = "; ".join(f"{name}: {value[:100]}" for name, value in self.fields)
        return (f"{self.status} {self.end} ({self.framing}) {len(self.body)} bytes, {self.interims} interim, "
                f"{self.ended - self.began:.2f} s [{fields}] {self.body[:60]!r}")


class Malformed(Exception):
    pass


class Connection:
    """`window`: bytes that the system takes in for us, for those who read slowly; 0: as it likes."""

    def __init__(self, reader, writer):
        self.reader = reader
        self.writer = writer
        self.used_at = 0.0
        self.answers = 0

    @classmethod
    async def open(cls, address, port, window=0):
        sock = socket.socket()
        try:
            if window:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
            sock.setblocking(False)
            sock.bind((address, 0))
            await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", port))
        except BaseException:
            sock.close()
            raise
        reader, writer = await asyncio.open_connection(sock=sock, limit=window or HEAD_LIMIT)
        return cls(reader, writer)

    async def send(self, data):
        self.writer.write(data)
        await self.writer.drain()

    def close(self):
        self.writer.close()

    def reset(self):
        sock = self.writer.get_extra_info("socket")
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except (OSError, AttributeError):
            pass
        self.writer.transport.abort()

    async def read_answer(self, method, pace=None):
        """`pace`: awaited with the size of each part of the body, for those who read slowly."""
        loop = asyncio.get_running_loop()
        answer = Answer(began=loop.time(), end="none")
        try:
            while True:
                head = await self.reader.readuntil(b"\r\n\r\n")
                self.parse_head(head, answer)
                if answer.status >= 200 or answer.status == 101:
                    break
                answer.interims += 1
            answer.head_at = loop.time()
            answer.end = "cut"
            await self.read_body(method, answer, pace)
            answer.end = "whole"
        except asyncio.IncompleteReadError as error:
            if answer.end == "none" and error.partial:
                answer.end = "cut"
        except (ConnectionError, OSError):
            answer.end = "none" if answer.end == "none" else "reset"
        except (Malformed, ValueError, asyncio.LimitOverrunError) as error:
            answer.end = f"malformed: {error}"
        answer.ended = loop.time()
        self.used_at = answer.ended
        self.answers += 1
        return answer

    @staticmethod
    def parse_head(head, answer):
        lines = head.decode("latin-1").split("\r\n")[:-2]
        parts = lines[0].split(" ", 2)
        if len(parts) < 2 or parts[0] != "HTTP/1.1" or len(parts[1]) != 3 or not parts[1].isdigit():
            raise Malformed(f"status line {lines[0]!r}")
        answer.status = int(parts[1])
        answer.fields = []
        for line in lines[1:]:
            name, colon, value = line.partition(":")
            if not colon or not name or name != name.strip() or "\n" in line or "\r" in line:
                raise Malformed(f"field line {line!r}")
            answer.fields.append((name.lower(), value.strip()))

    async def read_body(self, method, answer, pace):
        lengths = [value for name, value in answer.fields if name == "content-length"]
        coding = answer.field("transfer-encoding")
        if len(lengths) > 1 or (lengths and coding):
            raise Malformed("two framings")
        if method == "HEAD" or answer.status in (101, 204, 304):
            answer.framing = "none"
            return
        if coding:
            answer.framing = "chunked"
            await self.read_chunked(answer, pace)
        elif lengths:
            answer.framing = "length"
            await self.read_exactly(int(lengths[0]), answer, pace)
        else:
            answer.framing = "close"
            parts = []
            try:
                while part := await self.reader.read(65536):
                    parts.append(part)
                    if pace:
                        await pace(len(part))
            finally:
                answer.body = b"".join(parts)

    async def read_exactly(self, size, answer, pace):
        parts = [answer.body]
        try:
            while size > 0:
                part = await self.reader.read(min(size, 65536))
                if not part:
                    raise asyncio.IncompleteReadError(b"", size)
                parts.append(part)
                size -= len(part)
                if pace:
                    await pace(len(part))
        finally:
            answer.body = b"".join(parts)

    async def read_chunked(self, answer, pace):
        while True:
            line = (await self.reader.readuntil(b"\r\n"))[:-2].split(b";")[0]
            if not line or line.strip() != line:
                raise Malformed(f"chunk size {line!r}")
            size = int(line, 16)
            if size == 0:
                while await self.reader.readuntil(b"\r\n") != b"\r\n":
                    pass
                return
            await self.read_exactly(size, answer, pace)
            if await self.reader.readexactly(2) != b"\r\n":
                raise Malformed("no line end behind a chunk")
