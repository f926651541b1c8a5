"""The edge: build/release/tenfold, or the program that TENFOLD_PROGRAM names."""

import json
import os
import pathlib
import re
import signal
import subprocess

from . import raw
from .processes import ROOT, Program, accepts, free_port, is_free, wait_until

PROGRAM = pathlib.Path(os.environ.get("TENFOLD_PROGRAM", ROOT / "build" / "release" / "tenfold"))


def tenfold(*arguments, timeout_s=20, **options):
    """Runs a command of tenfold to its end."""
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=timeout_s, check=False,
                          **options)


def configuration_of(servers, port, console_port, folder, **settings):
    """A shop.yaml as a dictionary; `settings` replace or add sections."""
    configuration = {
        "shop": "Test Shop",
        "workers": 2,
        "listen": [{"address": f"127.0.0.1:{port}"}],
        "origins": [{"name": "shop", "servers": [server.address for server in servers]}],
        "health": {"path": "/healthz", "every": "1s", "timeout": "500ms", "unhealthy_after": 2, "healthy_after": 1},
        "cache": {"memory": "64MiB", "stale_if_error": "10m"},
        "access_log": {"path": str(folder / "access.log")},
        "console": {"address": f"127.0.0.1:{console_port}"},
        "store": str(folder / "tenfold.db"),
    }
    configuration.update(settings)
    return {key: value for key, value in configuration.items() if value is not None}


class Edge(Program):
    def __init__(self, folder, servers, port=None, name="edge", before=(), console_port=None, **settings):
        """`before`: words in front of the command, such as those that enter a network namespace."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.port = port or free_port()
        self.console_port = console_port or free_port()
        self.servers = servers
        self.configuration_file = folder / "shop.yaml"
        self.configure(**settings)
        super().__init__(name, [*before, PROGRAM, "run", "-c", self.configuration_file], folder)

    def wait_until_free(self):
        """The kernel gives back the ports of an ended process that used io_uring a moment later."""
        wait_until(lambda: not accepts(self.port) and is_free(self.port), "its port is free again")

    def start_again(self):
        """After it has ended: the same configuration, store and ports."""
        self.wait_until_free()
        super().__init__(self.name, self.command, self.folder)
        self.wait_until_ready()

    def wait_until_ready(self):
        self.wait_for_port(self.port)
        wait_until(lambda: self.api_status("/healthz") == 200, "the console's /healthz answers 200")

    def configure(self, servers=None, **settings):
        """Writes shop.yaml; a running edge takes it over at reload(). JSON is YAML."""
        configuration = configuration_of(servers or self.servers, self.port, self.console_port, self.folder, **settings)
        self.configuration_file.write_text(json.dumps(configuration, indent=2) + "\n")

    def reload(self):
        self.signal(signal.SIGHUP)

    def get(self, path, **options):
        return raw.request(self.port, path, **options)

    def api(self, path, method="GET", body=b"", headers=None):
        # The console answers only to names of this machine.
        return raw.request(self.console_port, path, method=method, body=body, headers=headers,
                           host=f"127.0.0.1:{self.console_port}")

    def api_status(self, path):
        try:
            return self.api(path).status
        except OSError:
            return None

    def api_json(self, path):
        return json.loads(self.api(path).body)

    def metric(self, name):
        """Of all its series together; 0 if there is none."""
        series = re.findall(rf"^{name}(?:{{[^}}]*}})? (\S+)$", self.api("/metrics").body.decode(), re.M)
        return sum(float(value) for value in series)

    def access_log(self):
        file = self.folder / "access.log"
        return file.read_text(errors="replace").splitlines() if file.exists() else []

    def wait_for_log(self, condition, what="a line of the access log", deadline_s=5):
        """The first line of the access log for which the condition holds; lines are written off the workers, later."""
        return wait_until(lambda: next((line for line in self.access_log() if condition(line)), None), what, deadline_s)
