"""The oracle: whose page is it, is it whole, is it fresh enough, and if there is none, why? RFC 9110, RFC 9111."""

import email.utils
import time

from answers import opaque
from ledger import ANY, url_of
from pages import CALM_KINDS, target_kind

# Seconds are the unit of ages; the rest is how long things take on a busy machine, under a sanitizer.
AGE_MARGIN_S = 2.0
TRIED_BEFORE_S = 8.0  # an answer's age counts from the first attempt, whichever server gave it
CALM_BOUND_S = 8.0  # a hang noticed, a server checked, another one asked
WILD_BOUND_S = 26.0  # answer_timeout for the one who leads and for the one who follows, and a stalled body
TRICKLE_BOUND_S = 60.0
CODINGS = {"br", "deflate", "gzip", "zstd", "*", "identity"}


def same(name, one, other):
    """Whether two values of a varying field ask for the same (RFC 9110, 12.5.3; RFC 9111, 4.1)."""
    if one is None or other is None:
        return one is other
    if name == "accept-encoding":
        return codings(one) == codings(other)
    tidy = [",".join(part.strip() for part in value.split(",")) for value in (one, other)]
    return tidy[0] == tidy[1]


def codings(value):
    found = set()
    for element in value.split(","):
        coding, _, parameters = element.strip().partition(";")
        coding = coding.strip().lower().removeprefix("x-")
        if coding in CODINGS and parameters.strip() not in ("q=0", "q=0.0", "q=0.000"):
            found.add(coding)
    found.discard("identity")
    return found


def date_of(text):
    try:
        return email.utils.parsedate_to_datetime(text).timestamp()
    except (TypeError, ValueError):
        return None


