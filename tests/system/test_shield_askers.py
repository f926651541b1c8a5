"""The shield on the running program, and those who ask without a person before a page: machines, balancers, checks."""

import pytest
from support.besieged import besiege, cookie_of, fill_cart, guard_of, shielded_settings, solution_of
from support.processes import wait_until

pytestmark = pytest.mark.alone

BALANCER = "127.0.0.5"
KEY = "0123456789abcdef0123456789abcdef"


def start_shielded(start_edge, shop, guard=None, **settings):
    shielded = shielded_settings(shop)
    shielded["guard"] |= guard or {}
    return start_edge([shop], **shielded, **settings)


def test_who_cannot_solve_is_not_challenged(small_shop, start_edge, start_flood):
    edge = start_shielded(start_edge, small_shop, trusted_proxies=[BALANCER])
    besiege(edge, start_flood)
    assert edge.get("/robots.txt").status == 200
    assert edge.get("/.well-known/acme-challenge/token").status == 404, "the demo shop has none"
    preflight = {"Origin": "https://www.shop.example", "Access-Control-Request-Method": "POST"}
    assert edge.get("/cart", method="OPTIONS", headers=preflight).status != 503
    assert edge.get("/healthz", source=BALANCER).status == 200
    assert edge.get("/healthz", source=BALANCER, headers={"X-Forwarded-For": "203.0.113.9"}).status == 503
    assert edge.get("/cart", method="OPTIONS").status == 503


def test_a_cookie_that_somebody_put_before_the_good_one_shuts_nobody_out(small_shop, start_edge, start_flood):
    edge = start_shielded(start_edge, small_shop)
    besiege(edge, start_flood)
    clearance = cookie_of(edge.get(solution_of(edge.get("/cart"), to="/cart")), "tenfold_clear")
    bad = "tenfold_clear=" + "0" * 72
    assert edge.get("/cart", headers={"Cookie": bad}).status == 503
    assert edge.get("/cart", headers={"Cookie": f"{bad}; {clearance}"}).status == 200


def test_the_shields_cookies_reach_no_origin(start_scripted, start_edge):
    origin = start_scripted(lambda request: (200, {"Content-Type": "text/html", "Cache-Control": "max-age=60", "Vary": "Cookie"}, b"page"))
    edge = start_edge([origin])
    for number in range(3):
        assert edge.get("/p/1", headers={"Cookie": f"tenfold_seen={number:064x}"}).body == b"page"
    edge.get("/p/2", headers={"Cookie": "sid=1; tenfold_seen=2; theme=dark"})
    assert [request.headers.get("cookie") for request in origin.requests()] == [None, "sid=1; theme=dark"]


def test_a_check_with_a_key_finds_the_shop_up_in_a_siege(small_shop, start_edge, start_flood):
    keys = [{"name": "checks", "header": "X-Check-Key", "keys": [KEY]}]
    edge = start_shielded(start_edge, small_shop, guard={"api_keys": keys})
    checks = [{"name": name, "every": "1s", "timeout": "900ms", "http": {"url": f"http://127.0.0.1:{edge.port}/cart", "headers": headers}}
              for name, headers in (("with", [f"X-Check-Key: {KEY}"]), ("without", ["X-Other: 1"]))]
    settings = shielded_settings(small_shop)
    settings["guard"] |= {"api_keys": keys}
    edge.configure(**settings, watch={"checks": checks})
    edge.reload()

    def states():
        return {check["name"]: check["state"] for check in edge.api_json("/api/v1/checks")["checks"]}

    wait_until(lambda: states() == {"with": "up", "without": "up"}, "both find it up", deadline_s=15)
    customer = fill_cart(edge)
    besiege(edge, start_flood)
    wait_until(lambda: states()["without"] == "down", "the one without is met as a stranger", deadline_s=20)
    assert edge.get("/cart", headers={"Cookie": customer}).status == 200
    assert states()["with"] == "up" and guard_of(edge)["posture"] == "besieged"
