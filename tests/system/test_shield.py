"""The shield on the running program: a flood from addresses of their own, customers from before it, strangers who lead in."""

import re
import time

import pytest
from support import raw
from support.besieged import besiege, cookie_of, fill_cart, guard_of, shielded_settings, solution_of
from support.edge import tenfold
from support.processes import wait_until

pytestmark = pytest.mark.alone


def start_shielded(start_edge, shop, mode="enforce", **settings):
    return start_edge([shop], **shielded_settings(shop, mode), **settings)


def counted(edge, answer):
    """Of the shield's own answers, those of that kind."""
    return edge.metric(f'tenfold_guard_answers_total{{worker="\\d+",answer="{answer}"}}')


def test_customers_are_served_at_once_while_strangers_are_asked_to_solve_a_challenge(small_shop, start_edge, start_flood):
    edge = start_shielded(start_edge, small_shop)
    customer = fill_cart(edge)
    assert customer
    flood = besiege(edge, start_flood)
    assert guard_of(edge)["posture"] == "besieged"
    for _ in range(5):
        began = time.monotonic()
        answer = edge.get("/cart", headers={"Cookie": customer})
        assert answer.status == 200 and time.monotonic() - began < 2

    challenged = edge.get("/cart")
    assert challenged.status == 503 and challenged["Cache-Control"] == "no-store"
    cleared = edge.get(solution_of(challenged, to="/cart"))
    assert cleared.status == 303 and cleared["Location"] == "/cart"
    clearance = cookie_of(cleared, "tenfold_clear")
    assert edge.get("/cart", headers={"Cookie": clearance}).status == 200
    wait_until(lambda: edge.metric("tenfold_guard_challenges_solved_total") == 1, "it is counted")
    assert edge.metric("tenfold_guard_posture") == 2
    assert counted(edge, "cleared") == 1 and counted(edge, "challenged") > 0
    status = edge.api_json("/api/v1/status")
    assert status["guard_answers_total"] > 20 * status["server_errors_total"], "what the shield answers is no failure"
    flood.stop()
    assert flood.statuses.get(503, 0) > flood.statuses.get(200, 0)


def test_who_cannot_solve_waits_its_turn_and_is_let_in(small_shop, start_edge, start_flood):
    edge = start_shielded(start_edge, small_shop)
    besiege(edge, start_flood)
    challenged = edge.get("/cart", headers={"Accept": "text/html"})
    refresh = re.search(r'http-equiv="?refresh"? content="\d+; ?url=([^"]+)"', challenged.body.decode())
    assert refresh, "the page leads on without a script"
    place, way = None, refresh.group(1).replace("&amp;", "&")

    def ask():
        nonlocal place
        answer = edge.get(way, headers={"Cookie": place} if place else {})
        place = cookie_of(answer, "tenfold_place") or place
        return answer if answer.status == 303 else None

    entered = wait_until(ask, "it is let in", deadline_s=30)
    assert entered["Location"] == "/cart"
    assert edge.get("/cart", headers={"Cookie": cookie_of(entered, "tenfold_clear")}).status == 200


def test_observing_shows_the_siege_and_challenges_nobody(small_shop, start_edge, start_flood):
    edge = start_shielded(start_edge, small_shop, mode="observe")
    start_flood(edge)
    wait_until(lambda: guard_of(edge)["posture"] != "calm" or edge.metric("tenfold_guard_asked_total") > 300, "it is seen", deadline_s=20)
    assert guard_of(edge)["mode"] == "observe"
    answer = edge.get("/cart")
    assert answer.status in (200, 503) and answer["Tenfold-Challenge"] is None
    assert edge.metric("tenfold_guard_acts") == 0
    wait_until(lambda: edge.metric("tenfold_guard_challenges_shown_total") > 0, "what would have been shown is counted", deadline_s=20)


