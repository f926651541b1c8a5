"""What the guard keeps in an edge's store: looks into it, and makes customers a day older, as if it had been yesterday."""

import contextlib
import hashlib
import hmac
import ipaddress
import sqlite3
import struct

MASK = (1 << 64) - 1
IPV4_CLIENT = 0xffffffff << 32  # of its number as a client's
HEAD = b"tenfold customers 1\n"
TAG_BYTES = 16


def siphash(key, text, size):
    """SipHash-2-4, of 8 or 16 bytes."""
    low, high = struct.unpack("<QQ", key)
    v = [low ^ 0x736f6d6570736575, high ^ 0x646f72616e646f6d, low ^ 0x6c7967656e657261, high ^ 0x7465646279746573]
    if size == 16:
        v[1] ^= 0xee

    def rotated(number, bits):
        return (number << bits | number >> (64 - bits)) & MASK

    def rounds(count):
        for _ in range(count):
            v[0] = (v[0] + v[1]) & MASK
            v[2] = (v[2] + v[3]) & MASK
            v[1], v[3] = rotated(v[1], 13) ^ v[0], rotated(v[3], 16) ^ v[2]
            v[0] = rotated(v[0], 32)
            v[2] = (v[2] + v[1]) & MASK
            v[0] = (v[0] + v[3]) & MASK
            v[1], v[3] = rotated(v[1], 17) ^ v[2], rotated(v[3], 21) ^ v[0]
            v[2] = rotated(v[2], 32)

    whole = len(text) - len(text) % 8
    last = int.from_bytes(text[whole:], "little") | (len(text) & 0xff) << 56
    for word in [*(number for number, in struct.iter_unpack("<Q", text[:whole])), last]:
        v[3] ^= word
        rounds(2)
        v[0] ^= word
    v[2] ^= 0xee if size == 16 else 0xff
    rounds(4)
    digest = struct.pack("<Q", v[0] ^ v[1] ^ v[2] ^ v[3])
    if size == 16:
        v[1] ^= 0xdd
        rounds(4)
        digest += struct.pack("<Q", v[0] ^ v[1] ^ v[2] ^ v[3])
    return digest


def age_customers(store, secret):
    """`secret`: guard.secret. The edge must have ended."""
    key = hmac.digest(secret.encode(), b"customers of earlier days", hashlib.sha256)[:16]
    head = HEAD + siphash(key, b"which secret", 8)
    with contextlib.closing(sqlite3.connect(store)) as database, database:
        sealed = value(store, "customers")
        assert sealed.startswith(head) and sealed[-TAG_BYTES:] == siphash(key, sealed[:-TAG_BYTES], 16)
        older, content = bytearray(head), sealed[len(head):-TAG_BYTES]
        while content:
            day, count = struct.unpack_from("<iI", content)
            older += struct.pack("<iI", day - 1, count) + content[8:8 + 4 * count]
            content = content[8 + 4 * count:]
        database.execute("UPDATE guard_kept SET value = ? WHERE name = 'customers'",
                         (bytes(older) + siphash(key, bytes(older), 16),))


def value(store, name):
    """None: nothing is kept."""
    with contextlib.closing(sqlite3.connect(store)) as database, contextlib.suppress(sqlite3.OperationalError):
        row = database.execute("SELECT value FROM guard_kept WHERE name = ?", (name,)).fetchone()
        return row and row[0]
    return None


def step_on(store, address):
    """The step that is kept of the measure on that IPv4 address, as a number (3: refused); 0: none is."""
    content = value(store, "measures") or b""
    at = content.find(struct.pack("<Q", IPV4_CLIENT | int(ipaddress.IPv4Address(address))))
    return content[at - 3] if at >= 4 else 0  # before it: level, step, repeats, charge


def lists(store):
    """(list, network) of what the owner has put on lists by the API."""
    with contextlib.closing(sqlite3.connect(store)) as database:
        return database.execute("SELECT list, network FROM guard_lists ORDER BY list").fetchall()
