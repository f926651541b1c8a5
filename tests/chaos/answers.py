"""What an origin answers, by seeded chance: statuses, terms, validators, and 304s good and bad."""

import dataclasses
import time

from pages import CALM_KINDS, LARGEST_BODY, VARYING, Event, Record, Terms, Withdrawal, hash_of, target_kind

FAULTS = ("reset before head", "closed before head", "reset in head", "torn body", "reset in body", "bad chunk",
          "stall before head", "stall in body", "trickle", "flood of 103", "head too large", "bare LF", "garbage",
          "two lengths", "unasked 101")
# Those that take long are rarer: clients that wait are clients that do not ask.
FAULT_WEIGHTS = (4, 3, 3, 5, 5, 3, 1, 1, 1, 1, 2, 3, 2, 2, 2)
FAULT_SHARE = {"page": 0.12, "valid": 0.06, "big": 0.08, "img": 0.05, "range": 0.05, "post": 0.12, "ws": 0.2}


@dataclasses.dataclass
class Plan:
    status: int
    fields: list
    record: Record | None = None  # None: a 304, or nothing that a body goes with
    framing: str = "length"  # length, chunked, close
    fault: str = ""
    withdrawal: Withdrawal | None = None
    rid: str = ""
    drip: bool = False


def http_date(offset_s=0.0):
    return time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + offset_s))


def wild_terms(rng):
    some = lambda low, high, share: rng.randint(low, high) if rng.random() < share else None  # noqa: E731
    kind = rng.random()
    if kind < 0.36:
        words = ("public",) if rng.random() < 0.3 else ()
        return Terms(max_age=rng.randint(0, 4), stale_while_revalidate=some(0, 3, 0.5), stale_if_error=some(0, 5, 0.4),
                     words=words, age=rng.choice((0, 0, 0, 1)))
    if kind < 0.48:
        return Terms(s_maxage=rng.randint(1, 4), max_age=some(0, 60, 0.5), stale_while_revalidate=some(0, 3, 0.4))
    if kind < 0.56:
        return Terms(words=("no-cache",), max_age=some(0, 60, 0.3))
    if kind < 0.64:
        return Terms(words=("no-store",), max_age=some(0, 60, 0.5))
    if kind < 0.72:
        return Terms(words=("private",), max_age=60)
    if kind < 0.82:
        return Terms(max_age=rng.randint(0, 2), words=(rng.choice(("must-revalidate", "proxy-revalidate")),))
    if kind < 0.92:
        return Terms(max_age=30, stale_if_error=some(0, 30, 0.5))
    return Terms()


def calm_terms(rng):
    if rng.random() < 0.1:
        return Terms(words=("no-store",))
    return Terms(max_age=rng.randint(1, 3), stale_while_revalidate=rng.choice((None, 0, 2)), stale_if_error=rng.choice((None, 4)))


def me_terms(rng):
    return rng.choice((Terms(words=("private",)), Terms(words=("private",), max_age=60), Terms(words=("no-store",), max_age=60),
                       Terms(max_age=60), Terms(max_age=60, words=("public",))))


def auth_terms(rng):
    return rng.choice((Terms(max_age=20), Terms(max_age=3, words=("public",)), Terms(s_maxage=3),
                       Terms(max_age=3, words=("must-revalidate",)), Terms(words=("private",))))


def terms_for(kind, rng):
    if kind == "calm":
        return calm_terms(rng)
    if kind == "vary":
        return Terms(max_age=rng.randint(2, 8), words=("public",) if rng.random() < 0.3 else ())
    if kind == "me":
        return me_terms(rng)
    if kind == "account":
        return Terms(max_age=60, words=("public",))
    if kind == "auth":
        return auth_terms(rng)
    if kind == "valid":
        return Terms(max_age=1, stale_while_revalidate=rng.choice((None, 2, 5)), stale_if_error=rng.choice((None, 5)))
    if kind == "img":
        terms = wild_terms(rng)
        return terms if terms.text() and rng.random() < 0.4 else Terms(heuristic=True)
    if kind in ("big", "range"):
        return Terms(max_age=rng.randint(1, 6), stale_if_error=rng.choice((None, 5)))
    return wild_terms(rng)