def test_off_is_off_and_a_reload_turns_it_on(small_shop, start_edge, start_flood):
    edge = start_shielded(start_edge, small_shop, mode="off")
    assert guard_of(edge)["mode"] == "off"
    assert edge.get("/.tenfold/wait").status == 404
    edge.configure(**shielded_settings(small_shop))
    edge.reload()
    wait_until(lambda: guard_of(edge)["mode"] == "enforce", "the guard is on")
    besiege(edge, start_flood)
    assert edge.get("/cart").status == 503


def test_from_a_reload_on_nobody_is_challenged_where_that_is_left_out(small_shop, start_edge, start_flood):
    edge = start_shielded(start_edge, small_shop)
    besiege(edge, start_flood)
    assert edge.get("/cart")["Tenfold-Challenge"]
    settings = shielded_settings(small_shop)
    edge.configure(**settings | {"guard": settings["guard"] | {"without": ["challenge"]}})
    checked = tenfold("check", "-c", edge.configuration_file)
    assert checked.returncode == 0 and "guard.without: challenge: nobody is challenged" in checked.stdout, checked.stdout + checked.stderr
    edge.reload()
    wait_until(lambda: guard_of(edge)["strangers_need"] == "queue", "strangers wait instead, and it is shown so")
    wait_until(lambda: edge.get("/cart")["Tenfold-Challenge"] is None, "the worker knows")
    for _ in range(5):
        assert edge.get("/cart")["Tenfold-Challenge"] is None


def test_a_customer_is_known_after_a_restart_by_kill(small_shop, start_edge, start_flood):
    edge = start_shielded(start_edge, small_shop)
    customer = fill_cart(edge)
    edge.kill()
    edge.start_again()
    besiege(edge, start_flood)
    assert edge.get("/cart").status == 503
    assert edge.get("/cart", headers={"Cookie": customer}).status == 200


def test_a_customer_is_known_after_the_secret_was_changed(small_shop, start_edge, start_flood):
    settings = shielded_settings(small_shop)
    before, after = "the secret before, of thirty-two", "the secret after it, of thirty-two"
    edge = start_edge([small_shop], **settings | {"guard": settings["guard"] | {"secret": before}})
    customer = fill_cart(edge)
    edge.kill()
    edge.configure(**settings | {"guard": settings["guard"] | {"secret": after, "previous_secret": before}})
    edge.start_again()
    besiege(edge, start_flood)
    assert edge.get("/cart").status == 503
    assert edge.get("/cart", headers={"Cookie": customer}).status == 200


def test_a_customer_is_known_after_the_first_secret_was_set(small_shop, start_edge, start_flood):
    settings = shielded_settings(small_shop)
    edge = start_edge([small_shop], **settings)
    customer = fill_cart(edge)
    edge.kill()
    edge.configure(**settings | {"guard": settings["guard"] | {"secret": "the first secret, of thirty-two."}})
    edge.start_again()
    besiege(edge, start_flood)
    assert edge.get("/cart").status == 503
    assert edge.get("/cart", headers={"Cookie": customer}).status == 200


def test_who_takes_what_is_shown_and_bad_requests_to_the_api_are_told_what_was_expected(small_shop, start_edge):
    edge = start_shielded(start_edge, small_shop)
    for _ in range(3):
        edge.get("/search?q=lamp")
    shown = wait_until(lambda: (lambda all: all if all["standings"]["stranger"]["asked_total"] == 3 else None)(edge.api_json("/api/v1/clients")),
                       "all three are counted")
    assert shown["clients"][0]["prefix"] == "127.0.0.1" and shown["clients"][0]["origin_ms_per_s"] > 0
    assert edge.api_json("/api/v1/blocks") == {"blocks": []}
    for body, status in ((b"", 400), (b"{}", 400), (b'{"prefix": "nonsense"}', 400), (b'{"prefix": "192.0.2.1"}', 404)):
        answer = edge.api("/api/v1/blocks/lift", method="POST", body=body, headers={"Content-Type": "application/json"})
        assert answer.status == status and b'"expected"' in answer.body and b'"expected":"expected' not in answer.body
    assert raw.request(edge.console_port, "/api/v1/blocks/lift", host=f"127.0.0.1:{edge.console_port}").status == 405
