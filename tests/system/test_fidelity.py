"""What is learned from a real shop's log, played against a server, gives back the log's own figures at that server.

bench/rehearse/run fidelity does the same at once the visitors for as long as the log is.
"""

import os
import subprocess

import pytest
from support import fidelity
from support.edge import tenfold
from support.rehearsal import INVALID, PASS, SHARED_LOG, Rehearsal, settled

TIMES, LENGTH_S = 40, 15
OFTEN = 500  # Requests of a kind in the log, most of them not of a single visitor: then chance plays a small part.


pytestmark = pytest.mark.skipif(not SHARED_LOG.exists(), reason="../shared/data/shop-access.log.gz is not here")


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    file = tmp_path_factory.mktemp("model") / "model.json"
    assert tenfold("learn", SHARED_LOG, "-o", file).returncode == 0
    return file


@pytest.fixture
def shop(parts, tmp_path):
    shop = fidelity.AnyShop(tmp_path / "shop")
    parts.append(shop)
    shop.wait_for_port(shop.port)
    return shop


def test_what_was_learned_comes_back_at_the_server(model, shop, parts, tmp_path):
    rehearsal = Rehearsal(tmp_path / "rehearsal", f"http://{shop.address}/", "--traffic", model, "--times", TIMES, "--profile", "mean",
                          "--for", f"{LENGTH_S}s", "--ramp", "0s", "--allow-orders", "--client-addresses", "127.2.0.0/16",
                          "--slo", "errors<1%")
    parts.append(rehearsal)
    code, result = rehearsal.finish()
    assert code in (PASS, INVALID) and result["sent"] > 0.98 * result["planned"], result["reasons"]  # Late is good enough here.
    logged = fidelity.Figures(fidelity.logged_entries(SHARED_LOG))
    entries = list(shop.entries())
    played = fidelity.Figures(entries, begin=min(entry[0] for entry in entries), length_s=LENGTH_S)

    def ratio(of_played, of_logged):
        return of_played / of_logged / TIMES

    assert ratio(result["counts"]["sessions"] / LENGTH_S, logged.sessions / logged.seconds) == pytest.approx(1, abs=0.05)
    assert ratio(played.requests / played.seconds, logged.requests / logged.seconds) == pytest.approx(1, abs=0.05)
    assert played.not_modified / played.requests == pytest.approx(logged.not_modified / logged.requests, rel=0.15)
    off = {group: round(ratio(played.per_s(group), logged.per_s(group)), 3) for group, count in logged.by_group.items()
           if count >= OFTEN and logged.most_by_one(group) < 0.1}
    assert len(off) >= 6
    assert all(abs(each - 1) < 0.12 for each in off.values()), off


def test_ten_times_the_peak_goes_through_the_edge(model, shop, start_edge, parts, tmp_path):
    """Driver and edge on a core each, where there are two."""
    edge = start_edge([shop], workers=1)
    cores = sorted(os.sched_getaffinity(0))
    subprocess.run(["taskset", "-a", "-p", "-c", str(cores[0]), str(edge.pid)], check=True, capture_output=True)

    def start(number):
        parts.append(Rehearsal(tmp_path / str(number), f"http://127.0.0.1:{edge.port}/", "--traffic", model, "--times", 10, "--for", "8s",
                               "--threads", 1, "--allow-orders", "--slo", "p99<800ms,errors<0.5%", before=["taskset", "-c", cores[-1]]))
        return parts[-1]

    code, result = settled(start)
    assert code == PASS, result["reasons"]
    assert result["planned"] == result["sent"] > 8 * 0.8 * 500  # The log's peak is 58 requests a second; a tenth of the time is the ramp.
