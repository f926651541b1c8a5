"""The recorded access log as requests, and what an origin answers to each: shared by the replay's client and origin.

Two kinds of answers. Pictures, scripts and the like (/image, /static; a URL whose every GET was answered with 200 or 304)
are cacheable and depend on the URL alone: one size, one ETag; a 304 of the log is a request with If-None-Match. All
else answers as its own line of the log says, which the request names in X-Replay, and is not to be stored. A line with 499
is a client that left: the origin holds its answer back until the client has gone.
"""

import dataclasses
import gzip
import re
import zlib

LINE = re.compile(r'^\S+ \S+ \S+ \[[^]]*\] "(\S+) (\S+) (HTTP/1\.[01])" (\d{3}) (\d+|-) ')
LEFT = 499
CACHEABLE_PREFIXES = ("/image/", "/static/")


@dataclasses.dataclass
class Entry:
    number: int
    method: str
    target: str
    status: int
    size: int
    cacheable: bool = False


def etag_of(target):
    return f'"{zlib.crc32(target.encode("latin-1")):08x}"'


def unescape(text):
    """nginx writes bytes that would end the field as \\xHH."""
    return re.sub(r"\\x([0-9A-Fa-f]{2})", lambda match: chr(int(match.group(1), 16)), text)


def read(path):
    """([Entry in the order of the log], {cacheable target: size})."""
    entries, statuses, sizes = [], {}, {}
    with gzip.open(path, "rt", encoding="latin-1") as lines:
        for number, line in enumerate(lines):
            match = LINE.match(line)
            if not match:
                continue
            method, target, _, status, size = match.groups()
            entry = Entry(number, method, unescape(target), int(status), 0 if size == "-" else int(size))
            entries.append(entry)
            if entry.status != LEFT:
                statuses.setdefault(entry.target, set()).add((method, entry.status))
            if entry.status == 200 and method == "GET":
                sizes.setdefault(entry.target, entry.size)
    cacheable = {target for target, seen in statuses.items()
                 if target.startswith(CACHEABLE_PREFIXES) and seen <= {("GET", 200), ("GET", 304)}}
    for entry in entries:
        entry.cacheable = entry.target in cacheable and entry.method == "GET" and entry.status != LEFT
        if entry.cacheable:
            entry.size = sizes.get(entry.target, 1000)
    return entries, {target: sizes.get(target, 1000) for target in cacheable}
