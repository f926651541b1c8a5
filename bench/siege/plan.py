"""Who comes when, drawn from a seed: customers and attackers, for every contender alike. Pure."""

import dataclasses
import ipaddress
import random

PAGES = 6
THINKS = PAGES - 1
PAGE_S = 0.1  # what a page takes at a shop that is not busy, with its click: for when a visit would have ended
SIXTEENS = 64  # networks of 65,536 addresses that customers and attackers come from alike
V6 = int(ipaddress.IPv6Address("2001:db8::"))  # a /32, for documentation: routed to loopback in the run's own namespace
SHARED_SHARE = 0.10  # of the customers, behind one address: an office, a mobile provider


@dataclasses.dataclass(frozen=True)
class Timing:
    """Phases of a run, in seconds. `earlier`: returning customers' earlier visits; then `calm`: the usual arrivals; then the
    siege, of which the last `settle` are for those whom it delayed: a visit counts if it would have ended before them."""
    earlier_s: float = 5
    calm_s: float = 10
    siege_s: float = 25
    settle_s: float = 5

    @property
    def siege_at_s(self):
        return self.earlier_s + self.calm_s

    @property
    def end_s(self):
        return self.siege_at_s + self.siege_s


@dataclasses.dataclass(frozen=True)
class Crowd:
    """The customers. Shares are of all of them."""
    per_s: float = 20
    rush: float = 1  # times as many from the siege's beginning on
    returning: float = 0.30  # of those who come after the earlier visits
    no_script: float = 0.05
    app: float = 0.05
    searching: float = 0.20
    think_mean_s: float = 2.0
    think_most_s: float = 8.0
    v6: float = 0  # over IPv6, each from a /64 of its own
    phones: float = 0.30  # browsers that solve slowly
    hashes_per_s: float = 300_000
    phone_hashes_per_s: float = 70_000


class Addresses:
    """Where clients come from: customers and attackers from the same networks."""

    def __init__(self, rng):
        self.rng = rng
        self.seconds = rng.sample(range(1, 255), SIXTEENS)
        self.forties = rng.sample(range(256), SIXTEENS)  # /40s of V6
        self.taken = set()

    def one(self):
        """An address that nobody else has, as a number."""
        while True:
            second, third, fourth = self.rng.choice(self.seconds), self.rng.randrange(256), self.rng.randrange(1, 255)
            address = 127 << 24 | second << 16 | third << 8 | fourth
            if address not in self.taken:
                self.taken.add(address)
                return address

    def one_v6(self):
        """An address in a /64 that nobody else has, as text."""
        return self.v6_in(self.rng.choice(self.forties) << 24 | self.rng.randrange(2**24))

    def v6_in(self, sixty_four):
        """An address of the /64 of that number below V6."""
        return str(ipaddress.IPv6Address(V6 | sixty_four << 64 | self.rng.getrandbits(63) | 1))

    def v6_of_prefix(self, count, bits):
        """`count` addresses, each in another /64 of one network of that length."""
        room = 64 - bits
        base = self.rng.randrange(2**32) >> room << room
        return [self.v6_in(base + number) for number in self.rng.sample(range(2**room), min(count, 2**room))]

    def some(self, count):
        return [self.one() for _ in range(count)]

    def of_prefix(self, count, bits):
        """`count` addresses of one network of that length."""
        base = self.one() >> (32 - bits) << (32 - bits)
        room = range(base + 1, base + 2 ** (32 - bits) - 1)
        return self.rng.sample(room, min(count, len(room)))


def arrivals(rng, from_s, to_s, per_s):
    """Moments of a Poisson process."""
    moments, at = [], from_s
    while per_s > 0:
        at += rng.expovariate(per_s)
        if at >= to_s:
            break
        moments.append(at)
    return moments


def customers(rng, timing, crowd, addresses):
    """The visits by time, each a dict as the driver reads it."""
    moments = arrivals(rng, timing.earlier_s, timing.siege_at_s, crowd.per_s)
    moments += arrivals(rng, timing.siege_at_s, timing.end_s, crowd.per_s * crowd.rush)
    shared = addresses.one()
    return [one_customer(rng, at_s, timing, crowd, addresses, shared) for at_s in moments]


def one_customer(rng, at_s, timing, crowd, addresses, shared):
    draw = rng.random()
    kind = "no_script" if draw < crowd.no_script else "app" if draw < crowd.no_script + crowd.app else "browser"
    visit = {
        "at_s": round(at_s, 4),
        "kind": kind,
        "address": shared if rng.random() < SHARED_SHARE else addresses.one(),
        "searches": rng.random() < crowd.searching,
        "hashes_per_s": crowd.phone_hashes_per_s if rng.random() < crowd.phones else crowd.hashes_per_s,
        "think_s": [round(min(rng.expovariate(1 / crowd.think_mean_s), crowd.think_most_s), 3) for _ in range(THINKS)],
        "seed": rng.getrandbits(63),
    }
    # Drawn also where it is not used, so that one customer's luck does not move the others'.
    returning, earlier_at_s, ordered = rng.random() < crowd.returning, rng.random(), rng.random() < 0.5
    if returning:
        visit["earlier_at_s"] = round(earlier_at_s * (timing.earlier_s - 1), 3)
        visit["earlier_order"] = ordered
    visit["shared"] = visit["address"] == shared
    if rng.random() < crowd.v6 and not visit["shared"]:
        visit["address"] = addresses.one_v6()
    return visit


def planned_end_s(visit):
    """When the visit would end at a shop that is not busy."""
    return visit["at_s"] + sum(visit["think_s"]) + PAGES * PAGE_S


def counts(visit, timing):
    """Whether its order is one that the siege could have cost, and that there was time for."""
    return timing.siege_at_s < planned_end_s(visit) <= timing.end_s - timing.settle_s


def wave_sources(wave, addresses, visits):
    if wave.v6_bits:
        return addresses.v6_of_prefix(int(wave.per_s * wave.length_s * 1.2) if wave.sources == "each" else wave.sources, wave.v6_bits)
    if wave.sources == "each":
        return addresses.some(int(max(wave.per_s, wave.per_s_at_end or 0) * wave.length_s * 1.2) + 10)
    if wave.sources == "customers":
        return sorted({visit["address"] for visit in visits})
    if wave.prefix_bits:
        return addresses.of_prefix(wave.sources, wave.prefix_bits)
    return addresses.some(wave.sources)


def scenario(row, seed, timing, shop, targets, most_connections=30_000):
    """All that the driver needs. `shop`: {"categories", "products", "words"}; `targets`: {"target"} and what else there is of
    "target_v6" and "tls_target"."""
    addresses = Addresses(random.Random(f"addresses {seed}"))
    visits = customers(random.Random(f"customers {seed}"), timing, row.crowd, addresses)
    waves = []
    for number, wave in enumerate(row.waves(timing)):
        wave_rng = random.Random(f"wave {number} {seed}")
        waves.append(wave.for_driver(timing) | {"sources": wave_sources(wave, addresses, visits), "seed": wave_rng.getrandbits(63)})
    return {"siege_at_s": timing.siege_at_s, "end_s": timing.end_s, "most_connections": most_connections,
            "visits": visits, "waves": waves} | shop | targets
