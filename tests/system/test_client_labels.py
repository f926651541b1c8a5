"""How clients look in /api/v1/clients: by their TLS handshake, by the order of their fields. Each client here has an address of
its own; what shows them is the same that shows who takes most."""

import re
import subprocess

import pytest
from support.besieged import shielded_settings
from support.processes import free_port, wait_until

CURL, OTHER_CURL, OPENSSL, PLAIN, BROWSER = "127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5", "127.0.0.1"
TLS_FORM = r"t1[23]d\d{4}[a-z0-9]{2}_[0-9a-f]{12}_[0-9a-f]{12}"
FIELDS_FORM = r"\d\d[cn][rn]_[0-9a-f]{8}"


@pytest.fixture
def edge(small_shop, start_edge, certificates):
    chain, key = map(str, certificates("shop.example"))
    plain_port, port = free_port(), free_port()
    listen = [{"address": f"127.0.0.1:{plain_port}"}, {"address": f"127.0.0.1:{port}", "certificates": [{"chain": chain, "key": key}]}]
    edge = start_edge([small_shop], port=plain_port, listen=listen, **shielded_settings(small_shop))
    edge.tls_port = port
    return edge


def labels_of(edge, client):
    return next((each["labels"] for each in edge.api_json("/api/v1/clients")["clients"] if each["prefix"] == client), None)


def labels_when(edge, client, seen=lambda labels: True):
    return wait_until(lambda: (lambda labels: labels if labels and seen(labels) else None)(labels_of(edge, client)), f"{client} has its labels")


def ask_by_curl(curl, edge, client, *arguments, scheme="https"):
    port = edge.tls_port if scheme == "https" else edge.port
    answer = curl("-k", "--interface", client, "--resolve", f"shop.example:{port}:127.0.0.1", "-o", "/dev/null", "-w", "%{http_code}",
                  *arguments, f"{scheme}://shop.example:{port}/search?q=lamp")
    assert answer.stdout == "200", answer.stderr


def ask_by_openssl(edge, client):
    asked = subprocess.run(["openssl", "s_client", "-quiet", "-bind", f"{client}:0", "-servername", "shop.example",
                            "-connect", f"127.0.0.1:{edge.tls_port}"], capture_output=True, timeout=30, check=False,
                           input=b"GET /search?q=lamp HTTP/1.1\r\nAccept: */*\r\nHost: shop.example\r\nConnection: close\r\n\r\n")
    assert b"HTTP/1.1 200" in asked.stdout, asked.stderr


def test_programs_are_told_apart_and_one_program_looks_the_same_on_each_connection(edge, curl):
    for client in (CURL, CURL, OTHER_CURL):
        ask_by_curl(curl, edge, client)
    ask_by_openssl(edge, OPENSSL)
    ask_by_curl(curl, edge, PLAIN, scheme="http")
    of_curl, of_openssl = labels_when(edge, CURL), labels_when(edge, OPENSSL)
    assert re.fullmatch(TLS_FORM, of_curl["tls"]) and re.fullmatch(TLS_FORM, of_openssl["tls"])
    assert re.fullmatch(FIELDS_FORM, of_curl["fields"])
    assert of_curl["tls_seen"] == 1 and of_curl["fields_seen"] == 1 and not of_curl["session"]
    assert labels_when(edge, OTHER_CURL) == of_curl
    assert of_openssl["tls"] != of_curl["tls"] and of_openssl["fields"] != of_curl["fields"]
    plain = labels_when(edge, PLAIN)
    assert plain["tls"] is None and plain["tls_seen"] == 0 and plain["fields"] == of_curl["fields"]


def test_a_client_that_changes_how_it_looks_is_seen_to(edge, curl):
    ask_by_curl(curl, edge, CURL)
    labels_when(edge, CURL)
    ask_by_curl(curl, edge, CURL, "--tls-max", "1.2", "-H", "X-Shop: 1", "-H", "Cookie: PHPSESSID=0123456789abcdef0123456789",
                "-e", "https://shop.example/")
    changed = labels_when(edge, CURL, lambda labels: labels["tls_seen"] == 2)
    assert changed["tls"].startswith("t12d") and changed["fields_seen"] == 2 and changed["session"]
    assert changed["fields"][2:5] == "cr_"


def test_labels_change_nothing_of_a_clients_standing(edge, curl):
    for _ in range(3):
        ask_by_curl(curl, edge, CURL, "-H", "Cookie: PHPSESSID=0123456789abcdef0123456789")
    of = wait_until(lambda: (lambda of: of if sum(each["asked_total"] for each in of.values()) == 3 else None)(
        edge.api_json("/api/v1/clients")["standings"]), "all three are counted")
    assert of["stranger"]["asked_total"] == 3


def test_what_chromium_sends_by_chance_is_left_out(edge, start_browser):
    """A page without pictures: one connection for each name, of which none resumes another's session."""
    browser = start_browser(arguments=[f"--host-resolver-rules=MAP *:{edge.tls_port} 127.0.0.1:{edge.tls_port}", "--ignore-certificate-errors"])
    for number, name in enumerate(("shop.example", "www.shop.example"), start=1):
        browser.open(f"https://{name}:{edge.tls_port}/robots.txt")
        wait_until(lambda: edge.api_json("/api/v1/clients")["standings"]["stranger"]["asked_total"] >= number, "the visit is counted")
    labels = labels_when(edge, BROWSER)
    assert re.fullmatch(TLS_FORM, labels["tls"]) and labels["tls"].startswith("t13d")
    assert edge.metric("tenfold_connections_total") >= 2
    assert labels["tls_seen"] == 1