class Judge:
    def __init__(self, ledger):
        self.ledger = ledger

    # --- the whole ---

    def answer(self, request, answer):
        """An answer that somebody received, or did not."""
        ledger, counts = self.ledger, self.ledger.counts
        counts["answers"] += 1
        counts[f"status {answer.status}"] += 1
        if answer.end.startswith("malformed"):
            ledger.violation("malformed answer", request, answer.end, answer)
            return
        if answer.end == "late":
            ledger.violation("no answer at all", request, "the client gave up waiting", answer)
            return
        record = self.record_of(answer)
        if request.honest:
            self.duration(request, answer, record)
        if answer.status:
            self.fields(request, answer)
            counts[self.use_of_cache(answer)] += 1
        if not answer.whole:
            self.cut(request, answer, record)
            return
        if record is None:
            if answer.field("x-page"):
                ledger.violation("too old: of long ago", request, f"{answer.field('x-page')} is forgotten", answer)
                return
            self.made_by_the_edge(request, answer)
            return
        counts["checked"] += 1
        self.belongs(request, answer, record)
        if self.body(request, answer, record):
            self.permitted(request, answer, record)
        self.told_times(request, answer, record)

    def record_of(self, answer):
        ledger = self.ledger
        record = ledger.records.get(answer.field("x-page"))
        if record is None and answer.status == 304:
            etag = answer.field("etag")
            if etag is not None:
                return ledger.by_etag.get(opaque(etag))
            return ledger.by_last_modified.get(answer.field("last-modified"))
        return record

    @staticmethod
    def use_of_cache(answer):
        status = answer.field("cache-status") or "none"
        for mark, name in (("stale-if-error", "stale on error"), ("stale-while", "stale while revalidating"), ("collapsed", "collapsed"),
                           ("hit", "hit"), ("fwd-status=304", "revalidated"), ("stored", "stored"), ("fwd", "passed on")):
            if mark in status:
                return f"cache: {name}"
        return "cache: none"

    # --- what any answer must keep to ---

    def fields(self, request, answer):
        ledger = self.ledger
        for name, value in answer.fields:
            if name.startswith("tenfold-"):
                ledger.violation("Tenfold-* of an origin", request, f"{name}: {value} was passed on", answer)
            if name == "x-hop":
                ledger.violation("hop-by-hop", request, "a field named by Connection was passed on", answer)
            if name == "set-cookie" and value.startswith("seen=") and value.split(";")[0] != f"seen={request.rid}":
                ledger.violation("another's cookie", request, f"{value} was set", answer)

    def duration(self, request, answer, record):
        began = max(request.began, request.turn)
        lag = self.ledger.lag_during(began, answer.ended)
        taken = answer.ended - began - 3 * lag
        target = request.target
        calm = target_kind(target) in CALM_KINDS
        bound = CALM_BOUND_S if calm else WILD_BOUND_S
        if calm and self.ledger.outage_during(request.began, answer.ended):
            bound = WILD_BOUND_S
        if request.slow:
            bound += 30
        faults = self.ledger.faults_during(target, request.began, answer.ended)
        if "trickle" in faults or "flood of 103" in faults:
            bound = max(bound, TRICKLE_BOUND_S)
        self.ledger.counts["longest ms"] = max(self.ledger.counts["longest ms"], int(taken * 1000))
        if taken > bound:
            self.ledger.violation("too slow", request, f"{taken:.1f} s, the bound is {bound:.0f} s; lag {lag:.1f} s; faults {faults}",
                                  answer, record)

    def cut(self, request, answer, record):
        """The answer is visibly not whole, or none came: something must explain it."""
        ledger = self.ledger
        if not request.honest:
            return
        if record is not None and record.torn:
            ledger.counts["cut as the origin cut it"] += 1
            return
        began, ended = request.began, answer.ended
        if answer.status != 0 and ledger.server_faults_during(began - 1, ended, record.origin if record else None):
            ledger.counts["cut as an origin went down"] += 1
            return
        if answer.status != 0 and target_kind(request.target) not in CALM_KINDS and ledger.faults_during(request.target, began, ended):
            ledger.counts["cut beside a fault"] += 1
            return
        if "abrupt" in request.note:
            return
        # A connection's first bytes came too late: the edge's head_timeout, and ours to keep.
        if answer.status == 0 and ledger.lag_during(began - 4, ended) > 2:
            ledger.counts["closed as this program was not run for seconds"] += 1
            return
        ledger.violation("cut without a reason", request, "no origin broke this answer off", answer, record)

    def made_by_the_edge(self, request, answer):
        """An error page, or a 304 about something that no origin sent."""
        ledger, status = self.ledger, answer.status
        ledger.counts[f"own {status}"] += 1
        if not request.honest:
            return
        if status == 304 and any(not about for _, _, about in ledger.answers_304.get(request.rid, [])):
            return  # the origin's own, passed on
        if status == 304 and answer.field("etag") is None and answer.field("last-modified") is None:
            if ledger.answers_304.get(request.rid):
                return
        if status in (502, 503, 504) and self.excuse(request, answer):
            ledger.counts["errors explained"] += 1
            return
        if status == 504 and "only-if-cached" in (request.field("cache-control") or ""):
            return
        if status == 204 and request.method == "OPTIONS":
            return
        # As for a connection's first bytes, by its body_timeout.
        if status == 408 and ledger.lag_during(request.began, answer.ended) > 3:
            ledger.counts["408 as this program was not run for seconds"] += 1
            return
        ledger.violation("error without a reason", request, f"{status}, and no origin failed at {request.target} meanwhile: "
                         f"{ledger.faults_during(request.target, request.began - 5, answer.ended)}, "
                         f"servers {ledger.server_faults_during(request.began - 5, answer.ended)}", answer)

    def excuse(self, request, answer):
        ledger, target = self.ledger, request.target
        began, ended = request.began, answer.ended
        if ledger.outage_during(began, ended):
            return "outage"
        if ledger.lag_during(began - 4, ended) > 0.4:
            return "lag"  # the origins, which are this program, answered neither requests nor health checks
        if target_kind(target) not in CALM_KINDS:
            if ledger.faults_during(target, began - 0.2, ended):
                return "fault"
            if request.method == "POST" and "abrupt" in request.note:
                return "413 lost on its way"
        if request.has_body and ledger.server_faults_during(began - 2, ended):
            return "not repeatable"
        return ""

    # --- an origin's record ---

    def belongs(self, request, answer, record):
        ledger = self.ledger
        if record.target != request.target:
            ledger.violation("another page", request, f"it is {record.target}", answer, record)
        if record.seen.get("host", "").lower().removesuffix(":80") != request.host.lower().removesuffix(":80"):
            ledger.violation("another host's page", request, f"it was made for {record.seen.get('host')}", answer, record)
        if record.rid != request.rid and record.seen.get("x-forwarded-proto") != request.scheme:
            ledger.violation("another scheme's page", request, f"it was made for {record.seen.get('x-forwarded-proto')}",
                             answer, record)

    def body(self, request, answer, record):
        """False: nothing more can be said of it."""
        ledger = self.ledger
        if answer.status == 304 or answer.framing == "none":
            length = answer.field("content-length")
            if answer.status not in (304, 204) and length is not None and record.status != 206 and int(length) != record.size \
                    and not record.torn and answer.status == record.status:
                ledger.violation("wrong length", request, f"HEAD says {length}, it has {record.size}", answer, record)
            return True
        if answer.status == 416:
            return True
        whole = record.body()
        expected = record.sent_body()
        status = record.status
        if answer.status == 206 and record.part is None:
            where = (answer.field("content-range") or "").removeprefix("bytes ").partition("/")
            first, _, last = where[0].partition("-")
            if not (first.isdigit() and last.isdigit() and where[2] == str(record.size)):
                ledger.violation("wrong range", request, f"Content-Range {answer.field('content-range')} of {record.size}",
                                 answer, record)
                return False
            expected, status = whole[int(first):int(last) + 1], 206
            if "range" not in [name.lower() for name, _ in request.fields]:
                ledger.violation("wrong range", request, "206 to a request without Range", answer, record)
        if answer.status != status:
            ledger.violation("another status", request, f"the origin said {record.status}", answer, record)
        if record.torn:
            ledger.violation("torn answer made whole", request, f"the origin: {record.torn}", answer, record)
            return False
        if answer.body != expected:
            ledger.violation("another body", request, f"{len(expected)} bytes expected, {expected[:60]!r}", answer, record)
            return False
        return True

    def permitted(self, request, answer, record):
        """Whether this request may have this record: by what the origin sent for it, or by an event that allows sharing."""
        ledger = self.ledger
        if any(event.rid == request.rid for event in record.events) or record.rid == request.rid:
            ledger.counts["own answers"] += 1
            return
        ledger.counts["shared answers"] += 1
        purged = ledger.purge_before(url_of(request), request.began)
        if record.received < purged:
            ledger.violation("purged and still shown", request, f"purged {request.began - purged:.2f} s before the request, made "
                             f"{request.began - record.received:.2f} s before it", answer, record)
            return
        if request.has_body:
            ledger.violation("shared with a GET that has a body", request, "RFC 9110, 9.3.1", answer, record)
        if target_kind(request.target) == "account":
            ledger.violation("private page", request, f"{record.identity or 'nobody'}'s; the route bypasses the cache", answer, record)
            return
        lag = ledger.lag_during(request.began - 5, answer.ended)
        reasons = [self.forbids(request, answer, record, event, lag) for event in reversed(record.events)]
        if all(reasons):
            kind = reasons[0].split(":")[0]
            ledger.violation(kind, request, "; ".join(reasons[:3]), answer, record)

    def forbids(self, request, answer, record, event, lag):
        """Why the event does not allow the record for this request; "" if it does."""
        if event.for_one:
            return f"private page: for {event.rid} alone, {event.for_one}"
        if request.field("authorization") and not event.terms.for_authorized:
            return "authorization: no word allows it (RFC 9111, 3.5)"
        stands_in = "stale-if-error" in (answer.field("cache-status") or "")
        if event.terms.heuristic and request.expected.get("cookie") and not stands_in:
            return "guessed freshness: for a request with a cookie"
        for name in event.vary:
            wanted, seen = request.expected.get(name), event.seen.get(name)
            if wanted is not ANY and not same(name, wanted, seen):
                return f"another variant: {name} is {wanted!r}, the origin saw {seen!r}"
        for withdrawal in record.withdrawals:
            if withdrawal.sent > event.at and withdrawal.confirmed and withdrawal.confirmed + 1.0 + lag < request.began:
                return f"withdrawn: {withdrawal.why} {request.began - withdrawal.confirmed:.1f} s before the request"
        age = request.began - event.at
        if age > event.terms.usable_s + AGE_MARGIN_S + lag:
            return f"too old: {age:.1f} s, {event.terms.text()} allows {event.terms.usable_s} s"
        status = answer.field("cache-status") or ""
        since = min(request.began - 4 - lag, event.at)  # until a fetch goes well the last failure counts
        if "stale-if-error" in status and not self.ledger.failed_lately(request.target, since, answer.ended):
            return "stale without a reason: no origin failed"
        if "hit" in status and "stale" not in status and age > event.terms.fresh_s + AGE_MARGIN_S + lag:
            return f"stale called fresh: {age:.1f} s, {event.terms.text()}"
        return ""

    def told_times(self, request, answer, record):
        """Date and Age must not make an answer look younger than it is, nor count its age twice (RFC 9111, 5.1)."""
        ledger = self.ledger
        age = answer.field("age")
        if age is None or not answer.field("cache-status"):
            return
        if not age.isdigit():
            ledger.violation("Age", request, f"Age: {age}", answer, record)
            return
        lag = ledger.lag_during(request.began - 5, answer.ended)
        latest = max(event.at - event.terms.age for event in record.events)
        earliest = min(event.at - event.terms.age for event in record.events)
        if int(age) < request.began - latest - AGE_MARGIN_S - lag or int(age) > answer.ended - earliest + TRIED_BEFORE_S + lag:
            ledger.violation("Age", request, f"Age: {age}, it is between {request.began - latest:.1f} and {answer.ended - earliest:.1f} s",
                             answer, record)
        date = date_of(answer.field("date"))
        if date is not None and "hit" in answer.field("cache-status") and int(age) > 3 and time.time() - date < int(age) - 3 - lag:
            ledger.violation("Date", request, f"Date is {time.time() - date:.1f} s ago, Age: {age}", answer, record)

    def cookie_of_304(self, request, answer):
        """A cookie that came with the 304 belongs to who asked."""
        said = self.ledger.answers_304.get(request.rid, [])
        status = answer.field("cache-status") or ""
        if len(said) == 1 and said[0][1] and "fwd-status=304" in status and answer.field("set-cookie") is None:
            self.ledger.violation("cookie lost", request, f"the origin's 304 set {said[0][1]}", answer)
