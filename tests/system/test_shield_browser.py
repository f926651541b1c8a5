"""The shield as people meet it: Chromium before the edge while a flood besieges the shop. test_guard_pages.py has the pages
by themselves, test_shield.py what clients without a browser get."""

import json
import re

import pytest
from support.besieged import besiege, shielded_settings, solution_of
from support.processes import free_port, wait_until
from support.waiting import Crowd

pytestmark = pytest.mark.alone

BROWSER = "127.0.0.1"  # its address; the flood and the crowd have others
CHALLENGE, ROOM = "One moment, please", "You are in the queue"
WITHOUT_SCRIPT = {"profile.managed_default_content_settings.javascript": 2}
WITHOUT_COOKIES = {"profile.default_content_setting_values.cookies": 2}


@pytest.fixture
def edge(small_shop, start_edge):
    return start_edge([small_shop], **shielded_settings(small_shop))


@pytest.fixture
def slow_edge(start_small_shop, start_edge):
    """Its shop has time for one newcomer a second, so that there is time to look at those who wait."""
    shop = start_small_shop(search_ms=500)
    return start_edge([shop], **shielded_settings(shop))


@pytest.fixture
def siege(start_flood):
    return lambda edge: besiege(edge, start_flood)


@pytest.fixture
def crowd(parts):
    """crowd(edge, 30): so many who wait and have places."""
    def gather(edge, count):
        crowd = Crowd(edge.port, count)
        parts.append(crowd)
        wait_until(lambda: all(waiter.has_place or waiter.entered_at for waiter in crowd.waiters), "the crowd waits", deadline_s=30)
        return crowd

    return gather


def console_of(edge):
    return f"http://127.0.0.1:{edge.console_port}/"


def url_of(edge, path):
    return f"http://127.0.0.1:{edge.port}{path}"


def visits_of(edge, last):
    """[(method and target, status)] of what the browser has asked, up to that target, which it asks for once; read from the access log."""
    edge.wait_for_log(lambda line: line.startswith(f"{BROWSER} ") and f" {last} HTTP" in line, f"{last} is in the access log")
    found = [re.match(r'\S+ .*?\] "(\S+ \S+) HTTP/[^"]*" (\d+)', line) for line in edge.access_log() if line.startswith(f"{BROWSER} ")]
    return [(each.group(1), int(each.group(2))) for each in found]


def other_complaints(browser):
    """A 503 is what the pages are; anything else is a fault of them, such as a script that its policy does not let run."""
    return [entry for entry in browser.complaints() if "status of 503" not in entry["message"]]


def solved(edge):
    return edge.metric("tenfold_guard_challenges_solved_total")


def use_up_the_ration(edge):
    """Of clearances a minute, which the browser's network has: neighbours of its take them all."""
    def take(neighbour):
        met = edge.get("/cart", source=neighbour)
        return met["Tenfold-Challenge"] and edge.get(solution_of(met, to="/cart"), source=neighbour).status == 303

    assert not all(take(f"127.0.0.{number}") for number in range(2, 60))


def put_into_cart(browser, edge):
    browser.open(url_of(edge, "/p/1008"))
    browser.click("form.buy button")


def buy(browser):
    """From the cart to the order."""
    browser.click("aside a.button")
    browser.wait_for_title("Checkout")
    for name, value in (("name", "Ada"), ("email", "ada@shop.example"), ("street", "Lane 1"), ("postcode", "12345"), ("city", "London")):
        browser.fill(name, value)
    browser.click("form.columns button.full")
    browser.wait_for_title("Thank you")


# ---- the challenge ----


def test_a_stranger_solves_the_challenge_once_and_buys(edge, siege, browser):
    siege(edge)
    browser.open(url_of(edge, "/cart?from=mail#sums"))
    browser.wait_for_title("Cart")
    assert browser.driver.current_url == url_of(edge, "/cart?from=mail#sums")
    for path in ("/search?q=lamp", "/cart", "/search?q=table", "/login", "/search?q=bowl"):
        browser.open(url_of(edge, path))
        assert not browser.title.startswith(CHALLENGE) and browser.count("header.top") == 1
    put_into_cart(browser, edge)
    browser.wait_for_title("Cart")
    buy(browser)
    assert other_complaints(browser) == []
    browser.open(url_of(edge, "/cart?the=end"))
    visits = visits_of(edge, "/cart?the=end")
    assert [visit for visit, status in visits if status >= 400] == ["GET /cart?from=mail"]
    assert sum(1 for visit, _ in visits if visit.startswith("GET /.tenfold/")) == 1
    assert solved(edge) == 1