def vary_for(kind, target, rng):
    if kind == "me":
        return ("cookie",)
    if kind == "vary" or (kind == "page" and rng.random() < 0.15):
        start = hash_of(target.split("?")[0])
        count = 1 + start % 3
        names = [VARYING[(start // 7 + i * 5) % len(VARYING)] for i in range(count)]
        if rng.random() < 0.1:
            names.append(rng.choice(VARYING))
        if rng.random() < 0.02:
            names = ["*"]
        return tuple(names)
    return ()


def size_for(kind, rng):
    if kind == "big":
        return rng.choice((200_000, 400_000, 900_000, 1_500_000, LARGEST_BODY))
    chance = rng.random()
    if chance < 0.05:
        return rng.randint(1, 40)
    if chance < 0.75:
        return rng.randint(200, 3000)
    return rng.randint(8_000, 60_000)


def status_for(kind, rng):
    if kind in CALM_KINDS or kind in ("big", "range", "ws"):
        return 200
    chance = rng.random()
    if chance < 0.88:
        return 200
    if chance < 0.94:
        return rng.choice((404, 301, 410, 203))
    return rng.choice((500, 502, 503, 504))


class Answers:
    """One origin's."""

    def __init__(self, name, ledger, rng):
        self.name = name
        self.ledger = ledger
        self.rng = rng
        self.trickles = False  # much of what is asked comes a byte a second

    def plan(self, request, method, target, seen, has_body):
        kind = target_kind(target)
        if method in ("GET", "HEAD") and kind in ("page", "valid", "calm", "vary", "img", "big", "range"):
            about = self.about(seen)
            if about is not None and about.target == target and all(
                    about.seen.get(name) == seen.get(name) for name in ("host", "x-forwarded-proto")):
                plan = self.plan_304(kind, about, request, method, seen)
                if plan is not None:
                    return self.with_fault(kind, plan)
        return self.with_fault(kind, self.plan_whole(kind, request, method, target, seen, has_body))

    def with_fault(self, kind, plan):
        share = FAULT_SHARE.get(kind, 0)
        if share and self.trickles and self.rng.random() < 0.5:
            plan.fault = "trickle"
        elif share and self.rng.random() < share:
            plan.fault = self.rng.choices(FAULTS, FAULT_WEIGHTS)[0]
        return plan

    def about(self, seen):
        """The record that the request's conditions name."""
        if "if-none-match" in seen:
            return self.ledger.by_etag.get(opaque(seen["if-none-match"].split(",")[0].strip()))
        return self.ledger.by_last_modified.get(seen.get("if-modified-since"))

    def plan_304(self, kind, about, request, method, seen):
        rng, ledger = self.rng, self.ledger
        chance = rng.random()
        if chance > (0.6 if kind == "calm" else 0.8):
            return None
        terms = terms_for(kind, rng)
        if terms.heuristic:
            terms = Terms(max_age=2)
        fields = [("Date", http_date()), ("Via-Origin", self.name)]
        etag, last_modified, vary, cookie = about.etag, about.last_modified, about.events[-1].vary, ""
        withdrawn = ""
        if chance < 0.15:
            withdrawn = "304 about another"
            ledger.injected["304 with other validators"] += 1
            if etag:
                etag = f'"other-{ledger.next_id(self.name)}"'
            if last_modified and (rng.random() < 0.5 or not about.etag):
                last_modified = http_date(-rng.randint(10**6, 10**7))
                etag = "" if not about.etag else etag
        elif chance < 0.23:
            ledger.injected["304 without validators"] += 1
            etag = last_modified = ""
        elif chance < 0.45:
            extra = rng.choice(("no-store", "private", "Vary", "Set-Cookie", "Content-Length"))
            ledger.injected[f"304 with {extra}"] += 1
            if extra in ("no-store", "private"):
                terms = Terms(words=(extra,), max_age=rng.choice((None, 60)))
                withdrawn = f"304 with {extra}"
            elif extra == "Vary":
                vary = (*vary, rng.choice(("x-kind", "accept-language")))
            elif extra == "Set-Cookie":
                cookie = f"seen={request.rid}; Path=/"
                fields.append(("Set-Cookie", cookie))
            else:
                fields.append(("Content-Length", rng.choice(("0", "0", "17", str(about.size)))))
        if kind == "calm" and withdrawn == "" and terms.words == ("no-store",):
            withdrawn = "304 with no-store"
        if "no-store" in terms.words or "private" in terms.words:
            withdrawn = withdrawn or "304 with " + terms.text()
        if terms.text():
            fields.append(("Cache-Control", terms.text()))
        else:  # as it was stored; what came since may have been lost
            terms = max((event.terms for event in about.events if not event.for_one), key=lambda terms: terms.usable_s,
                        default=about.events[-1].terms)
        if etag:
            fields.append(("ETag", etag))
        if last_modified:
            fields.append(("Last-Modified", last_modified))
        if vary != about.events[0].vary:  # a 304 that said so before may have been lost
            fields.append(("Vary", ", ".join(vary)))
        now = ledger.now()
        withdrawal = None
        # Of what is not asked for the cache's sake (HEAD, a range) the cache need not learn (RFC 9111, 4.3.5).
        if withdrawn and method == "GET" and "range" not in seen:
            withdrawal = Withdrawal(now, withdrawn)
            about.withdrawals.append(withdrawal)
        if withdrawn != "304 about another":
            if method != "GET" or "range" in seen:
                vary = about.events[-1].vary  # so the cache need not know of it when the next does not repeat it
            reason = "" if not terms.for_one else f"304 with {terms.text()}"
            about.events.append(Event(now, request.rid, terms, vary, seen, reason))
            ledger.answers_304.setdefault(request.rid, []).append((now, cookie, about.id))
        else:
            ledger.answers_304.setdefault(request.rid, []).append((now, "", ""))
        return Plan(304, fields, withdrawal=withdrawal, rid=request.rid)

    def plan_whole(self, kind, request, method, target, seen, has_body):
        rng, ledger = self.rng, self.ledger
        status = status_for(kind, rng)
        terms, vary = terms_for(kind, rng), vary_for(kind, target, rng)
        size = size_for(kind, rng)
        if status >= 500:
            ledger.fault(target, "5xx").ended = ledger.now()
        record = Record(id=ledger.next_id(self.name + "-"), origin=self.name, target=target, method=method, rid=request.rid,
                        status=status, size=size, seen=seen, identity=identity_of(seen), received=ledger.now())
        fields = [("Date", http_date(-terms.age)), ("X-Page", record.id), ("Via-Origin", self.name)]
        fields.append(("Content-Type", "image/png" if kind == "img" else "text/plain; charset=utf-8"))
        if terms.text():
            fields.append(("Cache-Control", terms.text()))
        if terms.age:
            fields.append(("Age", str(terms.age)))
        self.add_validators(kind, record, fields, terms)
        if vary:
            fields.append(("Vary", ", ".join(vary) if rng.random() < 0.7 else ",".join(name.title() for name in vary)))
        set_cookie = (kind == "me" and "private" not in terms.words) or (kind in ("page", "post") and rng.random() < 0.08)
        if set_cookie:
            fields.append(("Set-Cookie", f"seen={request.rid}; Path=/"))
        if rng.random() < 0.03:
            fields.append((rng.choice(("Tenfold-Challenge", "Tenfold-Queue")), "v1; seed=00; bits=1"))
        plan = Plan(status, fields, record, rng.choices(("length", "chunked", "close"), (6, 4, 1))[0])
        if rng.random() < 0.03:
            fields += [("Connection", "X-Hop"), ("X-Hop", "for the next only"), ("Connection", "close")]
            plan.framing = "close" if plan.framing == "close" else plan.framing
        self.take_range(plan, method, seen)
        reason = self.for_one(kind, terms, set_cookie, method, seen, has_body, plan)
        if "*" in vary:
            reason = reason or "Vary: *"
        record.events.append(Event(ledger.now(), request.rid, terms, vary, seen, reason))
        ledger.records[record.id] = record
        plan.drip = kind in ("page", "big") and rng.random() < 0.04
        return plan

    def for_one(self, kind, terms, set_cookie, method, seen, has_body, plan):
        if terms.for_one:
            return terms.text()
        if set_cookie:
            return "Set-Cookie"
        if kind == "account":
            return "the route bypasses the cache"
        if method != "GET":
            return method
        if has_body:
            return "GET with a body"
        if plan.status == 206:
            return "206"
        if "authorization" in seen and not terms.for_authorized:
            return "Authorization"
        return ""

    def add_validators(self, kind, record, fields, terms):
        rng = self.rng
        with_etag = rng.random() < 0.75
        with_date = rng.random() < 0.5 or terms.heuristic or (kind == "valid" and not with_etag)
        if with_etag:
            record.etag = ("W/" if rng.random() < 0.25 else "") + f'"{record.id}"'
            fields.append(("ETag", record.etag))
            self.ledger.by_etag[opaque(record.etag)] = record
        if with_date:
            # A second of its own for every record, some years ago: seconds are all that it can tell apart.
            record.last_modified = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(1_577_836_800 + self.ledger.sequence))
            fields.append(("Last-Modified", record.last_modified))
            self.ledger.by_last_modified[record.last_modified] = record

    def take_range(self, plan, method, seen):
        wanted = seen.get("range", "")
        if method != "GET" or plan.status != 200 or not wanted.startswith("bytes=") or self.rng.random() < 0.3:
            return
        first, _, last = wanted[6:].partition("-")
        if not first.isdigit() or not last.isdigit() or int(first) > int(last) or int(first) >= plan.record.size:
            return
        part = (int(first), min(int(last), plan.record.size - 1))
        plan.status = plan.record.status = 206
        plan.record.part = part
        plan.fields.append(("Content-Range", f"bytes {part[0]}-{part[1]}/{plan.record.size}"))


def opaque(etag):
    return etag.removeprefix("W/")


def identity_of(seen):
    for pair in seen.get("cookie", "").split(";"):
        name, _, value = pair.strip().partition("=")
        if name == "id":
            return value
    return ""
