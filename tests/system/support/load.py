"""Load in a process of its own, so that the test can do things meanwhile."""

import json
import pathlib
import re
import subprocess
import sys
import time


class Paced:
    """paced.py under way: .elapsed() since its first request, .finish() for its report."""

    def __init__(self, port, rate, seconds, paths):
        self.process = subprocess.Popen(
            [sys.executable, "-B", pathlib.Path(__file__).with_name("paced.py"), str(port), str(rate), str(seconds), *paths],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.started = time.monotonic()
        self.seconds = seconds

    def sleep_until(self, second):
        """The load's own time passes: what the test does next happens under load."""
        assert self.process.poll() is None, "the load ended early"
        time.sleep(max(0, self.started + second - time.monotonic()))

    def finish(self):
        output, errors = self.process.communicate(timeout=self.seconds + 40)
        assert self.process.returncode == 0, errors
        return json.loads(output)

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def assert_nothing_failed(report):
    assert report["failed"] == 0, "\n".join([f"{report['failed']} of {report['sent']} failed", *report["failures"]])
    assert report["answered"] == report["sent"]


def wrk(port, path, seconds=3, connections=50, headers=()):
    """wrk's counts: {requests, errors, p99}. Errors are socket errors and answers other than 2xx and 3xx."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-H", "Host: shop.example"]
    for header in headers:
        command += ["-H", header]
    done = subprocess.run([*command, f"http://127.0.0.1:{port}{path}"], capture_output=True, text=True,
                          timeout=seconds + 30, check=True)
    errors = sum(int(number) for line in re.findall(r"Socket errors: (.*)|Non-2xx or 3xx responses: (.*)", done.stdout)
                 for number in re.findall(r"\d+", " ".join(line)))
    return {"requests": int(re.search(r"(\d+) requests in", done.stdout).group(1)), "errors": errors, "output": done.stdout}
