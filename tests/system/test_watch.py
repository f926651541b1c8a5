"""Watch from end to end: a shop of real parts, broken in each way at once, and what is seen, said and told of it. The
first tests look at what is broken, those after them at what was mended, the last ones at what a reload and a restart
leave. support/watched.py has the parts."""

import re

import pytest
from support import edge as edge_module
from support.processes import wait_until
from support.watched import OUTSIDE_TOKEN, SILENT_EVERY_S, CutOff, World

RING_WITHIN_S = 5  # past the check's interval
INTERVAL_S = 3  # of the checks whose time to the first ring is measured
AGAIN = "; the same again on a fresh connection"

# The check, and its words in full.
BREAKS = {
    "killed": rf"127\.0\.0\.1:\d+ refuses the connection{AGAIN}",
    "hung": rf"no answer within 2 s: connected after [\d.]+ (µs|ms|s), then silence{AGAIN}",
    "silent": rf"no answer within 2\.5 s: connected after [\d.]+ (µs|ms|s), then silence{AGAIN}",
    "status": rf"status 500, expected 200-399{AGAIN}",
    "text": rf'the text "A page of the shop" is not in the page{AGAIN}',
    "expired": rf"the certificate ended on \d{{4}}-\d\d-\d\d{AGAIN}",
    "wrong-chain": r'the certificate\'s chain is incomplete or not trusted: "127\.0\.0\.1" is signed by "Stranger", '
                   rf"which is not known{AGAIN}",
    "wrong-name": rf"the certificate is not for 127\.0\.0\.1 but for other\.test{AGAIN}",
    "ends-soon": rf"the certificate ends on \d{{4}}-\d\d-\d\d, in 5 days; at least 14 are expected{AGAIN}",
    "names": r"there is no name shop\.test; the same when asked again",
    "port": rf"127\.0\.0\.1:\d+ refuses the connection{AGAIN}",
    "order": rf"checkout: status 502, expected 200-399{AGAIN}",
}


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    """The shop and the edge that watches it: all is good, but for what never was."""
    if not edge_module.PROGRAM.exists():
        pytest.fail(f"{edge_module.PROGRAM} is not built: ./run --build-only")
    world = World(tmp_path_factory.mktemp("watched"))
    try:
        world.start()
        world.beat()
        for name in [*BREAKS, "slow", "worked-on", "second-look", "nightly"]:
            world.wait_for_state(name, "up")
        yield world
    finally:
        world.stop()


@pytest.fixture(scope="module")
def cut_off(tmp_path_factory):
    """Beside it an edge whose uplink is about to be cut."""
    other = CutOff(tmp_path_factory.mktemp("cut-off"))
    try:
        other.start()
        wait_until(other.is_up, "the shop outside is up", 20)
        other.cable("down")
        yield other
    finally:
        other.stop()


@pytest.fixture(scope="module")
def broken(started):
    started.break_all()
    return started


@pytest.fixture(scope="module")
def mended(broken):
    for name in BREAKS:  # Only what has been seen to be broken can be seen to be mended.
        broken.wait_for_state(name, "down")
    broken.mend_all()
    return broken


@pytest.fixture(autouse=True)
def logs_when_it_fails(request):
    names = [name for name in ("started", "cut_off") if name in request.fixturenames]
    request.node.started_parts = [part for name in names for part in request.getfixturevalue(name).parts]


# What is broken.

@pytest.mark.parametrize("name", BREAKS)
def test_what_is_broken_is_down_in_words_and_told(broken, name):
    check = broken.wait_for_state(name, "down")
    assert re.fullmatch(BREAKS[name], check["what"]), check["what"]
    assert check["last"]["good"] is False
    trouble = wait_until(lambda: broken.trouble(name), f"an alert for {name}", 10)
    assert re.fullmatch("down: " + BREAKS[name], trouble["what"]), trouble["what"]
    assert broken.alert(name)["state"] == "ringing"
    ring = wait_until(lambda: broken.rings(name), f"the webhook hears of {name}", 10)[0]
    assert ring.event == "alert" and ring.severity == "critical" and re.search(BREAKS[name], ring.text), ring.text


