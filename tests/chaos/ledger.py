"""What happened: requests, records, faults, purges, and the violations that follow from them."""

import asyncio
import collections
import dataclasses
import time

SHOWN_OF_EACH_KIND = 3


@dataclasses.dataclass(slots=True)
class Request:
    rid: str
    method: str
    target: str
    address: str
    fields: list  # (name, value) as sent
    expected: dict  # what the origin sees of them: name in lower case -> value; ANY where it may be either
    scheme: str = "http"
    identity: str = ""
    honest: bool = True
    has_body: bool = False
    digest: str = ""
    slow: bool = False
    note: str = ""
    began: float = 0.0
    turn: float = 0.0  # when the one before it on the same connection was answered
    host: str = "shop.example"

    def field(self, name):
        return next((value for key, value in self.fields if key.lower() == name), None)


ANY = object()


def url_of(request):
    """As the cache's keys have it."""
    return f"{request.scheme}://{request.host.lower().removesuffix(':80')}{request.target}"


@dataclasses.dataclass(slots=True)
class Fault:
    kind: str
    began: float
    ended: float = float("inf")


class Ledger:
    def __init__(self, seed):
        self.seed = seed
        self.began = time.monotonic()
        self.requests = {}  # rid -> Request
        self.records = {}  # X-Page -> Record
        self.by_etag = {}
        self.by_last_modified = {}
        self.answers_304 = {}  # rid -> [(time, cookie or "", etag, last modified)]
        self.faults = collections.defaultdict(collections.deque)  # target -> its latest
        self.server_faults = collections.defaultdict(list)  # origin -> its own: down, hanging
        self.outages = []  # none of the origins could answer
        self.purges = collections.defaultdict(list)  # URL -> (sent, acknowledged)
        self.prefix_purges = []
        self.violations = collections.Counter()
        self.counts = collections.Counter()
        self.injected = collections.Counter()
        self.lags = collections.deque()  # (when, how long) this program was not run
        self.fatal = ""
        self.sequence = 0

    def now(self):
        return time.monotonic()

    def next_id(self, prefix):
        self.sequence += 1
        return f"{prefix}{self.sequence}"

    # --- faults ---

    def fault(self, target, kind):
        fault = Fault(kind, self.now())
        self.injected[kind] += 1
        list_of = self.faults[target]
        list_of.append(fault)
        while len(list_of) > 60:
            list_of.popleft()
        return fault

    def server_fault(self, origin, kind):
        fault = Fault(kind, self.now())
        self.injected[f"origin {kind}"] += 1
        self.server_faults[origin].append(fault)
        return fault

    def faults_during(self, target, began, ended, hold_s=0.5):
        """Those that spoil an answer; a 5xx is an answer."""
        return [fault.kind for fault in self.faults.get(target, ())
                if fault.kind != "5xx" and fault.began <= ended and fault.ended + hold_s >= began]

    def failed_lately(self, target, began, ended):
        """Anything at all that makes an edge take what is stale."""
        return (any(fault.began <= ended and fault.ended >= began for fault in self.faults.get(target, ()))
                or self.server_faults_during(began, ended) or self.outage_during(began, ended))

    def server_faults_during(self, began, ended, origin=None):
        names = [origin] if origin else list(self.server_faults)
        return [f"{name} {fault.kind}" for name in names for fault in self.server_faults[name]
                if fault.began <= ended and fault.ended >= began]

    def outage_during(self, began, ended):
        return any(outage.began <= ended and outage.ended + 2.0 >= began for outage in self.outages)

    # --- purges ---

    def purged(self, url, sent, acknowledged):
        self.purges[url].append((sent, acknowledged))
        del self.purges[url][:-50]

    def purged_prefix(self, prefix, sent, acknowledged):
        self.prefix_purges.append((prefix, sent, acknowledged))
        del self.prefix_purges[:-100]

    def purge_before(self, url, moment):
        """When the latest purge was sent that was acknowledged before the moment; 0: none."""
        latest = max((sent for sent, done in self.purges.get(url, ()) if done < moment), default=0.0)
        for prefix, sent, done in self.prefix_purges:
            if done < moment and url.startswith(prefix):
                latest = max(latest, sent)
        return latest

    # --- our own slowness ---

    async def forget(self):
        """What nobody can name any more."""
        while True:
            await asyncio.sleep(10)
            before = self.now() - 150
            for rid, request in list(self.requests.items()):
                if request.began == 0.0 or request.began > before:
                    break
                del self.requests[rid]
                self.answers_304.pop(rid, None)
            for name, record in list(self.records.items()):
                if record.received > before:
                    break
                if record.events[-1].at + record.events[-1].terms.usable_s < before:
                    del self.records[name]
                    self.by_etag.pop(record.etag.removeprefix("W/"), None)
                    self.by_last_modified.pop(record.last_modified, None)

    async def watch_lag(self):
        step = 0.05
        while True:
            before = self.now()
            await asyncio.sleep(step)
            late = self.now() - before - step
            if late > 0.1:
                self.lags.append((before, late))
            while self.lags and self.lags[0][0] < self.now() - 120:
                self.lags.popleft()

    def lag_during(self, began, ended):
        return sum(late for at, late in self.lags if at + late >= began and at <= ended)

    # --- violations ---

    def violation(self, kind, request, said, answer=None, record=None):
        self.violations[kind] += 1
        if self.violations[kind] > SHOWN_OF_EACH_KIND:
            return
        lines = [f"VIOLATION ({kind}) at {self.now() - self.began:.2f} s, seed {self.seed}", f"  oracle: {said}"]
        if request is not None:
            fields = "; ".join(f"{name}: {value[:80]}" for name, value in request.fields)
            lines.append(f"  request: {request.rid} {request.method} {request.target} from {request.address} "
                         f"at {request.began - self.began:.2f} s [{request.note}] {fields}")
        if answer is not None:
            lines.append(f"  answer: {answer.describe()}")
        if record is not None:
            events = "; ".join(f"{event.at - self.began:.2f} s for {event.rid}: {event.terms.text()} vary={','.join(event.vary)}"
                               f"{' ' + event.for_one if event.for_one else ''}" for event in record.events[-4:])
            gone = "; ".join(f"{w.sent - self.began:.2f} s {w.why}" for w in record.withdrawals[-3:])
            lines.append(f"  record: {record.id} {record.status} {record.target} for {record.rid} ({record.identity}) "
                         f"etag={record.etag} torn={record.torn or 'no'} events: {events} withdrawn: {gone or 'never'}")
        print("\n".join(lines), flush=True)
