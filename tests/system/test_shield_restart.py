"""kill -9 in mid-siege: whoever was known to the edge before is known to the next one, which has nothing but the same store."""

import time

import pytest
from support.besieged import besiege, cookie_of, fill_cart, guard_of, shielded_settings, solution_of
from support.processes import wait_until
from support.waiting import Crowd

pytestmark = pytest.mark.alone


@pytest.fixture
def edge(small_shop, start_edge):
    return start_edge([small_shop], **shielded_settings(small_shop))


@pytest.fixture
def slow_edge(start_small_shop, start_edge):
    """Its shop has time for one newcomer a second, so that there is time to look at those who wait."""
    shop = start_small_shop(search_ms=500)
    return start_edge([shop], **shielded_settings(shop))


def wait_until_besieged_again(edge):
    wait_until(lambda: guard_of(edge)["strangers_need"] == "challenge", "strangers are challenged again", deadline_s=20)


def test_customers_and_those_who_were_cleared_are_met_by_nothing_after_a_kill(edge, start_flood):
    customer = fill_cart(edge)
    besiege(edge, start_flood)
    clearance = cookie_of(edge.get(solution_of(edge.get("/cart"), to="/cart")), "tenfold_clear")
    assert customer and clearance
    edge.kill()
    edge.start_again()
    for cookie in (customer, clearance):
        assert edge.get("/cart", headers={"Cookie": cookie}).status == 200, "at once"
    wait_until_besieged_again(edge)
    for cookie in (customer, clearance):
        assert edge.get("/cart", headers={"Cookie": cookie}).status == 200
    assert edge.get("/cart").status == 503


def test_a_seed_of_before_the_kill_is_solved_after_it(edge, start_flood):
    besiege(edge, start_flood)
    solution = solution_of(edge.get("/cart"), to="/cart")
    edge.kill()
    edge.start_again()
    cleared = edge.get(solution)
    assert cleared.status == 303 and cookie_of(cleared, "tenfold_clear")


def test_who_waited_before_the_kill_goes_before_those_who_join_after_it(slow_edge, start_flood, parts):
    besiege(slow_edge, start_flood)
    place = cookie_of(slow_edge.get("/.tenfold/wait?to=/cart"), "tenfold_place")
    slow_edge.kill()
    slow_edge.start_again()
    wait_until_besieged_again(slow_edge)
    newcomers = Crowd(slow_edge.port, 25)
    parts.append(newcomers)
    wait_until(lambda: sum(waiter.has_place for waiter in newcomers.waiting()) > 10, "newcomers wait", deadline_s=20)
    asked_at, waiting = time.monotonic(), len(newcomers.waiting())

    def enters():
        nonlocal place
        answer = slow_edge.get("/.tenfold/wait?to=/cart", headers={"Cookie": place})
        place = cookie_of(answer, "tenfold_place") or place
        return answer.status == 303

    wait_until(enters, "it enters", deadline_s=60, every_s=0.5)
    assert waiting > 5 and newcomers.entered_between(asked_at, time.monotonic()) <= 4


def test_a_customers_browser_goes_on_shopping_after_a_kill(edge, start_flood, browser):
    shop = f"http://127.0.0.1:{edge.port}"
    browser.open(f"{shop}/p/1008")
    browser.click("form.buy button")
    browser.wait_for_title("Cart")
    besiege(edge, start_flood)
    browser.open(f"{shop}/search?q=lamp")
    edge.kill()
    edge.start_again()
    browser.open(f"{shop}/search?q=oak")
    assert browser.title.startswith("oak")
    wait_until_besieged_again(edge)
    for path in ("/search?q=table", "/cart"):
        browser.open(f"{shop}{path}")
        assert browser.count("header.top") == 1
    assert browser.text("aside a.button") == "To the checkout"


def test_a_browser_in_the_waiting_room_is_told_of_the_failure_and_keeps_its_place(slow_edge, start_flood, browser, parts):
    besiege(slow_edge, start_flood)
    parts.append(Crowd(slow_edge.port, 25))  # so that it waits for a while
    wait_until(lambda: sum(waiter.has_place for waiter in parts[-1].waiting()) > 10, "others wait", deadline_s=20)
    browser.open(f"http://127.0.0.1:{slow_edge.port}/.tenfold/wait?to=%2Fcart")
    browser.wait_for_title("You are in the queue")
    slow_edge.kill()
    browser.wait_for_text("#status", "cannot be reached")
    assert "Your place" in browser.text("#place")
    slow_edge.start_again()
    browser.wait_for_title("Cart")