# Without TLS, and by a name that is not this machine's, browsers have no locks for tabs to agree by.
@pytest.mark.parametrize("name, most_solutions", [("https://shop.example", 2), ("http://shop.example", 10), ("http://127.0.0.1", 2)])
def test_ten_tabs_at_once_are_all_let_in(small_shop, start_edge, start_flood, start_browser, certificates, name, most_solutions):
    tls = {"certificates": [dict(zip(("chain", "key"), map(str, certificates("shop.example"))))]} if "https" in name else {}
    plain_port, port = free_port(), free_port()
    listen = [{"address": f"127.0.0.1:{plain_port}"}, {"address": f"127.0.0.1:{port}", **tls}]
    edge = start_edge([small_shop], port=plain_port, listen=listen, **shielded_settings(small_shop))
    besiege(edge, start_flood)
    browser = start_browser(arguments=[f"--host-resolver-rules=MAP *:{port} 127.0.0.1:{port}", "--ignore-certificate-errors"])
    name = f"{name}:{port}"
    for number in range(10):
        browser.driver.execute_cdp_cmd("Target.createTarget", {"url": f"{name}/search?q=lamp{number}", "background": number > 0})

    def titles():
        found = browser.driver.execute_cdp_cmd("Target.getTargets", {})["targetInfos"]
        return [each["title"] for each in found if "/search?q=" in each["url"]]

    browser.until(lambda: len(titles()) == 10 and all(title.startswith("lamp") for title in titles()), "all tabs are in the shop", deadline_s=120)
    assert 1 <= solved(edge) <= most_solutions
    browser.open(f"{name}/cart?the=end")
    visits = [visit for visit, _ in visits_of(edge, "/cart?the=end")]
    assert max(visits.count(f"GET /search?q=lamp{number}") for number in range(10)) <= 3, "no tab goes in circles"


ASK_BY_SCRIPT = """
const done = arguments[arguments.length - 1];
fetch('/cart').then(async answer => done([answer.status, answer.headers.get('Tenfold-Challenge'), await answer.text()]));
"""


def test_what_a_page_of_the_shop_asks_for_by_script_is_told_in_json_until_the_page_is_loaded_anew(edge, siege, browser):
    browser.driver.execute_cdp_cmd("Page.setBypassCSP", {"enabled": True})  # the demo shop's pages ask for nothing
    browser.open(url_of(edge, "/login"))
    siege(edge)
    status, field, body = browser.driver.execute_async_script(ASK_BY_SCRIPT)
    told = json.loads(body)
    assert (status, told["error"]) == (503, "challenge") and f"seed={told['challenge']['seed']}; " in field
    browser.open(url_of(edge, "/login?again"))
    browser.wait_for("header.top")
    status, field, _ = browser.driver.execute_async_script(ASK_BY_SCRIPT)
    assert (status, field) == (200, None)


def test_a_form_is_not_sent_again_and_leads_back_to_where_it_was(edge, siege, browser):
    browser.open(url_of(edge, "/p/1008"))
    siege(edge)
    browser.click("form.buy button")
    browser.wait_for_text("#status", "send it once more")
    assert "nothing was ordered" in browser.text("main")
    browser.click("#on")
    browser.wait_for_address("/p/1008")
    browser.click("form.buy button")
    browser.wait_for_title("Cart")
    browser.until(lambda: browser.find("[data-cart-count]").text == "1", "one thing in the cart")
    browser.open(url_of(edge, "/cart?the=end"))
    assert [status for visit, status in visits_of(edge, "/cart?the=end") if visit == "POST /cart"] == [503, 303]
    assert other_complaints(browser) == []


def test_a_form_without_a_script_is_not_sent_again_either(edge, siege, start_browser):
    browser = start_browser(preferences=WITHOUT_SCRIPT)
    browser.open(url_of(edge, "/p/1008"))
    siege(edge)
    browser.click("form.buy button")
    browser.wait_for_text("main", "nothing was ordered")
    # While it reads that it waits, and here nobody else does.
    browser.wait_for_address("/p/1008")
    browser.click("form.buy button")
    browser.wait_for_title("Cart")
    browser.open(url_of(edge, "/cart?the=end"))
    assert [status for visit, status in visits_of(edge, "/cart?the=end") if visit == "POST /cart"] == [503, 303]


def test_who_comes_after_the_networks_ration_waits_and_is_let_in(edge, siege, browser):
    siege(edge)
    use_up_the_ration(edge)
    browser.open(url_of(edge, "/cart?from=mail#sums"))
    browser.wait_for_title(ROOM)
    browser.wait_for_title("Cart")
    assert browser.driver.current_url == url_of(edge, "/cart?from=mail#sums")
    assert other_complaints(browser) == []


