"""A small shop whose owner knows what it bears, an edge that shields it, and a siege of it by a flood of strangers."""

import hashlib
import re
import urllib.parse

from .edge import PROGRAM
from .processes import Program, free_port, wait_until

WORKERS = 4  # which the owner says: so the edge need not learn it first
WORTH = [{"name": "checkout", "paths": ["/checkout*", "/cart*"]}, {"name": "browse", "paths": ["/*"]}]
SALES = {"currency": "EUR", "average_order": 42.5, "order": "POST /checkout"}


class SmallShop(Program):
    """It bears forty searches a second, by default."""

    def __init__(self, folder, search_ms=100):
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        super().__init__("shop", [PROGRAM, "shop", "--listen", self.address, "--workers", str(WORKERS),
                                  "--time", f"page=20ms,search={search_ms}ms,checkout=20ms,cart=20ms"], folder)


def shielded_settings(shop, mode="enforce"):
    """What shop.yaml says of the shield and of what it shields."""
    return {"guard": {"mode": mode, "kernel": "off"}, "worth": WORTH, "sales": SALES,
            "origins": [{"name": "shop", "servers": [shop.address], "max_connections": WORKERS}]}


def guard_of(edge):
    return edge.api_json("/api/v1/guard")


def besiege(edge, start_flood):
    """A flood that has brought the edge to challenge all who are strangers."""
    flood = start_flood(edge)
    wait_until(lambda: guard_of(edge)["strangers_need"] == "challenge", "strangers are challenged", deadline_s=20)
    return flood


def cookie_of(answer, name):
    """name=value, as it is sent back; None if the answer sets no such cookie."""
    found = re.search(rf"{name}=[^;]+", answer["Set-Cookie"] or "")
    return found and found.group()


def solution_of(challenged, to):
    """What a browser's script asks for: with a nonce for which the hash begins with so many zero bits."""
    fields = dict(part.strip().partition("=")[::2] for part in challenged["Tenfold-Challenge"].split(";")[1:])
    bits = int(fields["bits"])
    nonce = 0
    while int.from_bytes(hashlib.sha256(f"{fields['seed']}:{nonce}".encode()).digest(), "big") >> (256 - bits):
        nonce += 1
    return f"{fields['path']}?seed={fields['seed']}&nonce={nonce}&to={urllib.parse.quote(to, safe='')}"


def fill_cart(edge, cookie=None):
    """Puts something into the cart, which the shop confirms: the cookie by which a customer is known again."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"} | ({"Cookie": cookie} if cookie else {})
    answer = edge.get("/cart", method="POST", headers=headers, body=b"product=1008&quantity=1")
    assert answer.status in (200, 302, 303), answer.status
    return cookie_of(answer, "tenfold_seen")
