"""What is learned from a real shop's log, played against a server, gives back the log's own figures at that server.

bench/rehearse/run fidelity does the same at once the visitors for as long as the log is.
"""

import json
import os
import subprocess

import pytest
from support import fidelity
from support.edge import tenfold
from support.rehearsal import INVALID, PASS, SHARED_LOG, Rehearsal, settled

TIMES, LENGTH_S = 40, 25
OFTEN = 500  # Requests of a kind in the log, most of them not of a single visitor.
# Standard deviations that one run may be off by: seldom reached once in a million runs. That the model is true in the mean of many
# runs is what src/rehearse/plan/fidelity_test.cpp shows, to 5 %; here it is that what was planned arrives.
MOST_CHANCE = 5


pytestmark = [pytest.mark.alone, pytest.mark.skipif(not SHARED_LOG.exists(), reason="../shared/data/shop-access.log.gz is not here")]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    file = tmp_path_factory.mktemp("model") / "model.json"
    assert tenfold("learn", SHARED_LOG, "-o", file).returncode == 0
    fidelity.without_sizes(file)
    return file


@pytest.fixture
def shop(parts, tmp_path):
    shop = fidelity.AnyShop(tmp_path / "shop")
    parts.append(shop)
    shop.wait_for_port(shop.port)
    return shop


def begins_per_s(model):
    return sum(population["arrivals"]["mean_per_s"] for population in json.loads(model.read_text())["populations"])


def test_what_was_learned_comes_back_at_the_server(model, shop, parts, tmp_path):
    """A share of the plan that a busy machine came too late for is allowed for: it is counted, and no matter of the model."""
    rehearsal = Rehearsal(tmp_path / "rehearsal", f"http://{shop.address}/", "--traffic", model, "--times", TIMES, "--profile", "mean",
                          "--for", f"{LENGTH_S}s", "--ramp", "0s", "--allow-orders", "--client-addresses", "127.2.0.0/16",
                          "--slo", "errors<1%")
    parts.append(rehearsal)
    code, result = rehearsal.finish(LENGTH_S + 60)
    assert code in (PASS, INVALID), result["reasons"]
    logged = fidelity.Figures(fidelity.logged_entries(SHARED_LOG))
    entries = list(shop.entries())
    played = fidelity.Figures(entries, begin=min(entry[0] for entry in entries), length_s=LENGTH_S)
    unsent = 1 - result["sent"] / result["planned"]

    def off(of_played, of_logged, chance):
        """By how many times as much as it may be."""
        assert chance < 0.1, "too few visitors came to tell anything by"
        return abs(of_played / of_logged - 1) / (MOST_CHANCE * chance + unsent)

    lost = sum(count for cause, count in result["counts"]["failed"].items() if cause != "status")
    assert abs(len(entries) - result["sent"]) <= lost  # Nothing is asked for that is not accounted for.
    # Each minute has as many beginnings as it should have: no chance in that.
    assert result["counts"]["sessions"] / LENGTH_S == pytest.approx(TIMES * begins_per_s(model), rel=0.005)
    assert off(played.requests / played.seconds, TIMES * logged.requests / logged.seconds, played.chance()) < 1
    assert off(played.not_modified / played.requests, logged.not_modified / logged.requests, played.chance(304)) < 1
    groups = [group for group, count in logged.by_group.items() if count >= OFTEN and logged.most_by_one(group) < 0.1]
    assert len(groups) >= 6
    ratios = {group: played.per_s(group) / (TIMES * logged.per_s(group)) for group in groups}
    assert all(off(ratio, 1, played.chance(group)) < 1 for group, ratio in ratios.items()), ratios


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
