"""The guard's pages in a real browser: the challenge is solved and the waiting room waits, by the pages' own scripts or
without. guard_pages prints them; what stands behind is no edge but a site that speaks the contracts (support/shielded.py)."""

import shutil
import subprocess

import pytest
from support import shielded
from support.shielded import ShieldedSite


@pytest.fixture(autouse=True)
def program():
    if not shielded.PROGRAM.exists():
        pytest.fail(f"{shielded.PROGRAM} is not built: cmake --build --preset release --target guard_pages")


@pytest.fixture
def site(parts):
    def start(**options):
        started = ShieldedSite(**options)
        parts.append(started)
        return started

    return start


def other_complaints(browser):
    """A 503 is what the page is; anything else is a fault of it, such as a script that its policy does not let run."""
    return [entry for entry in browser.complaints() if "status of 503" not in entry["message"]]


# ---- the challenge ----


def test_a_browser_solves_and_arrives_where_it_wanted(site, browser):
    shop = site(bits=13)
    browser.open(f"{shop.url}/p/tea?size=2&note=a%26b#reviews")
    browser.wait_for_title("the shop")
    assert browser.driver.current_url == f"{shop.url}/p/tea?size=2&note=a%26b#reviews"
    assert [each.path for each in shop.asked] == ["/p/tea", "/.tenfold/clear", "/p/tea"]
    assert shop.wrong == []
    assert other_complaints(browser) == []


def test_seeds_of_every_length_are_hashed_rightly(site, browser):
    shop = site(bits=8, keeps_clearances=True)
    for digits in (1, 3, 40, 41, 44, 45, 48, 50, 51, 52, 54, 55, 56, 60, 62, 63, 64, 100, 116, 127, 128):
        shop.seed_digits = digits
        browser.driver.delete_all_cookies()
        browser.open(f"{shop.url}/p/{digits}")
        browser.wait_for_title("the shop")
        # More than two solutions a minute are a loop, for the page; not so here.
        browser.driver.execute_script("sessionStorage.clear()")
    assert shop.wrong == []


def test_where_no_script_is_compiled_it_solves_too(site, start_browser):
    shop = site(bits=8)
    browser = start_browser(arguments=["--js-flags=--jitless"])
    browser.open(f"{shop.url}/p/tea")
    browser.wait_for_title("the shop")
    assert shop.wrong == []


def test_ten_tabs_at_once_need_one_solution(site, browser):
    shop = site(bits=13)
    for number in range(10):
        browser.driver.execute_cdp_cmd("Target.createTarget", {"url": f"{shop.url}/p/{number}", "background": number > 0})

    def tabs():
        found = browser.driver.execute_cdp_cmd("Target.getTargets", {})["targetInfos"]
        return [each for each in found if "/p/" in each["url"]]

    browser.until(lambda: [tab["title"] for tab in tabs()] == ["the shop"] * 10, "all tabs are in the shop")
    assert len(shop.at("/.tenfold/clear")) == 1
    for number in range(10):
        assert len(shop.at(f"/p/{number}")) <= 2


def test_a_clearance_that_does_not_help_makes_no_loop(site, browser):
    shop = site(bits=4, keeps_clearances=False)
    browser.open(f"{shop.url}/p/tea")
    browser.wait_for_text("#status", "again and again")
    assert browser.attribute(".ways a:last-child", "href").startswith(f"{shop.url}/.tenfold/wait?to=%2Fp%2Ftea&seed=")
    browser.until(lambda: len(shop.at("/.tenfold/clear")) == 4, "it tries once more", deadline_s=60)
    solved = [each.at for each in shop.at("/.tenfold/clear")]
    assert solved[3] - solved[2] > 14, "after a pause"


def test_a_computer_that_has_slept_solves_too(site, browser):
    """Its browser's clock since the start stood still meanwhile, and the time of day did not."""
    shop = site(bits=8)
    browser.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {
        "source": "(function () { var now = Date.now; Date.now = function () { return now() + 8 * 3600 * 1000; }; })()"})
    browser.open(f"{shop.url}/p/tea")
    browser.wait_for_title("the shop")
    assert [each.path for each in shop.asked] == ["/p/tea", "/.tenfold/clear", "/p/tea"]


def test_without_cookies_it_says_so_and_asks_no_more(site, start_browser):
    shop = site(bits=4)
    browser = start_browser(preferences={"profile.default_content_setting_values.cookies": 2})
    browser.open(f"{shop.url}/p/tea")
    browser.wait_for_text("#status", "keeps no cookies")
    assert shop.at("/.tenfold/clear") == []


