"""What a verdict may not get wrong: a healthy shop passes whatever its log looks like, a broken one that answers 200 fails with
its templates named, and what was not reached is INVALID with the cause."""

import json
import os
import signal
import time

import pytest
from support.edge import tenfold
from support.processes import free_port, wait_until
from support.rehearsal import FAIL, INVALID, PASS, Rehearsal, settled

pytestmark = pytest.mark.alone

PRODUCTS = ("blue-chair", "red-sofa", "oak-table", "lamp", "rug")
PAGE = b"<html>" + b"a product of the shop " * 200  # 4.4 kB


def shop_answer(request):
    path = request.target.split("?", 1)[0]
    known = path in ("/", "/search") or path.removeprefix("/product/") in PRODUCTS
    return (200, {}, PAGE) if known else (404, {}, b"no such page")


def log_lines(visitors=120, mark=lambda visitor: f"?gclid=Cj0K{visitor}x&utm_source=ads", size=len(PAGE)):
    for visitor in range(visitors):
        at = f"01/Dec/2026:10:{visitor // 4 % 60:02}:{visitor % 4 * 15:02} +0000"
        product = PRODUCTS[visitor % len(PRODUCTS)]
        for target in (f"/product/{product}{mark(visitor)}", "/", f"/search?q=word{visitor}"):
            yield f'10.0.{visitor // 250}.{visitor % 250} - - [{at}] "GET {target} HTTP/1.1" 200 {size} "-" "Mozilla/5.0 Firefox/130.0"'


@pytest.fixture
def model(tmp_path):
    def learn(lines):
        (tmp_path / "access.log").write_text("\n".join(lines) + "\n")
        file = tmp_path / "model.json"
        done = tenfold("learn", tmp_path / "access.log", "-o", file)
        assert done.returncode == 0, done.stderr
        return file

    return learn


@pytest.fixture
def rehearse(parts, tmp_path):
    def start(url, *options, name="rehearsal", **more):
        rehearsal = Rehearsal(tmp_path / name, url, *options, **more)
        parts.append(rehearsal)
        return rehearsal

    return start


def play(rehearse, origin, model, *options):
    return settled(lambda number: rehearse(f"http://{origin.address}/", "--traffic", model, "--times", 40, "--for", "6s", "--ramp", "0s",
                                           "--slo", "errors<0.5%", *options, name=f"rehearsal-{number}"))


def test_advertisements_marks_invent_no_products(model, start_scripted, rehearse):
    origin = start_scripted(shop_answer)
    code, result = play(rehearse, origin, model(log_lines()))
    assert (code, result["failed"]) == (PASS, 0), result["parts"]
    paths = {request.target.split("?", 1)[0] for request in origin.requests()}
    assert paths <= {"/", "/search", *(f"/product/{name}" for name in PRODUCTS)}
    assert not any("Cj0K" in request.target for request in origin.requests()), "values are dropped"
    assert result["counts"]["invented"] > 0


def test_invented_targets_that_are_not_found_are_no_fault_of_the_shops(model, start_scripted, rehearse, tmp_path):
    file = model(log_lines())
    edited = json.loads(file.read_text())
    for template in edited["templates"]:
        if template["name"].startswith("/search"):
            template.update(targets=[], rare_share=1, rare_like="/gone/{word:3-9}")
    file.write_text(json.dumps(edited))
    code, result = play(rehearse, start_scripted(shop_answer), file)
    assert (code, result["failed"]) == (PASS, 0), result["reasons"]


def test_the_log_of_another_shop_is_said_plainly(model, start_scripted, rehearse):
    origin = start_scripted(lambda request: (200, {}, PAGE) if request.target == "/" else (404, {}, b"no"))
    file = model(line.replace('"GET / ', '"GET /start ') for line in log_lines())
    code, result = play(rehearse, origin, file)
    assert (code, result["verdict"]) == (INVALID, "INVALID")
    assert "are 404: is this log this shop's?" in result["reasons"][0], result["reasons"]


@pytest.mark.parametrize("broken", [
    (200, {}, b"Error establishing a database connection"[:38]),
    (302, {"Location": "/closed.html"}, b""),
    (302, {"Location": "http://elsewhere.example/"}, b""),
    (200, {}, PAGE[:900]),
])
def test_products_that_are_broken_without_saying_so_fail_by_name(model, start_scripted, rehearse, broken):
    origin = start_scripted(lambda request: broken if request.target.startswith(("/product", "/closed")) else shop_answer(request))
    code, result = play(rehearse, origin, model(log_lines(mark=lambda visitor: "")), "--keep-going")
    assert (code, result["verdict"]) == (FAIL, "FAIL"), result["reasons"]
    assert any("/product/" in part for part in result["parts"] + result["reasons"]), result["parts"]
    assert "did not bear" not in result["meaning"]


