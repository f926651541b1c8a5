"""Replays the recorded log in its order, as fast as it goes: replay_client.py LOG PORT [CONNECTIONS].

The next request of the log goes out on the next connection that is free, so that requests start in the order of the log.
Prints a JSON object: sent, left (clients that left without an answer), wrong (how many answers differ from the log),
examples of them, by_status, seconds.
"""

import asyncio
import collections
import json
import sys
import time

import replay_log

LEAVE_AFTER_S = 0.05
ANSWER_DEADLINE_S = 30
EXAMPLES_SHOWN = 20


class Replay:
    def __init__(self, entries, port):
        self.entries = iter(entries)
        self.port = port
        self.sent = self.left = self.wrong = 0
        self.examples = []
        self.by_status = collections.Counter()

    def complain(self, entry, words):
        self.wrong += 1
        if len(self.examples) < EXAMPLES_SHOWN:
            self.examples.append(f"line {entry.number + 1} {entry.method} {entry.target[:200]} {entry.status}: {words}")

    async def client(self):
        reader = writer = None
        for entry in self.entries:
            if writer is None:
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 20)
            self.sent += 1
            writer.write(self.request(entry))
            try:
                if entry.status == replay_log.LEFT:
                    await asyncio.sleep(LEAVE_AFTER_S)
                    self.left += 1
                    keep = False
                else:
                    keep = await asyncio.wait_for(self.answer(entry, reader), ANSWER_DEADLINE_S)
            except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError) as error:
                self.complain(entry, repr(error))
                keep = False
            if not keep:
                writer.close()
                writer = None
        if writer is not None:
            writer.close()

    @staticmethod
    def request(entry):
        fields = "Host: www.shop.example\r\n"
        fields += "X-Replay: cacheable\r\n" if entry.cacheable else f"X-Replay: {entry.status} {entry.size}\r\n"
        if entry.status == 304:
            fields += f"If-None-Match: {replay_log.etag_of(entry.target)}\r\n"
        body = "a=b" if entry.method == "POST" else ""
        if body:
            fields += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        return f"{entry.method} {entry.target} HTTP/1.1\r\n{fields}\r\n{body}".encode("latin-1")

    async def answer(self, entry, reader):
        """Compares status and size with the log; whether the connection may be used again."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        status = int(head[9:12])
        self.by_status[status] += 1
        if status != entry.status:
            self.complain(entry, f"answered {status}")
        length = 0
        if "\r\ncontent-length:" in head:
            length = int(head.split("\r\ncontent-length:", 1)[1].split("\r\n", 1)[0])
        elif status not in (204, 304) and entry.method != "HEAD":
            self.complain(entry, "no Content-Length")
            return False
        if entry.method != "HEAD" and status not in (204, 304):
            await reader.readexactly(length)
            if status == entry.status and length != entry.size:
                self.complain(entry, f"{length} bytes, not {entry.size}")
        return "\r\nconnection: close" not in head


async def main(log, port, connections):
    entries, _ = replay_log.read(log)
    replay = Replay(entries, port)
    began = time.monotonic()
    await asyncio.gather(*(replay.client() for _ in range(connections)))
    print(json.dumps({"sent": replay.sent, "left": replay.left, "wrong": replay.wrong, "examples": replay.examples,
                      "by_status": replay.by_status, "seconds": round(time.monotonic() - began, 1)}))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 16))
