"""`tenfold rehearse` with real parts: verdicts, the knee, ownership, orders, the credential, reports, the live view.

What takes long (the knee, a token that goes in mid-run) is started with the first test and looked at by the last ones.
The same at full length: bench/rehearse.
"""

import collections
import json
import os
import pathlib
import pty
import re
import signal
import sqlite3
import subprocess
import time
import xml.etree.ElementTree

import pytest
from support.edge import PROGRAM, Edge, tenfold
from support.processes import ROOT, free_port, wait_until
from support.rehearsal import (DEMO_MODEL, FAIL, INVALID, PASS, REFUSED, SHARED_LOG, USAGE, NetworkNamespaces, OwnedSite, Rehearsal,
                               Shop, accounted, settled)

pytestmark = pytest.mark.alone

KNEE_WORKERS, KNEE_EACH_MS = 4, 20  # 200 requests a second
SENT = (PASS, INVALID)  # Of tests about what is sent: a busy machine may make it late, which is another test's matter.
TOKEN = re.compile(r"tenfold-verify=[0-9a-f]{64}")


@pytest.fixture
def rehearse(parts, tmp_path):
    """rehearse(url, options...) -> Rehearsal, ended with the test."""
    def start(url, *options, name="rehearsal", **more):
        rehearsal = Rehearsal(tmp_path / name, url, *options, **more)
        parts.append(rehearsal)
        return rehearsal

    return start


@pytest.fixture
def start_shop(parts, tmp_path):
    def start(**options):
        shop = Shop(tmp_path, **options)
        parts.append(shop)
        return shop

    return start


def write_model(folder, pages, think_s=0.1, arrivals_per_s=20, pages_per_session=4, name="model.json"):
    """A small model: visitors who go through `pages` (name -> [(target, weight)], with the method in front where it is not
    GET) at random."""
    def template(page, targets):
        method = page.split(" ")[0] if " " in page else "GET"
        return {"name": page, "method": method, "kind": "page", "targets": targets}

    model = {"version": 2, "templates": [template(page, targets) for page, targets in pages.items()],
             "populations": [{"kind": "people", "arrivals": {"mean_per_s": arrivals_per_s},
                              "visits": [{"pages_per_session": {"mean": pages_per_session},
                                          "pages": [{"page": page, "entry": 1, "next": {other: 1 for other in pages},
                                                     "think_s": {"mean": think_s}} for page in pages]}]}]}
    file = folder / name
    file.write_text(json.dumps(model))
    return file