def test_a_form_that_has_to_wait_after_the_networks_ration_leads_back(slow_edge, siege, crowd, browser):
    browser.open(url_of(slow_edge, "/p/1008"))
    siege(slow_edge)
    use_up_the_ration(slow_edge)
    crowd(slow_edge, 30)
    browser.click("form.buy button")
    browser.wait_for_title(ROOM)
    assert "nothing was ordered" in browser.text("main")
    browser.wait_for_address("/p/1008")
    browser.click("form.buy button")
    browser.wait_for_title("Cart")
    browser.open(url_of(slow_edge, "/cart?the=end"))
    assert [status for visit, status in visits_of(slow_edge, "/cart?the=end") if visit == "POST /cart"] == [503, 303]


def test_a_customer_with_a_cart_of_before_meets_no_page_of_ours(edge, siege, browser):
    put_into_cart(browser, edge)
    browser.wait_for_title("Cart")
    siege(edge)
    for path in ("/", "/search?q=lamp", "/c/tableware", "/p/1009", "/search?q=table", "/cart"):
        browser.open(url_of(edge, path))
        assert browser.count("header.top") == 1
    buy(browser)
    browser.open(url_of(edge, "/cart?the=end"))
    visits = visits_of(edge, "/cart?the=end")
    assert ("POST /checkout", 303) in visits
    assert [visit for visit, status in visits if status >= 400 or "/.tenfold/" in visit] == []
    assert browser.complaints() == []


def test_without_cookies_both_pages_say_so(edge, siege, start_browser):
    siege(edge)
    browser = start_browser(preferences=WITHOUT_COOKIES)
    browser.open(url_of(edge, "/cart"))
    browser.wait_for_text("#status", "keeps no cookies")
    # The challenge's own link says since when it waits: from there it may be let in at once, to no avail.
    browser.open(url_of(edge, "/.tenfold/wait?to=%2Fcart"))
    browser.wait_for_title(ROOM)
    browser.wait_for_text("#status", "keeps no cookies")
    assert solved(edge) == 0


SERVICE_WORKERS = {"as_it_is": "e.request", "anew": "new Request(e.request, {cache: 'no-store'})"}


@pytest.mark.parametrize("passed_on", SERVICE_WORKERS)
def test_a_navigation_that_a_service_worker_passes_on_gets_the_page(small_shop, start_edge, start_flood, start_scripted, browser, passed_on):
    worker = f"""self.addEventListener('activate', e => e.waitUntil(clients.claim()));
        self.addEventListener('fetch', e => e.respondWith(fetch({SERVICE_WORKERS[passed_on]})));"""
    app = start_scripted(lambda request: (200, {"Content-Type": "text/javascript"}, worker.encode()) if request.target == "/app/worker.js"
                         else (200, {"Content-Type": "text/html"}, b"<title>the app</title>"))
    settings = shielded_settings(small_shop)
    settings["origins"].append({"name": "app", "servers": [app.address]})
    edge = start_edge([small_shop], **settings, routes=[{"paths": ["/app/*"], "origins": ["app"]}, {"paths": ["/*"], "origins": ["shop"]}])
    browser.open(url_of(edge, "/app/"))
    browser.wait_for_title("the app")
    browser.driver.execute_async_script("""const done = arguments[0];
        navigator.serviceWorker.register('/app/worker.js', {scope: '/app/'});
        navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller ? done()
          : navigator.serviceWorker.addEventListener('controllerchange', done));""")
    besiege(edge, start_flood)
    browser.open(url_of(edge, "/app/page"))
    browser.wait_for_title("the app")
    # The page that it waits for has been asked for twice, and its first line says nothing of the second.
    browser.open(url_of(edge, "/app/page?the=end"))
    visits = visits_of(edge, "/app/page?the=end")
    assert visits.count(("GET /app/page", 503)) == 1 and sum("/.tenfold/clear" in visit for visit, _ in visits) == 1


def test_in_a_frame_of_another_site_it_says_that_no_cookie_is_kept_and_opens_in_a_window(edge, siege, start_scripted, start_browser):
    siege(edge)
    # Another site for a browser, which goes by names.
    inner = f"http://localhost:{edge.port}/cart"
    outer = start_scripted(lambda request: (200, {"Content-Type": "text/html"}, f'<iframe src="{inner}"></iframe>'.encode()))
    browser = start_browser()
    browser.open(f"http://{outer.address}/")
    browser.driver.switch_to.frame(0)
    browser.wait_for_text("#status", "keeps no cookies")
    assert solved(edge) == 0
    browser.click("#on")
    browser.until(lambda: len(browser.driver.window_handles) == 2, "the shop in a window of its own")
    browser.driver.switch_to.window(browser.driver.window_handles[1])
    browser.wait_for_title("Cart")
    wait_until(lambda: solved(edge) == 1, "it has solved once")


# ---- the waiting room ----