def test_a_form_is_not_sent_again_and_not_lost(site, browser):
    shop = site(bits=8)
    browser.open(f"{shop.url}/form")
    browser.wait_for_title("a form")
    browser.fill("address", "1 Tea Lane")
    browser.driver.delete_all_cookies()
    browser.click("button")
    browser.wait_for_text("#status", "send it once more")
    assert "nothing was ordered" in browser.text("main")
    browser.click("#on")
    browser.wait_for_title("a form")
    assert browser.attribute("[name=address]", "value") == "1 Tea Lane"
    assert len(shop.at("/order")) == 1
    browser.click("button")
    browser.wait_for_title("the shop")


def test_without_a_script_it_waits_instead_and_arrives(site, start_browser):
    shop = site(room=None)
    browser = start_browser(preferences={"profile.managed_default_content_settings.javascript": 2})
    shop.room = None
    browser.open(f"{shop.url}/p/tea?size=2")
    assert browser.title.startswith("One moment")
    shop.room = [2, 1]
    browser.wait_for_title("2 · You are in the queue")
    browser.wait_for_title("the shop")
    assert browser.driver.current_url == f"{shop.url}/p/tea?size=2"


# ---- the waiting room ----


def test_the_waiting_room_counts_down_and_lets_in(site, browser):
    shop = site(room=[40, 40, 30, 10, 0])
    browser.open(f"{shop.url}/p/tea?size=2#reviews")
    seen = []

    def look():
        if browser.title.startswith("the shop"):
            return True
        now = browser.driver.execute_script(
            "const bar = document.querySelector('progress'); return [document.title, "
            "document.getElementById('place').textContent, bar.value, bar.max]")
        if not seen or seen[-1] != now:
            seen.append(now)
        return False

    browser.until(look, "the shop")
    assert browser.driver.current_url == f"{shop.url}/p/tea?size=2#reviews"
    title = " · You are in the queue · Corner Shop"
    assert seen == [[f"41{title}", "Your place: 41", 0, 40], [f"31{title}", "Your place: 31", 10, 40],
                    [f"11{title}", "Your place: 11", 30, 40], [f"1{title}", "Your place: 1", 40, 40]]
    asked = [each.at for each in shop.at("/.tenfold/wait")]
    assert min(later - sooner for sooner, later in zip(asked, asked[1:])) > 0.9, "no sooner than it was told"
    assert other_complaints(browser) == []


def test_without_cookies_the_waiting_room_says_so_and_asks_no_more(site, start_browser):
    shop = site(room=[3, 3, 3])
    browser = start_browser(preferences={"profile.default_content_setting_values.cookies": 2})
    browser.open(f"{shop.url}/p/tea")
    browser.wait_for_text("#status", "keeps no cookies")
    assert not browser.find("#place").is_displayed() and not browser.find("#kept").is_displayed()
    assert shop.at("/.tenfold/wait") == []


def test_who_falls_back_is_told_so(site, browser):
    shop = site(room=[3, 2, 50, 50, 50, 50])
    browser.open(f"{shop.url}/p/tea")
    browser.wait_for_title("51 · You are in the queue")
    bar = browser.driver.execute_script("const bar = document.querySelector('progress'); return [bar.value, bar.max]")
    assert bar == [0, 50]


def test_a_form_that_had_to_wait_is_not_sent_again(site, browser):
    shop = site(bits=4)
    browser.open(f"{shop.url}/form")
    browser.wait_for_title("a form")
    browser.fill("address", "1 Tea Lane")
    browser.driver.delete_all_cookies()
    shop.room = [1]
    browser.click("button")
    browser.wait_for_text("main", "nothing was ordered")
    browser.wait_for_title("a form")
    assert browser.attribute("[name=address]", "value") == "1 Tea Lane"
    assert len(shop.at("/order")) == 1


def test_a_text_browser_reads_it_and_is_led_in(site):
    if not shutil.which("w3m"):
        pytest.skip("no w3m on this machine")
    shop = site()

    def dump(path, *options):
        return subprocess.run(["w3m", "-dump", "-cookie", *options, f"{shop.url}{path}"], capture_output=True, text=True,
                              timeout=30, check=True).stdout

    assert "Wait in the queue instead" in dump("/p/tea")
    shop.room = [1, 0]
    assert "Your place: 2" in dump("/.tenfold/wait?to=%2Fp%2Ftea")
    assert "Your place: 1" in dump("/.tenfold/wait?to=%2Fp%2Ftea")
    assert "Welcome" in dump("/.tenfold/wait?to=%2Fp%2Ftea")
