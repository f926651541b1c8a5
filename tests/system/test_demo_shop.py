"""The demo shop through the edge: a customer with a real browser buys something while a server dies; and ./run's demo."""

import os
import re
import signal
import socket

import pytest
from support import raw
from support.edge import PROGRAM
from support.processes import ROOT, Program, accepts, free_port, wait_until

PICTURES_LOADED = """
return [...document.images].filter(image => image.loading !== 'lazy' && !(image.complete && image.naturalWidth > 0)).map(image => image.src)
"""


class DemoShop(Program):
    def __init__(self, name, folder):
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        super().__init__(name, [PROGRAM, "shop", "--listen", self.address, "--workers", "20"], folder)


@pytest.fixture
def shops(parts, tmp_path):
    both = [DemoShop(f"shop-{number}", tmp_path) for number in (1, 2)]
    parts.extend(both)
    for shop in both:
        shop.wait_for_port(shop.port)
    return both


def test_a_customer_buys_in_a_browser_while_a_server_dies(shops, start_edge, browser):
    edge = start_edge(shops)
    browser.open(f"http://127.0.0.1:{edge.port}/")
    assert browser.title
    browser.wait_for_script(PICTURES_LOADED, [])
    browser.wait_for("header.top")

    browser.click("nav.nav li a")
    browser.wait_for_address("/c/")
    browser.click("ul.goods li a")
    browser.wait_for("form.buy")

    shops[0].kill()
    browser.click("form.buy button")
    browser.wait_for_address("/cart")
    browser.until(lambda: browser.find("[data-cart-count]").text == "1", "one thing in the cart")
    browser.click("aside a.button")
    browser.wait_for_title("Checkout")
    for name, value in (("name", "Ada"), ("email", "ada@shop.example"), ("street", "Lane 1"), ("postcode", "12345"), ("city", "London")):
        browser.fill(name, value)
    browser.click("form.columns button.full")
    browser.wait_for_title("Thank you")


def test_the_shop_window_stays_lit_in_a_browser_when_both_servers_are_dead(shops, start_edge, browser):
    edge = start_edge(shops)
    url = f"http://127.0.0.1:{edge.port}/"
    browser.open(url)
    title = browser.title
    for shop in shops:
        shop.kill()
    wait_until(lambda: raw.request(edge.port, "/cart").status >= 500, "the cart, which is not stored, cannot be shown")
    browser.open(url)
    assert browser.title == title
    browser.open(url + "cart")
    assert "Test Shop" in browser.source or "again" in browser.source.lower()


def test_a_broken_server_is_left_out(shops, start_edge):
    edge = start_edge(shops)
    assert raw.request(shops[0].port, "/control/healthz?state=failing", method="POST").status in (200, 204)
    served_by = re.compile(r"Served by (\S+?)<")

    def servers():
        return {served_by.search(edge.get(f"/search?q={number}").body.decode()).group(1) for number in range(8)}

    wait_until(lambda: len(servers()) == 1, "only one server serves", 15)


def test_the_shop_ends_when_told(shops):
    shops[0].signal(signal.SIGTERM)
    assert shops[0].wait(10) == 0


# --- tools/demo.sh: what ./run starts when it is given no file ---------------------------------------------------------

DEMO_PORTS = (8080, 8090, 9001, 9002)


@pytest.fixture
def demo_ports():
    taken = [port for port in DEMO_PORTS if accepts(port)]
    if taken:
        pytest.skip(f"the demo's ports are in use on this machine: {taken}")


def test_the_demo_starts_says_what_to_open_and_ends_its_children(demo_ports, start_program):
    demo = start_program("demo", [ROOT / "tools" / "demo.sh"])
    wait_until(lambda: "Ctrl-C ends the demo" in demo.log() or not demo.is_running(), "the demo is up", 40)
    assert demo.is_running(), demo.log()
    assert "http://127.0.0.1:8080/" in demo.log()
    children = demo.children()
    assert len(children) >= 3
    assert raw.request(8080, "/").status == 200

    first_shop = int(re.search(r"kill -9 (\d+)", demo.log()).group(1))
    assert first_shop in children
    os.kill(first_shop, signal.SIGKILL)
    wait_until(lambda: f"{first_shop} has ended" in demo.log(), "the demo tells that a server has ended")
    assert all(raw.request(8080, path).status == 200 for path in ("/", "/search?q=lamp", "/cart"))

    demo.signal(signal.SIGTERM)
    assert demo.wait(30) == 0
    assert not any(accepts(port) for port in DEMO_PORTS)


def test_the_demo_ends_with_code_5_when_a_port_is_taken(demo_ports, start_program):
    with socket.create_server(("127.0.0.1", 8080)):
        demo = start_program("demo", [ROOT / "tools" / "demo.sh"])
        assert demo.wait(20) == 5
    assert "127.0.0.1:8080 is taken" in demo.log()
