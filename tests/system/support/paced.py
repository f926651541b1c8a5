"""An open-loop client: sends GETs at a fixed rate whatever the answers do, and reports every failure.

  paced.py PORT RATE SECONDS PATH [PATH...]

A request's time counts from the moment it was due, so that a server that stalls cannot hide it. Connections are kept and
reused; when none is free another is opened. Prints one JSON object: sent, answered, failed, failures (a few, in words),
and for each second from the start p99_ms, max_ms, answered. Ends early on SIGINT with what it has.
"""

import asyncio
import json
import signal
import sys
import time

ANSWER_DEADLINE_S = 15
FAILURES_SHOWN = 20


class Connection(asyncio.Protocol):
    """One connection with at most one request under way."""

    def __init__(self, load):
        self.load = load
        self.transport = None
        self.due = None  # of the request under way
        self.number = None
        self.used = 0
        self.data = b""

    def connection_made(self, transport):
        self.transport = transport

    def send(self, number, due, path):
        self.number, self.due = number, due
        self.used += 1
        self.load.under_way[number] = self
        self.transport.write(b"GET " + path.encode() + b" HTTP/1.1\r\nHost: shop.example\r\n\r\n")

    def data_received(self, data):
        self.data += data
        end = self.data.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self.data[:end].lower()
        at = head.find(b"\r\ncontent-length:")
        if at < 0:
            if b"transfer-encoding: chunked" not in head:
                self.finish(f"no length in {self.data[:100]!r}")
                return
            if not self.data.endswith(b"0\r\n\r\n"):
                return
        elif len(self.data) - end - 4 < int(head[at + 17:].split(b"\r\n", 1)[0]):
            return
        status = self.data[9:12].decode("latin-1")
        self.data = b""
        self.finish(None if status == "200" else f"status {status}", keep=b"connection: close" not in head)

    def connection_lost(self, error):
        if self.due is not None:
            self.finish(f"connection lost ({error or 'closed'}) on its request {self.used}, {len(self.data)} bytes in", keep=False)
        self.load.forget(self)

    def finish(self, failure, keep=True):
        number, due = self.number, self.due
        self.number = self.due = None
        self.load.under_way.pop(number, None)
        self.load.done(number, due, failure)
        if failure or not keep:
            self.transport.close()
        elif not self.transport.is_closing():
            self.load.free.append(self)


class Load:
    def __init__(self, port, rate, seconds, paths):
        self.port, self.rate, self.seconds, self.paths = port, rate, seconds, paths
        self.free = []
        self.under_way = {}
        self.opening = set()
        self.results = []  # (due, latency in s or None when failed)
        self.failures = []
        self.sent = self.failed = 0
        self.stopped = False

    def forget(self, connection):
        if connection in self.free:
            self.free.remove(connection)

    def done(self, number, due, failure):
        now = time.monotonic()
        self.results.append((due, None if failure else now - due))
        if failure:
            self.failed += 1
            if len(self.failures) < FAILURES_SHOWN:
                self.failures.append(f"request {number} at {due - self.start:.2f} s: {failure}")

    async def open_and_send(self, number, due, path):
        try:
            loop = asyncio.get_running_loop()
            _, connection = await loop.create_connection(lambda: Connection(self), "127.0.0.1", self.port)
        except OSError as error:
            self.done(number, due, f"cannot connect: {error}")
            return
        connection.send(number, due, path)

    async def run(self):
        self.start = time.monotonic()
        number = 0
        total = int(self.rate * self.seconds)
        while number < total and not self.stopped:
            now = time.monotonic()
            while number < total and self.start + number / self.rate <= now:
                due, path = self.start + number / self.rate, self.paths[number % len(self.paths)]
                self.sent += 1
                while self.free and self.free[-1].transport.is_closing():
                    self.free.pop()
                if self.free:
                    self.free.pop().send(number, due, path)
                else:
                    task = asyncio.ensure_future(self.open_and_send(number, due, path))
                    self.opening.add(task)
                    task.add_done_callback(self.opening.discard)
                number += 1
            self.give_up_late()
            await asyncio.sleep(max(0.0005, min(0.01, self.start + number / self.rate - time.monotonic())))
        end = time.monotonic() + ANSWER_DEADLINE_S
        while (self.under_way or self.opening) and time.monotonic() < end:
            self.give_up_late()
            await asyncio.sleep(0.01)
        for connection in list(self.under_way.values()):
            connection.finish(f"no answer {time.monotonic() - connection.due:.0f} s after it was due", keep=False)

    def give_up_late(self):
        now = time.monotonic()
        # In the order of sending: the first that is not late ends the look.
        for connection in list(self.under_way.values()):
            if now - connection.due < ANSWER_DEADLINE_S:
                break
            connection.finish(f"no answer within {ANSWER_DEADLINE_S} s", keep=False)

    def report(self):
        by_second = {}
        for due, latency in self.results:
            by_second.setdefault(int(due - self.start), []).append(latency)
        seconds = []
        for second in sorted(by_second):
            good = sorted(latency * 1000 for latency in by_second[second] if latency is not None)
            seconds.append({"second": second, "answered": len(good), "failed": len(by_second[second]) - len(good),
                            "p50_ms": round(good[len(good) // 2], 2) if good else None,
                            "p99_ms": round(good[int(len(good) * 0.99)], 2) if good else None,
                            "max_ms": round(good[-1], 2) if good else None})
        return {"sent": self.sent, "answered": len(self.results) - self.failed, "failed": self.failed,
                "failures": self.failures, "seconds": seconds}


async def main(port, rate, seconds, paths):
    load = Load(port, rate, seconds, paths)
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, lambda: setattr(load, "stopped", True))
    await load.run()
    print(json.dumps(load.report()))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]), sys.argv[4:]))