@pytest.mark.parametrize(("name", "interval_s"), [("killed", INTERVAL_S), ("hung", INTERVAL_S), ("silent", SILENT_EVERY_S),
                                                  ("status", INTERVAL_S)])
def test_the_first_ring_comes_within_the_interval_and_five_seconds(broken, name, interval_s):
    ring = wait_until(lambda: broken.rings(name), f"the webhook hears of {name}", 20)[0]
    took = ring.at - broken.broken_at[name]
    print(f"\nfirst ring: {name}: {took:.2f} s after the failure, checked every {interval_s} s")
    assert 0 < took < interval_s + RING_WITHIN_S


def test_a_mail_comes_over_tls_from_a_server_with_a_certificate_of_its_own(broken):
    if broken.mail is None:
        pytest.skip("no exim4 on this machine")
    mail = wait_until(lambda: next((mail for mail in broken.mail.mails() if "killed" in mail["Subject"]), None),
                      "a mail about killed", 10)
    assert "refuses the connection" in mail.get_body().get_content()


def test_a_slow_page_is_slow_and_nobody_is_told(broken):
    check = broken.wait_for_state("slow", "slow")
    assert check["last"]["good"] and check["last"]["total_ms"] > 300
    assert broken.alert("slow") is None and not broken.rings("slow")


def test_what_is_worked_on_is_recorded_and_nobody_is_told(broken):
    check = broken.wait_for_state("worked-on", "down")
    assert check["in_maintenance"] and check["what"].startswith("status 503")
    history = wait_until(lambda: next(iter(h for h in [broken.history("worked-on")] if sum(p["muted"] for p in h["points"])), None),
                         "the failures are in the history", 10)
    assert sum(point["failed"] for point in history["points"]) == 0, "they do not count against it"
    assert broken.alert("worked-on") is None and not broken.rings("worked-on")


def test_a_second_look_that_is_good_keeps_a_check_up_and_is_told_of_in_words(broken):
    words = wait_until(lambda: broken.check("second-look")["what"], "words of the second look", 10)
    assert words == "good again on a fresh connection; before that: status 500, expected 200-399"
    assert broken.check("second-look")["state"] == "up"
    assert broken.edge.api_json("/api/v1/checks")["second_looks_total"] > 0
    assert [change["to"] for change in broken.history("second-look")["changes"]] == ["up"]


def test_flaps_are_damped(broken):
    """After seven changes an hour three times as many good looks are asked for: three here, where one would do."""
    wait_until(lambda: broken.check("flapping")["flapping"], "it is known to flap", 20)
    broken.wait_for_state("flapping", "up")
    assert broken.flapping.good_since_then >= 2, "the third good look in a row"
    changes = wait_until(lambda: next(iter(c for c in [broken.history("flapping")["changes"]] if len(c) >= 8), None),
                         "the changes are in the history", 10)
    assert [change["to"] for change in changes] == ["down", "up"] * 4


def test_a_silent_heartbeat_is_down_until_it_reports_again(broken):
    check = broken.wait_for_state("nightly", "down", 20)
    assert re.fullmatch(r"no heartbeat for \d+ s, expected every 10 s", check["what"]), check["what"]
    ring = wait_until(lambda: broken.rings("nightly"), "the webhook hears of the silence", 10)[0]
    assert re.search(r"no heartbeat for 1[1-3] s, expected every 10 s", ring.text), ring.text
    broken.beat()
    broken.wait_for_state("nightly", "up")
    wait_until(lambda: broken.alert("nightly")["state"] in ("settling", "over"), "its alert goes to its end", 10)


def test_the_watch_itself_reports_to_an_outside_service(broken):
    reports = wait_until(lambda: next(iter(r for r in [broken.outside.received(f"/{OUTSIDE_TOKEN}")] if len(r) >= 2), None),
                         "two reports", 25)
    assert 9 < reports[1].at - reports[0].at < 12, "every 10 s"
    said = broken.edge.api_json("/api/v1/checks")["heartbeat_out"]
    assert said["at"] and not said["error"]


