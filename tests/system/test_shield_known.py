"""Whom the shield knows: customers of earlier days, crawlers, the owner's lists; and that it knows them after a crash."""

import json
import time

import pytest
from support import kept
from support.besieged import besiege, cookie_of, guard_of, shielded_settings, solution_of
from support.name_server import NameServer
from support.processes import wait_until

pytestmark = pytest.mark.alone

REFUSED = 3  # as the store has the step


def start_shielded(start_edge, shop, mode="enforce", **guard):
    """`guard`: more of its settings."""
    settings = shielded_settings(shop, mode)
    settings["guard"] |= guard
    return start_edge([shop], **settings)


def order(edge, source):
    """What a shop's customer sends last, from that address; the shop confirms it."""
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": "shop_cart=1001x1"}
    answer = edge.get("/checkout", method="POST", headers=headers, body=b"name=A&email=a%40b.example&street=S&city=C",
                      source=source)
    assert answer.status == 303 and "thanks" in answer["Location"], answer


def block_of(edge, prefix):
    return next((block for block in edge.api_json("/api/v1/blocks")["blocks"] if block["prefix"] == prefix), None)


def is_refused(edge, prefix):
    block = block_of(edge, prefix)
    return block is not None and block["step"] in ("refuse", "drop")


def test_customers_of_earlier_days_keys_and_blocks_are_there_again_after_a_kill_in_mid_siege(small_shop, start_edge, start_flood):
    ordered_from, attacks_from, secret = "127.8.1.5", "127.9.1.5", "thirty-two letters of a long key"
    edge = start_shielded(start_edge, small_shop, secret=secret)
    order(edge, ordered_from)
    store = edge.folder / "tenfold.db"
    wait_until(lambda: kept.value(store, "customers"), "the order is kept")
    edge.kill()
    kept.age_customers(store, secret)
    edge.start_again()
    assert guard_of(edge)["customers"] == 2, "the address, and its network"

    besiege(edge, start_flood)
    attacker = start_flood(edge, source=attacks_from)
    wait_until(lambda: is_refused(edge, attacks_from), "it is refused", deadline_s=20)
    wait_until(lambda: kept.step_on(store, attacks_from) >= REFUSED, "and that is kept")
    attacker.stop()
    challenged = edge.get("/cart")
    edge.kill()
    edge.start_again()
    assert is_refused(edge, attacks_from)
    besiege(edge, start_flood)
    assert edge.get("/cart").status == 503
    assert edge.get("/cart", source=ordered_from).status == 200
    cleared = edge.get(solution_of(challenged, "/cart"))
    assert cleared.status == 303 and cookie_of(cleared, "tenfold_clear"), "the keys are the same"


def test_an_order_is_seen_at_once_by_whoever_looks_whether_sales_order_is_right(small_shop, start_edge):
    edge = start_shielded(start_edge, small_shop)
    assert (guard_of(edge)["orders_seen"], guard_of(edge)["customers"]) == (0, 0)
    order(edge, "127.8.1.5")
    order(edge, "127.8.1.6")
    wait_until(lambda: guard_of(edge)["orders_seen"] == 2, "both are counted")
    assert guard_of(edge)["customers"] == 3, "two addresses in one network"
    assert edge.metric("tenfold_guard_orders_total") == 2


def post(edge, path, **fields):
    return edge.api(path, method="POST", body=json.dumps(fields).encode(), headers={"Content-Type": "application/json"})


