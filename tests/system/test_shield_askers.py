"""The shield on the running program, and those who ask without a person before a page: machines, balancers, checks."""

import re

import pytest
from support.besieged import besiege, cookie_of, fill_cart, guard_of, shielded_settings, solution_of
from support.processes import wait_until

pytestmark = pytest.mark.alone

BALANCER = "127.0.0.5"


def start_shielded(start_edge, shop, guard=None, **settings):
    shielded = shielded_settings(shop)
    shielded["guard"] |= guard or {}
    return start_edge([shop], **shielded, **settings)


def test_who_cannot_solve_is_not_challenged(small_shop, start_edge, start_flood):
    edge = start_shielded(start_edge, small_shop, trusted_proxies=[BALANCER])
    options = edge.get("/cart", method="OPTIONS").status
    besiege(edge, start_flood)

    def answered(path, status, **how):
        """In the strangers' queue, which may be too long for one try, and without a challenge."""
        def once():
            answer = edge.get(path, **how)
            assert answer["Tenfold-Challenge"] is None
            return answer.status == status
        wait_until(once, f"{path} is answered {status}")

    answered("/robots.txt", 200)
    answered("/.well-known/acme-challenge/token", 404)  # the demo shop has none
    preflight = {"Origin": "https://www.shop.example", "Access-Control-Request-Method": "POST"}
    answered("/cart", options, method="OPTIONS", headers=preflight)
    answered("/healthz", 200, source=BALANCER)
    assert edge.get("/healthz", source=BALANCER, headers={"X-Forwarded-For": "203.0.113.9"}).status == 503
    assert edge.get("/cart", method="OPTIONS").status == 503


def test_a_cookie_that_somebody_put_before_the_good_one_shuts_nobody_out(small_shop, start_edge, start_flood):
    edge = start_shielded(start_edge, small_shop)
    besiege(edge, start_flood)
    clearance = cookie_of(edge.get(solution_of(edge.get("/cart"), to="/cart")), "tenfold_clear")
    bad = "tenfold_clear=" + "0" * 72
    assert edge.get("/cart", headers={"Cookie": bad}).status == 503
    assert edge.get("/cart", headers={"Cookie": f"{bad}; {clearance}"}).status == 200


def test_who_comes_from_two_networks_in_turns_solves_once_in_each(small_shop, start_edge, start_flood):
    """As by IPv4 and IPv6, or by a gateway with addresses of several networks."""
    edge = start_shielded(start_edge, small_shop)
    besiege(edge, start_flood)
    one, other, jar = "127.0.1.1", "127.0.2.1", {}
    for network in (one, other):
        challenged = edge.get("/cart", source=network, headers=jar)
        assert challenged.status == 503
        cleared = edge.get(solution_of(challenged, to="/cart"), source=network, headers=jar)
        jar = {"Cookie": cookie_of(cleared, "tenfold_clear")}
    assert [edge.get("/cart", source=network, headers=jar).status for network in (one, other, one)] == [200] * 3
    assert edge.get("/cart", source="127.0.3.1", headers=jar).status == 503, "it is good in these alone"


def test_who_is_known_at_one_name_of_the_shops_domain_is_at_the_others(small_shop, start_edge, start_flood):
    """As where the pages of www.shop.example ask api.shop.example by script, which nobody could solve a challenge for."""
    edge = start_shielded(start_edge, small_shop, guard={"cookie_domain": "shop.example"})
    besiege(edge, start_flood)

    def domain_given(host):
        challenged = edge.get("/cart", host=host)
        return re.findall(r"; Domain=(\S+)", edge.get(solution_of(challenged, to="/cart"), host=host)["Set-Cookie"])

    for host in ("www.shop.example", "Shop.Example:8443", "a.b.shop.example"):
        assert domain_given(host) == ["shop.example"], host
    for host in (f"127.0.0.1:{edge.port}", "myshop.example", "shop.example.org", "example"):
        assert domain_given(host) == [], host


def test_the_shields_cookies_reach_no_origin(start_scripted, start_edge):
    origin = start_scripted(lambda request: (200, {"Content-Type": "text/html", "Cache-Control": "max-age=60", "Vary": "Cookie"}, b"page"))
    edge = start_edge([origin])
    for number in range(3):
        assert edge.get("/p/1", headers={"Cookie": f"tenfold_seen={number:064x}"}).body == b"page"
    edge.get("/p/2", headers={"Cookie": "sid=1; tenfold_seen=2; theme=dark"})
    assert [request.headers.get("cookie") for request in origin.requests()] == [None, "sid=1; theme=dark"]


def test_the_shops_own_checks_find_it_up_in_a_siege(small_shop, start_edge, start_flood):
    edge = start_shielded(start_edge, small_shop)
    url = f"http://127.0.0.1:{edge.port}"
    looks = {"page": {"http": {"url": f"{url}/cart"}},
             "page_with_a_cookie": {"http": {"url": f"{url}/cart", "headers": ["Cookie: theme=dark"]}},
             "journey": {"journey": [{"name": name, "http": f"{url}{path}"} for name, path in (("front", "/"), ("basket", "/cart"))]}}
    checks = [{"name": name, "every": "2s", "timeout": "2s"} | look for name, look in looks.items()]
    edge.configure(**shielded_settings(small_shop), watch={"checks": checks})
    edge.reload()

    def looked_at():
        return {check["name"]: check["last"]["at"] for check in edge.api_json("/api/v1/checks")["checks"] if check["state"] == "up"}

    wait_until(lambda: looked_at().keys() == looks.keys(), "all find it up", deadline_s=15)
    besiege(edge, start_flood)
    before = looked_at()
    assert edge.get("/cart").status == 503, "strangers are challenged"
    wait_until(lambda: all(looked_at().get(name, "") > at for name, at in before.items()), "all have looked again", deadline_s=15)
    assert looked_at().keys() == looks.keys() and guard_of(edge)["posture"] == "besieged"


def test_a_proxy_that_nobody_named_is_told_once_with_the_remedy(small_shop, start_edge):
    """To the shield all of its visitors are one client: the owner is told before the first crowd comes."""
    edge = start_shielded(start_edge, small_shop)

    def browse(first, count, **how):
        for number in range(first, first + count):
            edge.get(f"/p/{number}", headers={"X-Forwarded-For": f"203.0.113.{number}"}, **how)

    browse(1, 10, source=BALANCER)
    assert guard_of(edge)["notes"] == [], "one in whose name few come is none"
    browse(11, 60, source=BALANCER)
    wait_until(lambda: guard_of(edge)["notes"], "it is noted")
    note, = guard_of(edge)["notes"]
    assert (note["about"], note["prefix"]) == ("trusted_proxies", BALANCER) and note["visitors"] >= 20
    assert f"put {BALANCER} into trusted_proxies" in note["text"] and "forges the field" in note["text"]
    browse(71, 60, source=BALANCER)
    assert edge.log().count("into trusted_proxies") == 1

    edge.configure(**shielded_settings(small_shop), trusted_proxies=[BALANCER])
    edge.reload()
    browse(1, 60, source=BALANCER)
    assert guard_of(edge)["notes"] == []
    assert edge.log().count("into trusted_proxies") == 1
