"""From what the driver recorded to the numbers of a cell, and from several seeds' cells to a median with its interval. Pure."""

import math
import statistics

import plan

LATE_P99_MS = 50  # an attack later than this at p99 was not the planned one
UNSENT_SHARE = 0.01
EARLIER_FAILED_SHARE = 0.2  # of the earlier visits: else there are no returning customers

STOPPED = ("challenged", "queued", "refused", "turned")


def quantile(values, share):
    """The value that so many are not above; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def share(part, whole):
    return None if whole == 0 else part / whole


def groups_of(visit, timing):
    """The groups of customers that a visit belongs to, for orders kept by group."""
    names = [visit["kind"], "returning" if "earlier_at_s" in visit else "new"]
    if "earlier_at_s" not in visit:
        names.append("new_in_siege" if visit["at_s"] >= timing.siege_at_s else "new_before")
    if visit["shared"]:
        names.append("shared_address")
    return names


def orders(visits, records, timing):
    counted = [(visit, record) for visit, record in zip(visits, records) if plan.counts(visit, timing)]
    kept = [record["outcome"] == "ordered" for _, record in counted]
    by_group, lost = {}, {}
    for visit, record in counted:
        for name in groups_of(visit, timing):
            group = by_group.setdefault(name, [0, 0])
            group[0] += record["outcome"] == "ordered"
            group[1] += 1
        if record["outcome"] != "ordered":
            why = f'{record["outcome"]} at step {record["step"]}: {record["last_trouble"] or "-"}'
            lost[why] = lost.get(why, 0) + 1
    return {"counted": len(counted), "kept": sum(kept), "kept_share": share(sum(kept), len(counted)),
            "kept_by_group": by_group, "lost": dict(sorted(lost.items(), key=lambda item: -item[1]))}


def touched(visits, records, timing):
    """Customers (all who were there in the siege) to whom something was done, counted once each, and answers."""
    there = [record for visit, record in zip(visits, records)
             if record["ended_s"] < 0 or record["ended_s"] > timing.siege_at_s]
    found = {"there": len(there)}
    for name in ("challenged", "queued", "refused", "shop_refused", "gateway_errors", "timed_out", "reloads"):
        found[name] = sum(record[name] > 0 for record in there)
        found[name + "_answers"] = sum(record[name] for record in there)
    found["assets_failed_share"] = share(sum(record["assets_failed"] for record in there), sum(record["assets"] for record in there))
    return found


def pages(records, timing):
    """Of pages clicked in the siege and served. `felt`: from the click to the page, all in; `felt_unsolved`: without the time
    that challenges took to solve; `answer`: only the request that brought the page."""
    served = [page for record in records for page in record["pages"] if page[1] >= timing.siege_at_s]
    felt = [page[2] for page in served]
    unsolved = [page[2] - page[4] for page in served]
    answer = [page[3] for page in served]
    return {"served": len(served),
            **{f"{name}_p{round(at * 100)}_ms": quantile(values, at)
               for name, values in (("felt", felt), ("felt_unsolved", unsolved), ("answer", answer)) for at in (0.5, 0.99)},
            "waiting_p99_ms": quantile([page[5] for page in served], 0.99)}


def attack(waves, timing):
    fate = {}
    for wave in waves:
        for name, count in wave["fate"].items():
            fate[name] = fate.get(name, 0) + count
    planned = sum(wave["planned"] for wave in waves)
    stopped_at = [wave["first_stopped_s"] for wave in waves if wave["first_stopped_s"] >= timing.siege_at_s]
    return {"planned": planned, "sent": planned - fate.get("unsent", 0), "fate": fate,
            "solutions": sum(wave["solutions"] for wave in waves),
            "passed_share": share(fate.get("passed", 0), planned),
            "first_measure_s": round(min(stopped_at) - timing.siege_at_s, 3) if stopped_at else None}


def invalid(record, found):
    """Why a run says nothing; empty: it is good."""
    why = []
    if record["late_p99_ms"] > LATE_P99_MS:
        why.append(f'late: p99 {record["late_p99_ms"]:.0f} ms')
    unsent = share(found["attack"]["fate"].get("unsent", 0), found["attack"]["planned"])
    if unsent and unsent > UNSENT_SHARE:
        why.append(f"{unsent:.1%} of the attack found no connection")
    if found["earlier_failed"] > EARLIER_FAILED_SHARE * found["earlier"]:
        why.append(f'{found["earlier_failed"]} earlier visits failed')
    if found["counted"] == 0:
        why.append("no visit counts")
    return why


def cell(visits, record, timing):
    """One run's numbers."""
    records = record["visits"]
    found = {**orders(visits, records, timing), "customers": touched(visits, records, timing), "pages": pages(records, timing),
             "attack": attack(record["waves"], timing), "earlier": sum("earlier_at_s" in visit for visit in visits),
             "earlier_failed": sum(each["earlier_failed"] for each in records),
             "late_p99_ms": record["late_p99_ms"], "late_max_ms": record["late_max_ms"],
             "most_connections": record["most_connections"]}
    return found | {"invalid": invalid(record, found)}


def at_path(value, path):
    for key in path.split("."):
        value = None if value is None else value.get(key)
    return value


def over_seeds(cells, path):
    """(median, lowest, highest) of the valid runs' numbers; None without any."""
    values = [at_path(each, path) for each in cells if not each["invalid"]]
    values = [value for value in values if value is not None]
    return (statistics.median(values), min(values), max(values)) if values else None
