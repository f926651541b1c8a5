"""A long siege of all sorts at once: whether what the edge holds stays as large as it is."""

import contextlib
import statistics
import threading
import time

import plan
from rows import SOLVERS, Wave, row

EVERY_S = 5
FLAT = 1.05  # the last quarter's median over the second's: in the first the edge learns

SOURCES = 300  # of each sort: with more, the connections that they keep are more than a process may have

ROW = row("soak", "All sorts at once, for long",
          *(Wave(what, per_s, sources=SOURCES, cookies=cookies, solving=solving) for what, per_s, cookies, solving in (
              ("search", 300, "none", 0), ("random_query", 200, "none", 0), ("walk", 300, "kept", SOLVERS), ("crawler", 50, "none", 0),
              ("clear_wrong", 50, "none", 0), ("clear_replay", 50, "none", 0), ("place", 50, "none", 0), ("cart", 50, "kept", 0),
              ("login", 20, "none", 0), ("slow_head", 20, "none", 0), ("slow_body", 20, "none", 0), ("slow_read", 2, "none", 0),
              ("upgrade", 50, "none", 0), ("tls_handshake", 20, "none", 0))))


def timing(minutes):
    return plan.Timing(siege_s=minutes * 60)


class Watch:
    """Looks at what a contender holds, every few seconds as long as the context lasts."""

    def __init__(self):
        self.samples = []  # (seconds since the beginning, MiB)

    @contextlib.contextmanager
    def over(self, contender):
        done, began = threading.Event(), time.monotonic()

        def look():
            while not done.wait(EVERY_S):
                self.samples.append((time.monotonic() - began, contender.resident_bytes() / 2**20))

        thread = threading.Thread(target=look)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


def quarters(samples):
    """The median of each quarter of the time, in MiB."""
    end = samples[-1][0]
    return [statistics.median(mib for at, mib in samples if number * end / 4 <= at <= (number + 1) * end / 4) for number in range(4)]


def words(samples):
    held = quarters(samples)
    verdict = "flat" if held[3] <= FLAT * held[1] else f"NOT FLAT: it has grown by {held[3] / held[1] - 1:.0%} since the second quarter"
    return (f"memory over {samples[-1][0] / 60:.0f} minutes, by quarters: {', '.join(f'{mib:.0f}' for mib in held)} MiB, "
            f"at most {max(mib for _, mib in samples):.0f} MiB: {verdict}")
