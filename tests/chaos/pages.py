"""What an origin sends, and on what terms: every answer is a record that its body and its X-Page field name."""

import dataclasses
import functools
import posixpath
import random
import urllib.parse

PATTERN = random.Random(20260101).randbytes(1 << 22)
LARGEST_BODY = 2 << 20
# What the edge's configuration grants where an answer does not say (edge.py).
DEFAULT_STALE_WHILE_REVALIDATE_S = 1
DEFAULT_STALE_IF_ERROR_S = 6
HEURISTIC_LIFETIME_S = 3600

# The fields by which origins let their answers vary, and which they note of every request.
VARYING = ("accept-language", "accept-encoding", "x-kind", "user-agent", "cookie", "x-forwarded-for", "x-real-ip",
           "x-forwarded-proto", "origin")
NOTED = (*VARYING, "host", "x-forwarded-host", "forwarded", "authorization", "if-none-match", "if-modified-since", "range",
         "x-req", "content-length", "transfer-encoding", "expect", "connection", "via")


@dataclasses.dataclass(frozen=True)
class Terms:
    """Cache-Control as the origin wrote it, and what the oracle reads in it (RFC 9111, RFC 5861)."""

    max_age: int | None = None
    s_maxage: int | None = None
    stale_while_revalidate: int | None = None
    stale_if_error: int | None = None
    words: tuple = ()  # no-cache, no-store, private, public, must-revalidate, proxy-revalidate
    heuristic: bool = False
    age: int = 0  # the Age field

    def text(self):
        parts = list(self.words)
        for name, value in (("max-age", self.max_age), ("s-maxage", self.s_maxage),
                            ("stale-while-revalidate", self.stale_while_revalidate),
                            ("stale-if-error", self.stale_if_error)):
            if value is not None:
                parts.append(f"{name}={value}")
        return ", ".join(parts)

    @property
    def for_one(self):
        return "private" in self.words or "no-store" in self.words

    @property
    def for_authorized(self):
        return "public" in self.words or "must-revalidate" in self.words or self.s_maxage is not None

    @property
    def lifetime_s(self):
        if self.s_maxage is not None:
            return self.s_maxage
        if self.max_age is not None:
            return self.max_age
        return HEURISTIC_LIFETIME_S if self.heuristic else 0

    @property
    def fresh_s(self):
        return 0 if "no-cache" in self.words else max(self.lifetime_s - self.age, 0)

    @property
    def usable_s(self):
        """How long after it was sent it may be shown, stale times included."""
        if {"no-cache", "must-revalidate", "proxy-revalidate"} & set(self.words):
            return self.fresh_s
        revalidate, error = self.stale_while_revalidate, self.stale_if_error
        # The edge's own, beside s-maxage too, but for what came stale: docs/decisions/0006-stale-after-s-maxage.md
        if revalidate is None:
            revalidate = DEFAULT_STALE_WHILE_REVALIDATE_S if self.fresh_s > 0 else 0
        if error is None:
            error = DEFAULT_STALE_IF_ERROR_S if self.fresh_s > 0 else 0
        return max(self.lifetime_s + max(revalidate, error) - self.age, 0)


@dataclasses.dataclass(slots=True)
class Event:
    """The origin said that a record is good: when it first sent it, and with each 304 about it."""

    at: float
    rid: str
    terms: Terms
    vary: tuple
    seen: dict
    for_one: str = ""  # why it is for the requester alone; "" if it may be shared


@dataclasses.dataclass(slots=True)
class Withdrawal:
    """A 304 that forbids keeping the record, or is about another; confirmed once the edge has surely read it."""

    sent: float
    why: str
    confirmed: float = 0.0


@dataclasses.dataclass(slots=True)
class Record:
    id: str
    origin: str
    target: str
    method: str
    rid: str
    status: int
    size: int
    seen: dict
    identity: str
    received: float  # the request, by the origin
    etag: str = ""
    last_modified: str = ""
    events: list = dataclasses.field(default_factory=list)
    withdrawals: list = dataclasses.field(default_factory=list)
    torn: str = ""  # how the origin spoiled it, so that nobody can have it whole; "" if it did not
    ended_early: bool = False  # the connection ended under it
    part: tuple | None = None  # first and last byte, where the origin answered a range itself

    def body(self):
        """The whole representation: it says what it is, and no byte of it is another record's."""
        head = (f"{self.id} {self.target} for={self.rid} who={self.identity or '-'} origin={self.origin} "
                f"lang={self.seen.get('accept-language', '-')} kind={self.seen.get('x-kind', '-')}\n").encode("latin-1")
        if self.size <= len(head):
            return head[:self.size]
        start = hash_of(self.id) % (len(PATTERN) - LARGEST_BODY)
        return head + PATTERN[start:start + self.size - len(head)]

    def sent_body(self):
        body = self.body()
        return body if self.part is None else body[self.part[0]:self.part[1] + 1]


def hash_of(text):
    """FNV-1a: Python's own differs from run to run."""
    value = 2166136261
    for byte in text.encode():
        value = ((value ^ byte) * 16777619) & 0xFFFFFFFF
    return value


@functools.cache
def target_kind(target):
    """By the path as servers see it: decoded, without its dots."""
    path = posixpath.normpath("/" + urllib.parse.unquote(target.split("?")[0]).lstrip("/"))
    return path.strip("/").split("/")[0]


# Pages whose requests no origin ever spoils: whatever else goes on, they must be answered.
CALM_KINDS = ("calm", "vary", "me", "auth", "account")
