"""What a log says of a shop's traffic, and what a server's log says of the same traffic played: the figures that must agree.

Both are taken from lines, neither looks into the model. Shared by tests/system/test_fidelity.py and bench/rehearse.
"""

import calendar
import collections
import gzip
import json
import math
import re
import time

from .nginx import NginxOrigin

SESSION_GAP_S = 1800
SHORTEST_PAUSE_S = 5  # Between requests of a visitor: from here on a person reads; below, a browser loads.
LINE = re.compile(r'^(\S+) \S+ \S+ \[([^] ]*) [^]]*\] "\S+ (\S+) [^"]*" (\d+) \S+ "[^"]*" "([^"]*)')

# Every path is one file, with its validators; a form gets it, too.
LOCATIONS = """
    location / { access_log played.log played; try_files /any.html =404; root %(folder)s/files; error_page 405 =200 /any.html; }
"""
FORMAT = "log_format played '$msec\\t$remote_addr\\t$status\\t$request_uri\\t$http_user_agent';"


def without_sizes(model):
    """Takes out of a model how large its answers are: AnyShop's are all alike, and a rehearsal would say so."""
    edited = json.loads(model.read_text())
    for template in edited["templates"]:
        for size in ("mean_bytes", "least_bytes", "low_bytes"):
            template.pop(size, None)
    model.write_text(json.dumps(edited))


class AnyShop(NginxOrigin):
    """nginx that has every page, and remembers who asked for what when."""

    def __init__(self, folder, name="any-shop"):
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__(name, folder, locations=LOCATIONS % {"folder": folder}, http=FORMAT)
        self.write_file("any.html", b"x" * 2000)

    def entries(self):
        """[(moment, visitor, status, target)], the health checks of nobody among them."""
        with open(self.folder / "played.log", encoding="latin-1") as lines:
            for line in lines:
                moment, client, status, target, agent = line.rstrip("\n").split("\t", 4)
                yield float(moment), (client, agent), int(status), target


def logged_entries(path):
    with gzip.open(path, "rt", encoding="latin-1") as lines:
        for line in lines:
            match = LINE.match(line)
            if match:
                client, stamp, target, status, agent = match.groups()
                yield seconds_of(stamp), (client, agent), int(status), target


_stamps = {}


def seconds_of(stamp):
    if stamp not in _stamps:
        _stamps[stamp] = calendar.timegm(time.strptime(stamp, "%d/%b/%Y:%H:%M:%S"))
    return _stamps[stamp]


def group_of(target):
    """Requests of a kind, told by the beginning of the path: "/m/filter", "/image"."""
    parts = target.split("?", 1)[0].split("/")
    return "/".join(parts[:3] if len(parts) > 2 and parts[1] in ("m", "static", "site") else parts[:2])


class Figures:
    """Of all entries from `begin` on for `length_s`. Pauses are counted as the log does, in whole seconds."""

    def __init__(self, entries, begin=None, length_s=None):
        self.by_group = collections.Counter()
        self.by_visitor = collections.defaultdict(collections.Counter)  # of each group; None: all requests; 304: those
        self.requests = self.not_modified = self.sessions = 0
        self.pauses, self.lengths = [], []
        visits = {}
        first = last = None
        for moment, visitor, status, target in sorted(entries, key=lambda entry: entry[0]):
            if begin is not None and not begin <= moment < begin + length_s:
                continue
            moment = int(moment)
            first = moment if first is None else first
            last = moment
            self.requests += 1
            self.not_modified += status == 304
            group = group_of(target)
            self.by_group[group] += 1
            self.by_visitor[group][visitor] += 1
            self.by_visitor[None][visitor] += 1
            self.by_visitor[304][visitor] += status == 304
            before, count = visits.get(visitor, (None, 0))
            if before is not None and moment - before > SESSION_GAP_S:
                self.lengths.append(count)
                count = 0
            if count == 0:
                self.sessions += 1
            elif moment - before >= SHORTEST_PAUSE_S:
                self.pauses.append(moment - before)
            visits[visitor] = (moment, count + 1)
        self.lengths += [count for _, count in visits.values()]
        self.seconds = length_s or last - first + 1
        self.pauses.sort()
        self.lengths.sort()

    def most_by_one(self, group):
        """The share of the visitor who made the most of these requests: how much is one person's chance."""
        return self.by_visitor[group].most_common(1)[0][1] / self.by_group[group]

    def chance(self, group=None):
        """The standard deviation of a count, as a share of it, where visitors come and go independently of each other: a compound
        Poisson sum, whose variance is that of each one's own count, squared (how a count per visitor is spread counts in). None:
        of all requests; 304: of those answered so. Visits drawn evenly, as Tenfold's are, have less."""
        counts = self.by_visitor[group].values()
        return math.sqrt(sum(count * count for count in counts)) / max(1, sum(counts))

    def per_s(self, group):
        return self.by_group[group] / self.seconds


def quantile(ordered, share):
    return ordered[int(share * (len(ordered) - 1))]