@pytest.mark.parametrize("broken", [
    (200, {}, b"Error establishing a database connection"[:38]),
    (302, {"Location": "/closed.html"}, b""),
])
def test_an_advertisements_mark_on_every_link_hides_no_broken_page(model, start_scripted, rehearse, broken):
    origin = start_scripted(lambda request: broken if request.target.startswith(("/product", "/closed")) else shop_answer(request))
    code, result = play(rehearse, origin, model(log_lines()), "--keep-going")
    assert (code, result["verdict"]) == (FAIL, "FAIL"), result["reasons"]
    assert any("/product/" in part for part in result["parts"] + result["reasons"]), result["parts"]


def test_a_shop_that_redirects_for_ever_fails(model, start_scripted, rehearse):
    origin = start_scripted(lambda request: (302, {"Location": request.target}, b""))
    code, result = play(rehearse, origin, model(log_lines()))
    assert (code, result["verdict"]) == (FAIL, "FAIL"), result["reasons"]


def test_all_pages_at_the_other_address_are_invalid(model, start_scripted, rehearse):
    origin = start_scripted(lambda request: (301, {"Location": f"https://127.0.0.1{request.target}"}, b""))
    code, result = play(rehearse, origin, model(log_lines()))
    assert (code, result["verdict"]) == (INVALID, "INVALID"), result["reasons"]
    assert "https://127.0.0.1/" in result["reasons"][0] and result["next"]


def test_a_shop_that_wants_a_password_is_invalid(start_scripted, rehearse):
    origin = start_scripted(lambda request: (401, {"WWW-Authenticate": "Basic"}, b""))
    code, result = rehearse(f"http://{origin.address}/", "--rate", "50/s", "--for", "3s").finish()
    assert (code, result["verdict"]) == (INVALID, "INVALID"), result["reasons"]
    assert "--user" in result["next"]


def test_nobody_there_is_invalid_with_what_to_do(rehearse, tmp_path):
    code, result = rehearse(f"http://127.0.0.1:{free_port()}/", "--rate", "50/s", "--for", "20s").finish()
    assert (code, result["verdict"]) == (INVALID, "INVALID")
    assert "refused" in result["reasons"][0] and "start the shop" in result["next"]
    assert result["run"]["lasted_s"] < 15
    code, result = rehearse("http://no-such-shop.invalid/", "--rate", "5/s", name="no-name").finish()
    assert (code, result["verdict"]) == (INVALID, "INVALID")
    assert result["reasons"] and result["next"]


def test_an_untrusted_certificate_is_invalid_with_what_to_do(two_origins, start_edge, certificates, rehearse):
    chain, key = certificates("localhost")
    port = free_port()
    start_edge(two_origins, listen=[{"address": f"127.0.0.1:{port}", "certificates": [{"chain": str(chain), "key": str(key)}]}], port=port)
    code, result = rehearse(f"https://localhost:{port}/", "--rate", "20/s", "--for", "4s").finish()
    assert (code, result["verdict"]) == (INVALID, "INVALID")
    assert "certificate" in result["reasons"][0] and "--authorities" in result["next"]


def test_no_descriptors_is_this_machines_matter(start_scripted, rehearse):
    origin = start_scripted(lambda request: time.sleep(1) or (200, {}, b"slow"))
    code, result = rehearse(f"http://{origin.address}/", "--rate", "200/s", "--for", "3s", "--threads", 1, "--slo", "p99<20s",
                            before=["bash", "-c", 'ulimit -n 64; exec "$@"', "-"]).finish()
    assert (code, result["verdict"]) == (INVALID, "INVALID")
    assert "open files" in result["reasons"][0] and "ulimit -n" in result["next"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
@pytest.mark.parametrize("options", [["--for", "60s"], ["--find-limit", "--step", "20s"]])
def test_who_ends_it_keeps_the_report(start_scripted, rehearse, tmp_path, number, options):
    origin = start_scripted()
    report = tmp_path / "report"
    rehearsal = rehearse(f"http://{origin.address}/", "--rate", "20/s", "--report", report, *options)
    wait_until(lambda: len(origin.requests()) > 20, "it is under way")
    rehearsal.signal(number)
    code, result = rehearsal.finish(15)
    assert (code, result["verdict"]) == (INVALID, "INVALID")
    assert "interrupted" in result["reasons"][0]
    assert json.loads((report / "report.json").read_text()) == result
    assert "--threads" not in result["next"], "what to do fits what happened"


def test_the_last_run_is_compared_with(start_scripted, rehearse, tmp_path):
    origin = start_scripted()
    results = [rehearse(f"http://{origin.address}/", "--rate", "20/s", "--for", "3s", "--store", tmp_path / "store.db", name=str(number)).finish()
               for number in range(2)]
    if any(code == INVALID for code, _ in results):
        pytest.skip("this machine was too busy")
    assert results[0][1]["compared"] == ""
    assert "the last time (" in results[1][1]["compared"]


def test_ready_says_how_a_rehearsal_counts(start_scripted, rehearse, tmp_path):
    origin = start_scripted()
    rehearsal = rehearse(f"http://{origin.address}/", "--rate", "20/s", "--for", "2s")
    code, _ = rehearsal.finish()
    assert code in (PASS, INVALID)
    if code == PASS:
        assert "`tenfold ready` counts a rehearsal of 5:00 or more, recorded with -c shop.yaml" in rehearsal.errors()
