"""Strangers that want a costly page, each from an address of its own in 127.0.0.0/8; they keep to their rate whatever they get."""

import asyncio
import contextlib
import random
import threading

ANSWER_TIMEOUT_S = 20
USUAL_RATE = 150  # a second


class Flood:
    """Runs on a thread of its own until it is stopped."""

    def __init__(self, port, rate=USUAL_RATE, path="/search?q=", seed=1, source=None):
        """`source`: one address for all of it."""
        self.statuses = {}
        self._port, self._rate, self._path, self._source = port, rate, path, source
        self._random = random.Random(seed)
        self._ending = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._send()))
        self._thread.start()

    def stop(self):
        self._ending.set()
        self._thread.join()

    async def _send(self):
        loop = asyncio.get_running_loop()
        began, sent, under_way = loop.time(), 0, set()
        while not self._ending.is_set():
            task = loop.create_task(self._ask(sent))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
            sent += 1
            await asyncio.sleep(max(0, began + sent / self._rate - loop.time()))
        await asyncio.gather(*under_way)

    async def _ask(self, number):
        source = self._source or f"127.{self._random.randrange(16, 250)}.{self._random.randrange(256)}.{self._random.randrange(1, 255)}"
        with contextlib.suppress(OSError, asyncio.TimeoutError):
            reader, writer = await asyncio.wait_for(
                asyncio.open_connection("127.0.0.1", self._port, local_addr=(source, 0)), ANSWER_TIMEOUT_S)
            with contextlib.closing(writer):
                writer.write(f"GET {self._path}{number} HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n".encode())
                answer = await asyncio.wait_for(reader.read(), ANSWER_TIMEOUT_S)
                status = int(answer[9:12] or 0)
                self.statuses[status] = self.statuses.get(status, 0) + 1
