"""The rows of the table: what the shop is put through. Each is a crowd of customers and waves of an attack."""

import dataclasses
import math
from collections.abc import Callable

import plan


@dataclasses.dataclass(frozen=True)
class Wave:
    """Requests of one sort at a planned rate. Times are seconds after the siege's beginning; `length_s` None: to its end."""
    what: str  # a Vector of driver/scenario.hpp
    per_s: float
    sources: int | str = 2000  # so many; "each": a new one for each request; "customers": the customers' own addresses
    start_s: float = 0
    length_s: float = math.inf
    per_s_at_end: float | None = None  # a ramp
    cookies: str = "none"  # or "kept", "farmed"
    solving: float = 0  # share of the sources that solve challenges
    farmed: int = 0  # sets of cookies got before the siege
    keep_alive: bool = True
    prefix_bits: int = 0  # the sources lie in one network of that length
    v6_bits: int = 0  # the sources are IPv6, each in another /64 of one network of that length
    timeout_s: float = 10

    def for_driver(self, timing):
        from_s = timing.siege_at_s + self.start_s
        made = {"name": self.what, "what": self.what, "from_s": from_s, "to_s": min(from_s + self.length_s, timing.end_s),
                "per_s": self.per_s, "cookies": self.cookies, "solving": self.solving, "farmed": self.farmed,
                "keep_alive": self.keep_alive, "timeout_s": self.timeout_s, "in_turn": self.sources == "each"}
        if self.per_s_at_end is not None:
            made["per_s_at_end"] = self.per_s_at_end
        return made


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    words: str
    waves: Callable = lambda timing: []  # (Timing) -> [Wave]
    crowd: plan.Crowd = plan.Crowd()
    siege_s: float = 0  # where a row needs more time than others; 0: as all
    earlier_s: float = 0  # where more have been here before, whose visits of earlier days must not be a rush; 0: as all
    shop_times: tuple = ()  # of the shop's workers, where they are others than usual
    tool: Callable | None = None  # (port, siege_s) -> a command that attacks as well

    @property
    def needs_v6(self):
        return self.crowd.v6 > 0

    def timing(self, usual):
        others = {"siege_s": self.siege_s, "earlier_s": self.earlier_s}
        return dataclasses.replace(usual, **{name: value for name, value in others.items() if value})


def bounded(wave, timing):
    """With its length in this run, where it goes on to the end."""
    return dataclasses.replace(wave, length_s=min(wave.length_s, timing.siege_s - wave.start_s))


def row(name, words, *waves, **more):
    return Row(name, words, lambda timing: [bounded(wave, timing) for wave in waves], **more)


def slowhttptest(mode):
    """The program of that name, with its own defaults for what is slow: 4,000 connections from one address."""
    return lambda port, siege_s: ["slowhttptest", mode, "-c", "4000", "-r", "400", "-l", str(round(siege_s)), "-i", "5", "-x", "10",
                                  "-w", "10", "-y", "20", "-n", "5", "-z", "32", "-k", "3", "-p", "5", "-u", f"http://127.0.0.1:{port}/"]


def bursts(what, per_s, length_s, every_s):
    """Short and dense, with pauses in which a limiter may take breath."""
    return lambda timing: [Wave(what, per_s, start_s=start, length_s=length_s)
                           for start in range(0, math.floor(timing.siege_s - length_s), every_s)]


SOLVERS = 0.1  # share of the sources
RUSH = plan.Crowd(rush=10)
LONG_S = 45