def test_the_owners_lists_and_keys_hold_and_those_of_the_api_outlive_a_kill(small_shop, start_edge, start_flood):
    key = "a key of an app's of sixteen bytes or more"
    edge = start_shielded(start_edge, small_shop, deny=[{"name": "scrapers", "networks": ["127.20.0.0/16"]}],
                          api_keys=[{"name": "app", "header": "X-Api-Key", "keys": [key]}])
    assert edge.get("/", source="127.20.1.1").status == 403
    assert edge.get("/", source="127.20.1.1", headers={"X-Api-Key": key}).status == 200
    assert edge.get("/", source="127.21.1.1").status == 200

    assert post(edge, "/api/v1/blocks", prefix="127.21.0.0/16", reason="scrapes", **{"for": "1h"}).status == 200
    assert post(edge, "/api/v1/blocks", prefix="127.22.1.1", reason="for a moment", **{"for": "2s"}).status == 200
    assert post(edge, "/api/v1/allowed", prefix="127.23.0.0/16", reason="a partner", **{"for": "1h"}).status == 200
    wrong = post(edge, "/api/v1/blocks", prefix="0.0.0.0/0", reason="all", **{"for": "1h"})
    assert wrong.status == 400 and b"half of the world" in wrong.body
    wait_until(lambda: edge.get("/", source="127.21.1.1").status == 403, "it is in force")
    wait_until(lambda: edge.get("/", source="127.22.1.1").status == 200, "its time is over", deadline_s=10)
    assert [block["prefix"] for block in edge.api_json("/api/v1/blocks")["blocks"]] == ["127.21.0.0/16"]
    wait_until(lambda: len(kept.lists(edge.folder / "tenfold.db")) == 2, "the lists are kept")

    edge.kill()
    edge.start_again()
    assert edge.get("/", source="127.21.1.1").status == 403
    besiege(edge, start_flood)
    assert edge.get("/cart").status == 503
    assert edge.get("/cart", source="127.23.1.1").status == 200
    assert edge.get("/cart", headers={"X-Api-Key": key}).status == 200
    assert edge.metric("tenfold_guard_denied_total") >= 1
    assert post(edge, "/api/v1/blocks/lift", prefix="127.21.0.0/16").status == 200
    wait_until(lambda: edge.get("/cart", source="127.21.1.1").status == 503, "it is a stranger like any other")
    audit = edge.api_json("/api/v1/blocks/audit?limit=1000")
    steps = audit["steps"]
    assert steps and steps[0]["level"] == "strangers" and steps[0]["to"] == "challenge"
    assert [each["number"] for each in steps] == list(range(audit["steps_total"] - 1, -1, -1))
    assert audit["postures"][0]["to"] == "besieged" and audit["postures"][0]["reasons"]
    assert "guard: besieged" in edge.log()


def test_crawlers_are_proven_by_their_names_and_a_flood_of_false_ones_is_no_flood_of_questions(small_shop, start_edge, start_flood, parts):
    crawls_from, pretends_from, lies_from = "127.7.1.1", "127.7.2.1", "127.7.3.1"
    names = {crawls_from: "crawl-127-7-1-1.googlebot.com", pretends_from: "pool.provider.example", lies_from: "crawl-1.googlebot.com"}
    server = NameServer({names[crawls_from]: crawls_from, names[lies_from]: crawls_from}, names)
    parts.append(server)
    edge = start_shielded(start_edge, small_shop, resolvers=[server.address])
    besiege(edge, start_flood)

    def status_of(source, agent="Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"):
        return edge.get("/cart", headers={"User-Agent": agent}, source=source).status

    wait_until(lambda: status_of(crawls_from) == 200, "it is looked up and proven")
    wait_until(lambda: guard_of(edge)["crawlers"] == 1, "it is shown")
    assert status_of(crawls_from, agent="Mozilla/5.0") == 503, "it does not say so"
    for source, asked in ((pretends_from, "1.2.7.127.in-addr.arpa"), (lies_from, names[lies_from])):
        assert status_of(source) == 503
        wait_until(lambda asked=asked: server.questions[asked], "it is looked up")
        assert status_of(source) == 503

    before, began = server.asked, time.monotonic()
    for number in range(200):
        assert status_of(f"127.10.{number}.1") == 503
    bound = 10 + 10 * (time.monotonic() - began)  # look-ups; of one question each, and of a second if it was lost
    assert server.asked - before <= 2 * bound


def test_whoever_pretends_from_an_address_without_a_name_is_a_stranger_and_the_edge_goes_on(small_shop, start_edge, parts):
    """The release build once freed such an answer's text twice; a build for tests does not."""
    server = NameServer({})
    parts.append(server)
    edge = start_shielded(start_edge, small_shop, resolvers=[server.address])
    googlebot = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
    for number in range(100, 110):
        assert edge.get("/cart", headers={"User-Agent": googlebot}, source=f"127.107.{number}.{number}").status == 200
        wait_until(lambda number=number: server.questions[f"{number}.{number}.107.127.in-addr.arpa"], "it is looked up")
    assert edge.get("/cart").status == 200
    assert guard_of(edge)["crawlers"] == 0
