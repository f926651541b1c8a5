"""Origins and clients that misbehave by chance before the real program, and an oracle that knows whose page is whose.

    python3 tests/chaos --seconds 600 --seed 7 --program build/asan/tenfold
"""

import argparse
import asyncio
import pathlib
import random
import resource
import sys
import tempfile
import time

from edge import DRAIN_S, Edge
from fate import Fate
from judge import Judge
from ledger import Ledger
from origin import Origin
from villains import Villain
from visitors import Visitor

ROOT = pathlib.Path(__file__).resolve().parents[2]
VISITORS, VILLAINS = 24, 8
LATER_S = 14  # what was begun ends within it: body, stream and idle time-outs of edge.py
GROWTH_ALLOWED_BYTES = 64 << 20
FILES_ALLOWED = 120


class World:
    def __init__(self, options, folder):
        self.seed = options.seed
        self.rate = options.rate
        self.running = True
        self.judging = True
        self.ledger = Ledger(options.seed)
        self.judge = Judge(self.ledger)
        self.origins = [Origin(name, self.ledger, options.seed) for name in "abc"]
        self.edge = Edge(options.program, folder, self.origins)
        self.visitors, self.villains = [], []
        self.resident = []  # (when, bytes)

    @property
    def port(self):
        return self.edge.port

    async def run(self, seconds):
        for origin in self.origins:
            await origin.start()
        self.edge.start()
        try:
            await self.edge.wait_until_ready()
            self.visitors = [Visitor(number, self) for number in range(VISITORS)]
            self.villains = [Villain(number, self) for number in range(VILLAINS)]
            await self.live(seconds)
        finally:
            self.edge.kill()
            for origin in self.origins:
                await origin.stop()

    async def live(self, seconds):
        ledger, edge = self.ledger, self.edge
        beside = [asyncio.ensure_future(ledger.watch_lag()), asyncio.ensure_future(ledger.forget())]
        idle_files = edge.open_files()
        everybody = [asyncio.ensure_future(task) for task in
                     (*(visitor.live() for visitor in self.visitors), *(villain.live() for villain in self.villains), *Fate(self).tasks())]
        await self.watch(seconds, everybody)
        alive = edge.is_running()
        if alive and seconds >= 30:
            await self.settle(everybody, idle_files)
            # The end comes in the middle of things.
            self.running = True
            everybody += [asyncio.ensure_future(visitor.live()) for visitor in self.visitors]
            everybody += [asyncio.ensure_future(villain.live()) for villain in self.villains]
            for origin in self.origins:
                origin.answers.trickles = True
            await asyncio.sleep(3)
        self.judging = False
        if edge.is_running():
            await self.end()
        self.running = False
        for task in [*beside, *everybody]:
            task.cancel()
        await asyncio.gather(*everybody, return_exceptions=True)
        for line in edge.findings():
            ledger.violation("sanitizer or invariant", None, line)

    async def watch(self, seconds, everybody):
        ended = self.ledger.now() + seconds
        told = time.monotonic()
        while self.ledger.now() < ended and self.edge.is_running():
            await asyncio.sleep(0.2)
            if self.edge.is_running():
                self.resident.append((self.ledger.now(), self.edge.resident_bytes()))
            if time.monotonic() - told > 30:
                told = time.monotonic()
                print(f"  {told - self.ledger.began:.0f} s: {self.ledger.counts['requests']} requests, {self.ledger.counts['checked']} "
                      f"checked, {sum(self.ledger.violations.values())} violations, {self.resident[-1][1] >> 20} MiB", flush=True)
            for task in everybody:
                if task.done() and not task.cancelled() and task.exception():
                    raise task.exception()
        if not self.edge.is_running():
            self.ledger.fatal = f"tenfold ended with {self.edge.process.returncode} after {self.ledger.now() - self.ledger.began:.1f} s"
            self.ledger.violation("died", None, self.ledger.fatal)

    async def settle(self, everybody, idle_files):
        """When nobody asks any more, everything that was taken is given back."""
        ledger = self.ledger
        self.running = False
        await asyncio.wait(everybody, timeout=60)
        await asyncio.sleep(LATER_S)
        files = self.edge.open_files()
        if files > idle_files + FILES_ALLOWED:
            ledger.violation("descriptors", None, f"{files} are open, {idle_files} were before")
        _, metrics = await self.edge.api("GET", "/metrics")
        for line in metrics.decode().splitlines():
            name, _, value = line.rpartition(" ")
            if name.split("{")[0] in ("tenfold_cache_waiting", "tenfold_origin_waiting", "tenfold_open_tunnels", "tenfold_origin_server_active") and float(value) != 0:
                ledger.violation("something is left", None, line)
        began = self.resident[0][0]
        length = self.resident[-1][0] - began
        if length < 120:
            return
        middle = max(size for at, size in self.resident if length / 3 < at - began < 2 * length / 3)
        last = max(size for at, size in self.resident if at - began >= 2 * length / 3)
        ledger.counts["MiB resident, second third"] = middle >> 20
        ledger.counts["MiB resident, last third"] = last >> 20
        if last > middle * 1.2 + GROWTH_ALLOWED_BYTES:
            ledger.violation("memory grows", None, f"{middle >> 20} MiB in the second third, {last >> 20} MiB in the last")

    async def end(self):
        ledger, edge = self.ledger, self.edge
        edge.terminate()
        began = ledger.now()
        bound = DRAIN_S + 5
        while edge.is_running() and ledger.now() < began + bound + 3 * ledger.lag_during(began, ledger.now()):
            await asyncio.sleep(0.05)
        ledger.counts["ms to end"] = int((ledger.now() - began) * 1000)
        if edge.is_running():
            ledger.violation("does not end", None, f"{bound} s after SIGTERM")
            edge.kill()
        elif edge.process.returncode != 0:
            ledger.violation("exit code", None, f"{edge.process.returncode} after SIGTERM")

    def summary(self):
        ledger = self.ledger
        if ledger.violations:
            print(f"--- the end of tenfold's log (seed {self.seed})\n{self.edge.tail()}\n---")
        for title, counted in (("faults injected", ledger.injected), ("counted", ledger.counts), ("VIOLATIONS", ledger.violations)):
            if counted:
                print(f"{title}: " + ", ".join(f"{name} {count}" for name, count in sorted(counted.items())))
        print(f"seed {self.seed}, {ledger.now() - ledger.began:.0f} s: {ledger.counts['requests']} requests, {ledger.counts['answers']} answers, "
              f"{ledger.counts['checked']} checked, {sum(ledger.injected.values())} faults injected, "
              f"{sum(ledger.violations.values())} violations")
        return 1 if ledger.violations else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build" / "asan" / "tenfold")
    parser.add_argument("--rate", type=float, default=6.0, help="requests a second of each of the 24 visitors")
    parser.add_argument("--keep", type=pathlib.Path, help="a folder for the configuration and logs, which stay there")
    options = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    print(f"chaos: seed {options.seed}, {options.seconds:.0f} s, {options.program}", flush=True)
    with tempfile.TemporaryDirectory(prefix="tenfold-chaos-") as folder:
        if options.keep:
            options.keep.mkdir(parents=True, exist_ok=True)
            folder = options.keep
        world = World(options, folder)
        asyncio.run(world.run(options.seconds))
        return world.summary()


if __name__ == "__main__":
    sys.exit(main())