ROWS = [
    row("calm", "No attack"),
    row("heavy", "Few heavy sources: 1,000 searches/s from 20 addresses", Wave("search", 1000, sources=20)),
    row("searches", "Many light sources: 1,000 searches/s from 2,000 addresses", Wave("search", 1000)),
    row("random", "1,500/s of /?random from 2,000 addresses", Wave("random_query", 1500)),
    row("imitators", "1,500/s that walk like customers, without keeping cookies", Wave("walk", 1500)),
    row("imitators_cookies", "1,500/s that walk like customers and keep cookies", Wave("walk", 1500, cookies="kept")),
    row("solvers", "The same, and a tenth of the sources solve challenges", Wave("walk", 1500, cookies="kept", solving=SOLVERS)),
    row("farmed", "1,500/s that walk, with the cookies of 50 visits made before, shared by 2,000 addresses that solve challenges",
        Wave("walk", 1500, cookies="farmed", farmed=50, solving=1)),
    row("one_shot", "1,000 searches/s, a new address for each", Wave("search", 1000, sources="each", keep_alive=False)),
    row("carpet", "1,000 searches/s from all over one /20", Wave("search", 1000, sources=4000, prefix_bits=20)),
    row("rotating_64", "1,000 searches/s, each from another /64 of one /48; half of the customers over IPv6",
        Wave("search", 1000, sources="each", v6_bits=48, keep_alive=False), crowd=plan.Crowd(v6=0.5)),
    row("pulses", "Pulses of 10 s with pauses of 5 s: searches, /?random, walkers", Wave("search", 1000, length_s=10),
        Wave("random_query", 1500, start_s=15, length_s=10), Wave("walk", 1500, start_s=30, length_s=10), siege_s=LONG_S),
    row("ramp", "Searches that rise slowly from 10/s to 1,000/s", Wave("search", 10, per_s_at_end=1000), siege_s=LONG_S),
    Row("limiter", "Bursts of 0.4 s every 2 s, 2,500 searches/s, at the limiter", bursts("search", 2500, 0.4, 2)),
    row("hoarding", "1,000/s that put nine of something into a cart, and keep it", Wave("cart", 1000, cookies="kept")),
    row("forms", "500/s sign in and 500/s send an empty order", Wave("login", 500), Wave("checkout", 500)),
    row("pictures", "1,500/s pictures in ever new variants, at 20 ms each", Wave("picture", 1500), shop_times=("picture=20ms",)),
    row("slow_heads", "400/s connections whose request never ends", Wave("slow_head", 400)),
    row("slow_bodies", "400/s forms that come a byte a second", Wave("slow_body", 400)),
    row("slow_readers", "200/s that ask for a hundred pages and hardly take them", Wave("slow_read", 200)),
    row("slowhttptest_heads", "slowhttptest: 4,000 slow heads from one address", tool=slowhttptest("-H")),
    row("slowhttptest_bodies", "slowhttptest: 4,000 slow bodies from one address", tool=slowhttptest("-B")),
    row("slowhttptest_readers", "slowhttptest: 4,000 slow readers from one address", tool=slowhttptest("-X")),
    row("handshakes", "500 TLS handshakes a second and nothing else", Wave("tls_handshake", 500)),
    row("websockets", "1,000/s that ask for a WebSocket", Wave("upgrade", 1000)),
    row("tokens", "1,000 searches/s, with 500/s wrong answers to challenges, 500/s replays of a right one and 500/s made-up places",
        Wave("search", 1000), Wave("clear_wrong", 500), Wave("clear_replay", 500), Wave("place", 500)),
    row("crawlers", "1,500/s that say they are Googlebot", Wave("crawler", 1500)),
    row("rush", "Ten times the customers, no attack", crowd=RUSH, earlier_s=40),
    row("rush_attack", "Five times the customers, and 1,000 searches/s among them", Wave("search", 1000), crowd=plan.Crowd(rush=5), earlier_s=25),
    row("shared", "1,000 searches/s from the customers' own addresses", Wave("search", 1000, sources="customers")),
]


def named(names):
    """The rows of these names, in the table's order; all for none. KeyError for a name that there is not."""
    table = {each.name: each for each in ROWS}
    for name in names:
        table[name]  # pylint: disable=pointless-statement
    return [each for each in ROWS if not names or each.name in names]