# The uplink.

def test_an_uplink_that_is_down_is_its_own_alert_and_mutes_what_lies_beyond_it(cut_off):
    said = wait_until(lambda: next(iter(c for c in [cut_off.checks()] if c["uplink"]["down"]), None), "the uplink is down", 25)
    assert said["uplink"]["why"].startswith("the anchor does not answer: ")
    message = wait_until(cut_off.messages, "an SMS that needs no uplink", 10)[0]
    assert "monitoring without internet" in message
    wait_until(lambda: cut_off.checks()["checks"][0]["state"] == "down", "the check is down", 15)
    assert [alert["kind"] for alert in cut_off.alerts()] == ["uplink"], "nothing is said of the shop"


def test_with_the_uplink_back_the_shop_is_looked_at_again(cut_off):
    cut_off.cable("up")
    wait_until(lambda: not cut_off.checks()["uplink"]["down"], "the uplink is up", 20)
    wait_until(cut_off.is_up, "the shop is up", 15)
    cut_off.shop.stop()
    trouble = wait_until(lambda: [alert for alert in cut_off.alerts() if alert["kind"] == "trouble"], "an alert of the shop", 20)
    assert trouble[0]["troubles"][0]["source"] == "outside"
    assert "refuses the connection" in trouble[0]["troubles"][0]["what"]


# What was mended.

@pytest.mark.parametrize("name", [*BREAKS, "slow"])
def test_what_is_mended_is_up_and_its_alert_goes_to_its_end(mended, name):
    check = mended.wait_for_state(name, "up")
    assert check["last"]["good"]
    # A good look at a certificate says when the first of its chain ends.
    assert re.fullmatch(r"the certificate .*ends on .*, in \d+ days" if name == "ends-soon" else "", check["what"])
    if name != "slow":
        wait_until(lambda: mended.alert(name)["state"] in ("settling", "over"), f"the alert of {name} goes to its end", 10)
        assert mended.alert(name)["past"] == [name]


def changes_of(world, name):
    return [(change["to"], change["what"]) for change in world.history(name)["changes"]]


def test_a_reload_takes_a_new_check_and_leaves_the_others_as_they_are(mended):
    before = mended.wait_for_state("killed", "up")
    mended.edge.configure(**mended.settings(more_checks=[
        {"name": "added", "http": f"http://{mended.site.address}/status", "every": "1s", "timeout": "1s"}]))
    mended.edge.reload()
    wait_until(lambda: "added" in [each["name"] for each in mended.edge.api_json("/api/v1/checks")["checks"]],
               "the new check is there", 10)
    mended.wait_for_state("added", "up")
    assert mended.check("killed")["since"] == before["since"]


def test_after_a_restart_the_history_and_the_states_are_still_there(mended):
    def states(history):
        return [change["to"] for change in history["changes"]]

    since = mended.wait_for_state("killed", "up")["since"]
    before = wait_until(lambda: next(iter(h for h in [mended.history("killed")] if states(h)[-1:] == ["up"]), None),
                        "the history has the return", 10)
    assert states(before) == ["up", "failing", "down", "up"]
    assert sum(point["failed"] for point in before["points"]) >= 2
    assert all(point["p50_ms"] > 0 for point in before["points"] if point["good"])

    assert mended.edge.stop() == 0
    mended.edge = mended.part(edge_module.Edge(mended.edge.folder, [mended.site], name="edge-again", **mended.settings()))
    mended.edge.wait_until_ready()
    after = mended.history("killed")
    assert after["changes"][:4] == before["changes"]
    assert sum(point["failed"] for point in after["points"]) >= sum(point["failed"] for point in before["points"])
    assert mended.wait_for_state("killed", "up")["since"] == since
    alert = wait_until(lambda: mended.alert("killed"), "its alert is there again", 10)
    assert alert["state"] in ("settling", "over")
