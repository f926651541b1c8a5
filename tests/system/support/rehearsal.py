"""`tenfold learn` and `tenfold rehearse`, and what they are run against."""

import json
import os
import pathlib
import subprocess
import sys
import time

from . import raw
from .edge import PROGRAM
from .processes import ROOT, Program, free_port

PASS, FAIL, USAGE, INVALID, REFUSED = 0, 1, 2, 3, 4
DEMO_MODEL = ROOT / "examples" / "demo.traffic.json"
# TENFOLD_SHARED names the folder for a clone that does not lie beside it.
SHARED_LOG = pathlib.Path(os.environ.get("TENFOLD_SHARED", ROOT.parent / "shared")) / "data" / "shop-access.log.gz"


class Rehearsal:
    """`tenfold rehearse` under way, with a state folder of its own (the installation's key and the store)."""

    def __init__(self, folder, url, *options, before=(), output="--json"):
        folder = pathlib.Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.store = folder / "state" / "tenfold.db"
        self.command = [*map(str, before), str(PROGRAM), "rehearse", url, *map(str, options)] + ([output] if output else [])
        self.errors_file = folder / "errors.txt"
        with open(self.errors_file, "wb") as errors:
            self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=errors, stdin=subprocess.DEVNULL,
                                            text=True, cwd=folder, env={**os.environ, "TENFOLD_STATE": str(folder / "state")})

    def signal(self, number):
        self.process.send_signal(number)

    def errors(self):
        return self.errors_file.read_text(errors="replace")

    def finish(self, timeout_s=60):
        """(exit code, the JSON object or None)."""
        output, _ = self.process.communicate(timeout=timeout_s)
        return self.process.returncode, json.loads(output) if output.strip() else None

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def settled(start, tries=3):
    """(exit code, result) of start(number) -> Rehearsal, tried again while it is INVALID: a noisy neighbour of this machine is
    not what such a test is about."""
    for number in range(tries):
        code, result = start(number).finish()
        if code != INVALID:
            break
    return code, result


def accounted(result):
    """planned = answered + failed + unsent; an error status and what is unlike the log are answers, too."""
    counts = result["counts"]
    without_answer = sum(count for cause, count in counts["failed"].items() if cause not in ("status", "unlike"))
    return counts["answered"] + without_answer + counts["unsent"]


class Shop(Program):
    """`tenfold shop` with a capacity that is a matter of arithmetic: workers / service time."""

    KINDS = ("static", "picture", "page", "search", "cart", "checkout")

    def __init__(self, folder, name="shop", workers=10, each_ms=None, port=None):
        self.port = port or free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.url = f"http://{self.address}/"
        times = [] if each_ms is None else ["--time", ",".join(f"{kind}={each_ms}ms" for kind in self.KINDS)]
        super().__init__(name, [PROGRAM, "shop", "--listen", self.address, "--workers", workers, *times], folder)
        self.wait_for_port(self.port)

    def control(self, action):
        answer = raw.request(self.port, f"/control/{action}", method="POST", host=self.address)
        assert answer.status == 200, answer

    def answered(self):
        status = json.loads(raw.request(self.port, "/control/status", host=self.address).body)
        return sum(sum(by_status.values()) for by_status in status["answers"].values())


class OwnedSite(Program):
    """owned_site.py: any page is "ok"; /.well-known/tenfold-verify.txt is what `token_file` holds, as `mode_file` says."""

    def __init__(self, folder, address, before=()):
        self.token_file, self.mode_file = folder / "token", folder / "mode"
        script = pathlib.Path(__file__).with_name("owned_site.py")
        super().__init__("site", [*before, sys.executable, "-B", script, address, self.token_file, self.mode_file], folder)

    def say(self, mode, token=None):
        if token is not None:
            self.token_file.write_text(token + "\n")
        self.mode_file.write_text(mode)


class NetworkNamespaces:
    """Two namespaces joined by a veth pair: `driver` has 192.0.2.1, `site` has 192.0.2.2 (documentation addresses, RFC
    5737, that exist nowhere else). Nothing in them reaches any other network. Raises where they cannot be made."""

    SITE = "192.0.2.2"

    def __init__(self):
        mark = f"{os.getpid()}-{time.monotonic_ns() % 100000}"
        self.driver, self.site = f"tenfold-driver-{mark}", f"tenfold-site-{mark}"
        self.made = []
        try:
            for name in (self.driver, self.site):
                self.ip("netns", "add", name)
                self.made.append(name)
                self.ip("-n", name, "link", "set", "lo", "up")
            self.ip("-n", self.driver, "link", "add", "to-site", "type", "veth", "peer", "name", "to-driver", "netns", self.site)
            self.ip("-n", self.driver, "address", "add", "192.0.2.1/24", "dev", "to-site")
            self.ip("-n", self.site, "address", "add", f"{self.SITE}/24", "dev", "to-driver")
            self.ip("-n", self.driver, "link", "set", "to-site", "up")
            self.ip("-n", self.site, "link", "set", "to-driver", "up")
        except Exception:
            self.stop()
            raise

    @staticmethod
    def ip(*words):
        subprocess.run(["ip", *words], check=True, capture_output=True, text=True, timeout=10)

    def inside(self, name):
        return ["ip", "netns", "exec", name]

    def stop(self):
        for name in self.made:
            subprocess.run(["ip", "netns", "delete", name], check=False, capture_output=True)
        self.made = []
