"""Those who wait in the waiting room before somebody: each from a network of its own, asking when it is told to."""

import asyncio
import contextlib
import dataclasses
import re
import threading
import time

from .raw import fields_of

ANSWER_TIMEOUT_S = 20
BETWEEN_JOINS_S = 0.02  # the room counts by second of joining: who comes at one moment is told one place


@dataclasses.dataclass
class Waiter:
    source: str
    place: str = ""        # its cookie, name=value
    told: list = dataclasses.field(default_factory=list)  # (monotonic, how many are ahead), each time that it asked
    entered_at: float = 0  # monotonic; 0: it waits

    @property
    def has_place(self):
        """Who joins has one from the second time on that it asks."""
        return len(self.told) > 1


class Crowd:
    """Runs on a thread of its own until all are in, or it is stopped."""

    def __init__(self, port, count, first_network=0):
        self.waiters = [Waiter(f"127.{1 + number // 250}.{number % 250}.1") for number in range(first_network, first_network + count)]
        self._port = port
        self._ending = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._wait()))
        self._thread.start()

    def entered_between(self, begin, end):
        return sum(1 for waiter in self.waiters if begin < waiter.entered_at <= end)

    def waiting(self):
        return [waiter for waiter in self.waiters if not waiter.entered_at]

    def stop(self):
        self._ending.set()
        self._thread.join()

    async def _wait(self):
        await asyncio.gather(*(self._stand(waiter, number * BETWEEN_JOINS_S) for number, waiter in enumerate(self.waiters)))

    async def _stand(self, waiter, joins_after_s):
        await self._rest(joins_after_s)
        while not self._ending.is_set():
            with contextlib.suppress(OSError, asyncio.TimeoutError, asyncio.IncompleteReadError):
                status, fields = await asyncio.wait_for(self._ask(waiter), ANSWER_TIMEOUT_S)
                if status == 303:
                    waiter.entered_at = time.monotonic()
                    return
                ahead = re.search(r"ahead=(\d+)", fields["tenfold-queue"])
                waiter.told.append((time.monotonic(), int(ahead.group(1))))
                waiter.place = re.search(r"tenfold_place=[^;]+", fields["set-cookie"]).group()
                await self._rest(int(fields["retry-after"]))
                continue
            await self._rest(1)  # the edge is not there

    async def _rest(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self._ending.is_set():
            await asyncio.sleep(0.05)

    async def _ask(self, waiter):
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port, local_addr=(waiter.source, 0))
        with contextlib.closing(writer):
            cookie = f"Cookie: {waiter.place}\r\n" if waiter.place else ""
            writer.write(f"GET /.tenfold/wait?to=/cart HTTP/1.1\r\nHost: shop.example\r\nAccept: application/json\r\n{cookie}"
                         "Connection: close\r\n\r\n".encode())
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            return int(head[0].split(" ")[1]), fields_of(head[1:])