def ahead_of_a_newcomer(edge):
    return int(re.search(r"ahead=(\d+)", edge.get("/.tenfold/wait")["Tenfold-Queue"]).group(1))


def test_without_a_script_it_waits_at_an_honest_place_and_is_let_in_at_its_turn(slow_edge, siege, crowd, start_browser):
    siege(slow_edge)
    # Who was sent away before strangers were challenged has a place and does not come for it, which the room learns in time.
    wait_until(lambda: ahead_of_a_newcomer(slow_edge) < 3, "the room knows who does not come", deadline_s=60, every_s=1)
    browser = start_browser(preferences=WITHOUT_SCRIPT)
    before = crowd(slow_edge, 40)
    browser.open(url_of(slow_edge, "/cart?from=mail"))
    assert browser.title.startswith(CHALLENGE)
    browser.wait_for_title(ROOM)
    told = []  # the number in the title, and how many of the crowd waited at the look before and at this one
    waiting = len(before.waiting())

    def look():
        nonlocal waiting
        title, waited = browser.title, waiting
        waiting = len(before.waiting())
        if ROOM in title and (not told or told[-1][0] != int(title.split(" ")[0])):
            told.append((int(title.split(" ")[0]), waited, waiting))
        return title.startswith("Cart")

    browser.until(look, "the shop", deadline_s=120)
    assert browser.driver.current_url == url_of(slow_edge, "/cart?from=mail")
    assert waiting <= 3, "it is let in when those before it are"
    # On a busy machine too, where the crowd asks late.
    numbers = [number for number, _, _ in told]
    assert numbers[0] > 3 and all(min(least - 3, 0.8 * least) <= number - 1 <= most + 3 for number, most, least in told), f"(told, waiting): {told}"
    assert all(later <= earlier + 2 for earlier, later in zip(numbers, numbers[1:])), f"(told, waiting): {told}"


def test_a_tab_whose_own_timers_rest_keeps_its_place(slow_edge, siege, crowd, start_browser):
    siege(slow_edge)
    wait_until(lambda: ahead_of_a_newcomer(slow_edge) < 3, "the room knows who does not come", deadline_s=60, every_s=1)
    browser = start_browser()
    # As in a tab that has long been in the background, but without the wait: there, pages are woken once a minute.
    browser.before_each_page("window.setTimeout = function () { return 1; };")
    crowd(slow_edge, 20)
    browser.open(url_of(slow_edge, "/.tenfold/wait?to=%2Fcart%3Ffrom%3Dtab"))
    browser.wait_for_title(ROOM)
    browser.until(lambda: browser.title.startswith("Cart"), "the shop", deadline_s=90)
    assert browser.driver.current_url == url_of(slow_edge, "/cart?from=tab")


# ---- both pages ----

WORDS = {"en": (CHALLENGE, "Your place:", "keeps no cookies"), "de": ("Einen Moment, bitte", "Ihr Platz:", "keine Cookies"),
         "fr": ("Un instant", "Votre place", "ne garde pas de cookies"), "es": ("Un momento", "Su lugar:", "no guarda cookies")}


def test_the_pages_speak_the_browsers_language_in_its_colours_and_ask_nobody_else(edge, siege, start_browser):
    siege(edge)
    browser = start_browser(preferences=WITHOUT_COOKIES, network_log=True)
    papers = {}
    browser.requested()
    for number, (language, (challenge, place, no_cookies)) in enumerate(WORDS.items()):
        scheme = ("light", "dark")[number % 2]
        browser.prefer(f"{language};q=0.9, it;q=0.1", scheme)
        browser.open(url_of(edge, "/cart"))
        browser.wait_for_text("#status", no_cookies)
        assert challenge in browser.title and browser.attribute("html", "lang") == language
        browser.open(url_of(edge, "/.tenfold/wait?to=%2Fcart"))
        browser.wait_for_text("#status", no_cookies)
        assert place in browser.attribute("#place", "textContent") and browser.attribute("html", "lang") == language
        papers.setdefault(scheme, set()).add(browser.driver.execute_script("return getComputedStyle(document.body).backgroundColor"))
    assert len(papers["light"]) == len(papers["dark"]) == 1 and papers["light"] != papers["dark"]
    own = ("data:", "chrome:", "chrome-extension:")  # of the browser's first, empty tab too
    assert [address for address in browser.requested() if not address.startswith((url_of(edge, "/"), *own))] == []
    assert other_complaints(browser) == []


def test_the_consoles_page_says_a_siege_in_a_sentence_and_not_as_an_outage(browser, edge, siege):
    siege(edge)
    browser.open(console_of(edge))
    browser.wait_for_text("#verdict", "Under siege: strangers are asked to solve a challenge, customers are served.")
