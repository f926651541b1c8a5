"""The origin of the replay: replay_origin.py LOG PORT. Answers as replay_log.py says; asyncio, to be fast enough.

/counts answers with a JSON object: requests (health checks left out), waiting (answers held back for clients that left),
left (those whose connection has ended since).
"""

import asyncio
import json
import sys

import replay_log

CONTENT = bytes(1 << 20)


class Origin:
    def __init__(self, sizes):
        self.sizes = sizes
        self.requests = self.waiting = self.left = 0


class Connection(asyncio.Protocol):
    def __init__(self, origin):
        self.origin = origin
        self.data = b""
        self.transport = None
        self.holding = False

    def connection_made(self, transport):
        self.transport = transport

    def connection_lost(self, _):
        if self.holding:
            self.origin.waiting -= 1
            self.origin.left += 1

    def data_received(self, data):
        self.data += data
        while not self.holding:
            end = self.data.find(b"\r\n\r\n")
            if end < 0:
                return
            lines = self.data[:end].decode("latin-1").split("\r\n")
            headers = {}
            for line in lines[1:]:
                name, _, value = line.partition(":")
                headers[name.lower()] = value.strip()
            whole = end + 4 + int(headers.get("content-length", 0))
            if len(self.data) < whole:
                return
            self.data = self.data[whole:]
            method, target, _ = lines[0].split(" ")
            self.answer(method, target, headers)

    def answer(self, method, target, headers):
        if target == "/healthz":
            self.send(method, 200, 2, "")
        elif target == "/counts":
            body = json.dumps(vars(self.origin) | {"sizes": None}).encode()
            self.transport.write(b"HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        else:
            self.origin.requests += 1
            if method == "GET" and target in self.origin.sizes and headers.get("x-replay", "").startswith("cacheable"):
                etag = replay_log.etag_of(target)
                fields = f"ETag: {etag}\r\nCache-Control: public, max-age=3600\r\n"
                if headers.get("if-none-match") == etag:
                    self.send(method, 304, 0, fields)
                else:
                    self.send(method, 200, self.origin.sizes[target], fields)
                return
            status, size = map(int, headers["x-replay"].split(" "))
            if status == replay_log.LEFT:
                self.holding = True
                self.origin.waiting += 1
                return
            fields = "Cache-Control: no-store\r\n"
            if status in (301, 302):
                fields += "Location: https://www.shop.example/elsewhere\r\n"
            self.send(method, status, size, fields)

    def send(self, method, status, size, fields):
        length = "" if status == 304 else f"Content-Length: {size}\r\n"
        self.transport.write(f"HTTP/1.1 {status} Replayed\r\nContent-Type: text/html\r\n{fields}{length}\r\n".encode("latin-1"))
        if method != "HEAD" and status != 304 and size:
            self.transport.write(CONTENT[:size] if size <= len(CONTENT) else bytes(size))


async def main(log, port):
    _, sizes = replay_log.read(log)
    origin = Origin(sizes)
    server = await asyncio.get_running_loop().create_server(lambda: Connection(origin), "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
