"""A real shop's half hour through the edge, in order and as fast as it goes: every status as the origin gave it."""

import collections
import json
import os
import pathlib
import re
import subprocess
import sys

import pytest
from support import raw, replay_log
from support.processes import ROOT, Program, free_port, wait_until

pytestmark = pytest.mark.alone

# TENFOLD_SHARED names the folder for a clone that does not lie beside it.
SHARED = pathlib.Path(os.environ.get("TENFOLD_SHARED", ROOT.parent / "shared"))
SUPPORT = pathlib.Path(__file__).parent / "support"


@pytest.fixture
def log():
    file = SHARED / "data" / "shop-access.log.gz"
    return file if file.exists() else pytest.skip("../shared/data/shop-access.log.gz is not here")


class ReplayOrigin(Program):
    def __init__(self, name, folder, log):
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        super().__init__(name, [sys.executable, "-B", SUPPORT / "replay_origin.py", log, self.port], folder)

    def counts(self):
        return json.loads(raw.request(self.port, "/counts").body)


def test_every_status_of_the_log_comes_back(log, parts, start_edge, tmp_path):
    origins = [ReplayOrigin(f"replay-origin-{number}", tmp_path, log) for number in (1, 2)]
    parts.extend(origins)
    for origin in origins:
        origin.wait_for_port(origin.port, 40)
    edge = start_edge(origins)
    done = subprocess.run([sys.executable, "-B", SUPPORT / "replay_client.py", log, str(edge.port)], capture_output=True,
                          text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    entries, _ = replay_log.read(log)
    assert report["wrong"] == 0, "\n".join([f"{report['wrong']} of {report['sent']} differ", *report["examples"]])
    assert report["sent"] == len(entries) > 60_000
    expected = collections.Counter(str(entry.status) for entry in entries if entry.status != replay_log.LEFT)
    assert report["by_status"] == expected

    # Who left is not waited for: the edge has ended those requests at the origins, and calls them 499 as nginx does.
    assert report["left"] == sum(entry.status == replay_log.LEFT for entry in entries)
    wait_until(lambda: sum(origin.counts()["waiting"] for origin in origins) == 0, "no answer is held for those who left", 15)
    # The cache has spared the origins what it could: most of the log are pictures seen before.
    asked = sum(origin.counts()["requests"] for origin in origins)
    assert asked < 0.75 * len(entries), f"{asked} requests reached the origins"
    wait_until(lambda: len(edge.access_log()) >= len(entries), "every request is in the access log", 15)
    logged = collections.Counter(re.search(r'" (\d{3}) ', line).group(1) for line in edge.access_log())
    # Of those who left, the ones whose page was in memory had their answer before they were gone.
    left = logged - expected
    assert expected - logged == collections.Counter()
    assert sum(left.values()) == report["left"] and set(left) <= {"499", "200", "304"}
    assert left["499"] > 0.9 * report["left"]