def validate_report(result):
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((ROOT / "docs" / "rehearsal-report.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(result)


def evidence_in(store):
    with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as database:
        return database.execute("SELECT kind, subject, verdict, summary FROM evidence ORDER BY id").fetchall()


# ---- Under way while the others run ----

@pytest.fixture(scope="module", autouse=True)
def knee_under_way(tmp_path_factory):
    folder = tmp_path_factory.mktemp("knee")
    if not PROGRAM.exists():
        pytest.fail(f"{PROGRAM} is not built: ./run --build-only")
    shop = Shop(folder, workers=KNEE_WORKERS, each_ms=KNEE_EACH_MS)
    rehearsal = Rehearsal(folder / "rehearsal", shop.url, "--find-limit", "--rate", "150/s", "--step", "5s", "--threads", 1,
                          "--report", folder / "report")
    yield rehearsal
    rehearsal.stop()
    shop.stop()


@pytest.fixture(scope="module", autouse=True)
def knee_through_edge_under_way(tmp_path_factory, knee_under_way):
    """Two origins with half of the capacity each, behind an edge that stores nothing."""
    folder = tmp_path_factory.mktemp("edge-knee")
    shops = [Shop(folder, name=f"shop-{number}", workers=KNEE_WORKERS // 2, each_ms=KNEE_EACH_MS) for number in (1, 2)]
    # Without its credential a rehearsal is a flood to the shield, which would bend the knee that is sought here.
    edge = Edge(folder / "edge", shops, workers=1, guard={"mode": "off"}, routes=[{"paths": ["/*"], "origins": ["shop"], "cache": "bypass"}])
    edge.wait_until_ready()
    rehearsal = Rehearsal(folder / "rehearsal", f"http://127.0.0.1:{edge.port}/", "--find-limit", "--rate", "150/s", "--step", "5s",
                          "--threads", 1)
    yield rehearsal
    for part in (rehearsal, edge, *shops):
        part.stop()


@pytest.fixture(scope="module")
def namespaces():
    try:
        made = NetworkNamespaces()
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no network namespaces: {getattr(error, 'stderr', None) or error}")
    yield made
    made.stop()


@pytest.fixture(scope="module")
def owned_site(namespaces, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    site = OwnedSite(folder, f"{namespaces.SITE}:8080", before=namespaces.inside(namespaces.site))
    wait_until(lambda: subprocess.run([*namespaces.inside(namespaces.driver), "curl", "-sf", f"http://{namespaces.SITE}:8080/"],
                                      capture_output=True, check=False).returncode == 0, "the site answers")
    yield site
    site.stop()


# ---- Ownership ----

def refused(rehearsal, because):
    code, result = rehearsal.finish(20)
    assert (code, result["verdict"]) == (REFUSED, "REFUSED"), result
    assert because in result["reasons"][0], result["reasons"]
    assert result["sent"] == 0
    validate_report(result)
    return result


@pytest.fixture(scope="module")
def gone_in_mid_run(owned_site, namespaces, tmp_path_factory):
    """A rehearsal of the site whose token goes while it runs; other ways of not owning it were tried before."""
    folder = tmp_path_factory.mktemp("owner")
    url = f"http://{namespaces.SITE}:8080/"

    def start(name="owner", url=url):
        return Rehearsal(folder / name, url, "--rate", "10/s", "--for", "100s", before=namespaces.inside(namespaces.driver))

    missing = refused(start(), "status 404")
    token = missing["token"]
    assert TOKEN.fullmatch(token) and missing["place"] == f"{url}.well-known/tenfold-verify.txt"
    owned_site.say("here", token[:-1] + ("0" if token[-1] != "0" else "1"))
    refused(start(), "a file without the token")
    owned_site.say("here", token)
    refused(start("another-installation"), "a file without the token")
    owned_site.say("redirect", token)
    refused(start(), "a redirect, which is not followed")
    code, result = start(url="http://192.0.2.99:8080/").finish(20)  # Nobody there.
    assert (code, result["verdict"], result["sent"]) == (INVALID, "INVALID", 0) and result["next"], result
    validate_report(result)

    owned_site.say("here", token)
    began = time.monotonic()
    rehearsal = start()
    wait_until(lambda: owned_site.log().count("token asked for: here") >= 3, "the token is read, and load begins")
    time.sleep(2)
    owned_site.say("gone")
    rehearsal.had_token_s = time.monotonic() - began
    yield rehearsal
    rehearsal.stop()


def test_what_is_not_proven_to_be_ours_is_refused(gone_in_mid_run):
    assert gone_in_mid_run.process.poll() is None, "with the token in its place it runs"


# ---- A verdict and what is written about it ----

def test_visitors_of_a_model_pass_and_everything_is_written(start_shop, rehearse, tmp_path):
    shop = start_shop(workers=60)
    report = tmp_path / "report"
    code, result = settled(lambda number: rehearse(
        shop.url, "--traffic", DEMO_MODEL, "--times", 3, "--for", "6s", "--slo", "p99<800ms,errors<0.5%,/search:p95<2s", "--report", report,
        "--store", tmp_path / f"{number}.db"))
    assert (code, result["verdict"]) == (PASS, "PASS"), result["reasons"]
    validate_report(result)
    # 3 × (1.0 + 0.02) sessions a second begin; what was planned was sent, and is accounted for.
    assert result["counts"]["sessions"] == pytest.approx(6 * 0.9 * 3.06, abs=4)  # The ramp takes a tenth of the time.
    assert result["planned"] == result["sent"] == accounted(result) > 100
    assert result["response_ms"]["p50"] >= result["service_ms"]["p50"] > 2
    assert result["run"]["times"] == 3 and "--times 3" in result["run"]["command"]
    names = {template["name"] for template in result["templates"]}
    assert {"/", "/c/{name}", "/pictures/{id}.svg"} <= names

    assert json.loads((report / "report.json").read_text()) == result
    suite = xml.etree.ElementTree.parse(report / "junit.xml").getroot().find("testsuite")
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("4", "0", "0")
    assert {case.get("name") for case in suite} == {"p99<800ms", "errors<0.5%", "/search:p95<2s", "the measurement holds"}

    (kind, subject, verdict, summary), = evidence_in(max(tmp_path.glob("*.db")))
    assert (kind, subject, verdict) == ("rehearsal", shop.url, "PASS")
    assert json.loads(summary)["achieved_per_s"] == result["achieved_per_s"]


def test_a_part_that_is_too_slow_fails_and_is_named(start_scripted, rehearse, tmp_path):
    def answer(request):
        if request.target == "/checkout/pay":
            time.sleep(0.3)
        return 200, {}, b"ok"

    origin = start_scripted(answer)
    model = write_model(tmp_path, {"/": [["/", 1]], "/checkout/pay": [["/checkout/pay", 1]]}, arrivals_per_s=8)
    code, result = settled(lambda _: rehearse(f"http://{origin.address}/", "--traffic", model, "--for", "4s", "--ramp", "0s", "--slo",
                                              "p99<2s,checkout:p95<200ms,/:p50<2s"))
    assert (code, result["verdict"]) == (FAIL, "FAIL")
    kept = {finding["objective"]: finding["kept"] for finding in result["findings"]}
    assert kept == {"p99<2s": True, "checkout:p95<200ms": False, "/:p50<2s": True}
    assert "checkout:p95<200ms was not kept" in result["reasons"][0]


def test_a_shop_that_is_down_ends_it_early_unless_told_to_keep_going(start_shop, rehearse):
    shop = start_shop(workers=20, each_ms=1)
    shop.control("broken?status=500&share=1")
    early = rehearse(shop.url, "--rate", "100/s", "--for", "60s")
    insisting = rehearse(shop.url, "--rate", "100/s", "--for", "8s", "--keep-going", name="insisting")
    code, result = early.finish()
    assert (code, result["verdict"], result["run"]["ended"]) == (FAIL, "FAIL", "stopped")
    assert "stopped early: the shop is down" in result["reasons"][0] and "error statuses" in result["reasons"][0]
    assert result["run"]["lasted_s"] < 15
    code, result = insisting.finish()
    assert (code, result["run"]["ended"], result["planned"]) == (FAIL, "planned", 800)


def test_a_person_who_interrupts_gets_what_there_is_and_no_verdict(start_shop, rehearse):
    shop = start_shop(workers=20, each_ms=1)
    rehearsal = rehearse(shop.url, "--rate", "50/s", "--for", "60s")
    wait_until(lambda: shop.answered() > 50, "some requests are answered")
    rehearsal.signal(signal.SIGINT)
    code, result = rehearsal.finish(10)
    assert (code, result["verdict"], result["run"]["ended"]) == (INVALID, "INVALID", "interrupted")
    assert result["sent"] >= 50 and result["sent"] == accounted(result)


# ---- INVALID: the driver was the limit ----

def test_a_driver_that_gets_no_time_says_nothing_about_the_shop(start_shop, rehearse):
    shop = start_shop(workers=100, each_ms=1)
    # So strict a promise that the driver's own pauses would break it; they do not matter to one that is kept all the same.
    in_bursts = rehearse(shop.url, "--rate", "200/s", "--for", "5s", "--threads", 1, "--slo", "p99<40ms")
    in_one = rehearse(shop.url, "--rate", "200/s", "--for", "5s", "--threads", 1, name="in-one")
    wait_until(lambda: shop.answered() > 50, "it is under way")
    in_one.signal(signal.SIGSTOP)
    stopped = time.monotonic()
    for _ in range(6):  # The pauses are the load here: the driver stands still in them.
        in_bursts.signal(signal.SIGSTOP)
        time.sleep(0.15)
        in_bursts.signal(signal.SIGCONT)
        time.sleep(0.25)
    time.sleep(max(0, stopped + 2.5 - time.monotonic()))
    in_one.signal(signal.SIGCONT)

    code, result = in_bursts.finish()
    assert (code, result["verdict"]) == (INVALID, "INVALID")
    assert "more than 10 ms late" in result["reasons"][0]
    assert result["planned"] == accounted(result) == 1000 and result["sent"] > 900
    # What is late by more than a second is not sent in one burst: it is counted as not sent.
    code, result = in_one.finish()
    assert (code, result["verdict"]) == (INVALID, "INVALID")
    assert "could be sent" in result["reasons"][0]
    assert result["planned"] == accounted(result) == 1000
    assert 0.7 * 200 < result["counts"]["unsent"] < 4 * 200


def test_an_impossible_rate_is_invalid_and_nothing_is_dropped_in_silence(start_nginx, rehearse):
    nginx = start_nginx()
    code, result = rehearse(f"http://{nginx.address}/who", "--rate", "2000000/s", "--for", "2s", "--threads", 1, "--connections", 50,
                            "--keep-going").finish()
    assert (code, result["verdict"]) == (INVALID, "INVALID")
    assert result["planned"] == accounted(result) == 4_000_000
    assert result["sent"] < 0.5 * result["planned"]
    assert result["run"]["lasted_s"] < 45


# ---- Writes, the credential, addresses, TLS ----

def test_orders_are_placed_only_when_allowed(start_scripted, rehearse, tmp_path):
    origin = start_scripted()
    model = write_model(tmp_path, {"/": [["/", 1]], "POST /checkout": [["/checkout", 1]]})
    url = f"http://{origin.address}/"
    code, result = rehearse(url, "--traffic", model, "--for", "2s").finish()
    assert code in SENT, result["reasons"]
    assert {request.method for request in origin.requests()} == {"GET"}
    assert result["counts"]["withheld"] > 20
    code, result = rehearse(url, "--traffic", model, "--for", "2s", "--allow-orders", name="orders").finish()
    assert code in SENT, result["reasons"]
    posts = [request for request in origin.requests() if request.method == "POST"]
    assert len(posts) > 20 and result["counts"]["withheld"] == 0


def test_the_edge_knows_its_own_rehearsal_unless_it_comes_as_strangers(start_scripted, start_edge, rehearse, tmp_path):
    origin = start_scripted(lambda request: (200, {"Cache-Control": "no-store"}, b"ok"))
    edge = start_edge([origin], rehearsal={"secret": "correct horse battery staple, as they say"})
    options = ["--rate", "50/s", "--for", "2s", "-c", edge.configuration_file]
    code, _ = rehearse(f"http://127.0.0.1:{edge.port}/a", *options).finish()
    assert code in SENT
    code, _ = rehearse(f"http://127.0.0.1:{edge.port}/b", *options, "--as-strangers", name="strangers").finish()
    assert code in SENT
    marks = {path: collections.Counter(request.headers.get("tenfold-rehearsal") for request in origin.requests(path))
             for path in ("/a", "/b")}
    assert marks == {"/a": {"verified": 100}, "/b": {None: 100}}
    wait_until(lambda: sum(map(int, re.findall(r"^tenfold_rehearsal_requests_total\S* (\d+)$", edge.api("/metrics").body.decode(), re.M)))
               == 100, "they are counted apart")
    # Recorded where the configuration says: beside those of its own kind.
    assert [kind for kind, *_ in evidence_in(tmp_path / "edge" / "tenfold.db")] == ["rehearsal", "rehearsal"]
    ready = json.loads(tenfold("ready", "-c", edge.configuration_file, "--json").stdout)
    # Two seconds prove nothing, and it says so of the run that it has found.
    item = {item["name"]: item for item in ready["items"]}["rehearsal"]
    assert item["state"] == "missing" and f"PASS today: http://127.0.0.1:{edge.port}/b" in item["words"], ready


def test_tls_is_verified_and_resumed(two_origins, start_edge, certificates, rehearse, tmp_path):
    chain, key = certificates("localhost")
    port = free_port()
    start_edge(two_origins, listen=[{"address": f"127.0.0.1:{port}", "certificates": [{"chain": str(chain), "key": str(key)}]}], port=port)
    model = write_model(tmp_path, {"/plain/1k": [["/plain/1k", 1]]}, arrivals_per_s=30, pages_per_session=2)
    url = f"https://localhost:{port}/"
    strangers = rehearse(url, "--traffic", model, "--for", "3s", "--keep-going", name="strangers")
    code, result = rehearse(url, "--traffic", model, "--for", "3s", "--authorities", chain).finish()
    assert code in SENT, result["reasons"]
    counts = result["counts"]
    # A visitor opens a connection of its own; the session's ticket is shared, as browsers that come again have theirs.
    assert counts["tls_handshakes"] == counts["connections"] > 60
    assert counts["tls_resumed"] > 0.5 * counts["tls_handshakes"]
    code, result = strangers.finish()
    assert code in (FAIL, INVALID) and result["counts"]["failed"]["tls"] == result["requests"] > 0


def test_visitors_come_from_many_addresses_and_keep_few_connections(start_nginx, rehearse, tmp_path):
    nginx = start_nginx(locations="location = /remote { access_log remote.log combined; return 200 ok; }")
    model = write_model(tmp_path, {"/remote": [["/remote", 1]]}, arrivals_per_s=25, pages_per_session=4)
    code, result = rehearse(f"http://{nginx.address}/", "--traffic", model, "--for", "3s", "--client-addresses",
                            "127.2.0.0/16").finish()
    assert code in SENT, result["reasons"]
    clients = collections.Counter(line.split(" ")[0] for line in (nginx.folder / "remote.log").read_text().splitlines())
    assert all(re.fullmatch(r"127\.2\.\d+\.\d+", client) for client in clients)
    assert sum(clients.values()) == result["sent"] and len(clients) >= result["counts"]["sessions"] > 50
    # One connection a visitor: it has no assets, and thinks between its pages.
    assert result["counts"]["sessions"] <= result["counts"]["connections"] <= 1.3 * result["counts"]["sessions"] + 20
    assert result["sent"] > 2 * result["counts"]["connections"]


# ---- What is typed ----

@pytest.mark.parametrize("options, expected", [
    (["--slo", "checkout:p95<1s", "--rate", "5/s"], 'nothing that is asked for has "checkout" in its name'),
    (["--slo", "p99<", "--rate", "5/s"], "--slo"),
    ([], "what is to be played?"),
    (["--times", "10"], "--times needs --traffic"),
    (["--rate", "5/s", "--traffic", "x.json"], "exclude each other"),
    (["--times", "0", "--traffic", DEMO_MODEL], "--times 0: expected more than 0"),
    (["--traffic", "missing.json"], "missing.json: cannot be read"),
    (["--rate", "5/s", "--for", "soon"], "--for soon: expected a duration"),
    (["--rate", "5/s", "--client-addresses", "10.0.0.0/8"], "127.0.0.0/8"),
])
def test_what_cannot_be_played_is_said_before_anything_is_sent(tmp_path, options, expected):
    done = tenfold("rehearse", "http://127.0.0.1:9/", *options, cwd=tmp_path, env={**os.environ, "TENFOLD_STATE": str(tmp_path)})
    assert done.returncode == USAGE and expected in done.stderr, done.stderr


# ---- On screen ----

def test_a_terminal_sees_it_redrawn(start_shop, tmp_path):
    shop = start_shop(workers=50, each_ms=5)
    ours, theirs = pty.openpty()
    process = subprocess.Popen([PROGRAM, "rehearse", shop.url, "--rate", "100/s", "--for", "4s"], stdin=theirs, stdout=theirs, stderr=theirs,
                               env={**os.environ, "TENFOLD_STATE": str(tmp_path), "TERM": "xterm-256color"}, close_fds=True)
    os.close(theirs)
    seen = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # Linux says so when the last of the other side has gone.
            break
        if not part:
            break
        seen += part
    os.close(ours)
    assert process.wait(10) in SENT
    text = seen.decode()
    frames = text.split("\x1b[J")
    assert len(frames) >= 4, text
    for word in ("100.0/s planned", "/s answered", "p50", "p95", "p99", "in flight", "left"):
        assert word in frames[1], frames[1]
    assert re.search("PASS|INVALID", frames[-1]) and "in flight" not in frames[-1], "the closing words stand alone"


# ---- Those under way ----

def test_the_knee_is_where_arithmetic_says(knee_under_way):
    code, result = knee_under_way.finish(400)
    assert code == PASS, result["reasons"]
    validate_report(result)
    knee = result["knee"]
    assert knee["requests_per_s"] == pytest.approx(1000 * KNEE_WORKERS / KNEE_EACH_MS, rel=0.05), result["steps"]
    assert knee["found"] == "bracketed" and knee["gave_way"]
    assert {step["purpose"] for step in result["steps"]} == {"climb", "bisect", "validate"}
    (kind, _, verdict, _), = evidence_in(knee_under_way.store)
    assert (kind, verdict) == ("rehearsal-limit", "PASS")
    # No terminal: a line every 10 s, no redrawing.
    errors = knee_under_way.errors()
    assert "\x1b[" not in errors and "\r" not in errors
    assert re.search(r"^validating [\d.]+ requests/s: 0:10 [\d.]+/s planned, [\d.]+/s answered, ", errors, re.M), errors


def test_the_knee_behind_the_edge_is_that_of_both_origins(knee_through_edge_under_way):
    code, result = knee_through_edge_under_way.finish(400)
    assert code == PASS, result["reasons"]
    assert result["knee"]["requests_per_s"] == pytest.approx(1000 * KNEE_WORKERS / KNEE_EACH_MS, rel=0.05), result["steps"]


# Each plot's width, height and number of drawn things.
PLOTS = """return [...document.querySelectorAll("svg")].map(plot => [plot.getBoundingClientRect().width,
    plot.getBoundingClientRect().height, plot.querySelectorAll("path, polyline, circle").length])"""


def test_the_report_opens_in_a_browser_without_a_network(knee_under_way, browser):
    page = pathlib.Path(knee_under_way.command[-2]) / "report.html"
    wait_until(lambda: page.exists() and "</html>" in page.read_text(), "the report is written", 90)
    text = page.read_text()
    assert not re.search(r"""(?:src|href|url)\s*[=(]\s*["']?(?:https?:)?//""", text), "nothing is fetched"
    browser.open(page.as_uri())
    assert browser.title.startswith("PASS: rehearsal of")
    plots = browser.until(lambda: browser.driver.execute_script(PLOTS), "the plots")
    assert len(plots) >= 5, "rate, latency, percentiles, the knee, the driver's health"
    for width, height, drawn in plots:
        assert width > 300 and height > 100 and drawn > 0, plots
    text = browser.text("body")
    for word in ("The knee", "How far this can be trusted", "By what was asked for", "tenfold rehearse"):
        assert word in text, word
    assert browser.complaints() == []
    # On a telephone nothing is wider than it, and what the plots say can be read.
    browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True})
    assert browser.driver.execute_script("return document.documentElement.scrollWidth") <= 390
    heights = browser.driver.execute_script("return [...document.querySelectorAll('svg text')].map(each => each.getBoundingClientRect().height)")
    assert any(heights) and min(height for height in heights if height) > 9, heights  # but for those that are folded away
    assert "promised: p99<800ms" in browser.text("body")


def test_a_token_that_goes_in_mid_run_ends_it_within_the_minute(gone_in_mid_run):
    code, result = gone_in_mid_run.finish(90)
    run = result["run"]
    assert run["lasted_s"] < gone_in_mid_run.had_token_s + 65  # whenever this test's turn came
    assert (code, result["verdict"], run["ended"]) == (REFUSED, "REFUSED", "ownership_lost")
    assert "status 404" in result["reasons"][0]
    assert result["sent"] > 100
    validate_report(result)
