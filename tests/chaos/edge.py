"""The real program under test: its configuration, its process, and what it says."""

import asyncio
import json
import os
import pathlib
import re
import signal
import socket
import subprocess

from pages import DEFAULT_STALE_IF_ERROR_S, DEFAULT_STALE_WHILE_REVALIDATE_S

SANITIZER = re.compile(rb"(ERROR: \w+Sanitizer|runtime error:|LeakSanitizer|SUMMARY: \w+Sanitizer|assert|terminate called)", re.I)
DRAIN_S = 5
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Edge:
    def __init__(self, program, folder, origins):
        self.program = program
        self.folder = pathlib.Path(folder)
        self.origins = origins
        self.port = free_port()
        self.console_port = free_port()
        self.file = self.folder / "shop.yaml"
        self.log_file = self.folder / "tenfold.log"
        self.process = None

    def configuration(self, origins=None, **changes):
        stickiness = {"cookie": "tenfold_origin", "ttl": "1h"}
        settings = {
            "shop": "Chaos",
            "workers": 2,
            "listen": [{"address": f"127.0.0.1:{self.port}"}],
            "origins": [{
                "name": "shop", "servers": [f"127.0.0.1:{origin.port}" for origin in origins or self.origins],
                "max_connections": 32, "slow_start": "0s", "stickiness": stickiness,
                "timeouts": {"connect": "1s", "first_byte": "3s", "idle": "5s", "queue": "2s"},
            }],
            "health": {"path": "/healthz", "every": "500ms", "timeout": "1s", "unhealthy_after": 2, "healthy_after": 1},
            "ejection": {"base_ejection": "1s", "max_ejection": "2s", "max_ejected_share": "34%"},
            # Retries never are what is missing: an error must have an origin's fault behind it.
            "retries": {"budget": "100%", "min": "1000/s", "attempts": 4},
            "routes": [{"paths": ["/account*"], "cache": "bypass"}],
            "cache": {"memory": "8MiB", "max_object": "1MiB", "stale_if_error": f"{DEFAULT_STALE_IF_ERROR_S}s",
                      "stale_while_revalidate": f"{DEFAULT_STALE_WHILE_REVALIDATE_S}s", "coalesce_wait": "15s"},
            "limits": {"head_timeout": "3s", "body_timeout": "4s", "idle_timeout": "10s", "write_timeout": "3s",
                       "answer_timeout": "6s", "stream_timeout": "4s", "tunnel_idle": "20s", "drain": f"{DRAIN_S}s"},
            "trusted_proxies": ["127.0.1.0/24"],
            "access_log": {"path": str(self.folder / "access.log"), "format": "json"},
            "console": {"address": f"127.0.0.1:{self.console_port}"},
            "store": str(self.folder / "tenfold.db"),
        }
        settings.update(changes)
        return settings

    def write(self, settings):
        self.file.write_text(json.dumps(settings, indent=1) + "\n")  # JSON is YAML

    def start(self):
        self.write(self.configuration())
        environment = dict(os.environ)
        # Freed memory is held back to notice its use; not so much that it hides what the program itself holds.
        environment.setdefault("ASAN_OPTIONS", "quarantine_size_mb=16:exitcode=99:abort_on_error=0:detect_leaks=1")
        environment.setdefault("UBSAN_OPTIONS", "print_stacktrace=1:halt_on_error=1:exitcode=98")
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen([str(self.program), "run", "-c", str(self.file)], stdout=log, stderr=log,
                                            stdin=subprocess.DEVNULL, cwd=self.folder, env=environment, start_new_session=True)

    def is_running(self):
        return self.process.poll() is None

    async def wait_until_ready(self, deadline_s=60):
        async with asyncio.timeout(deadline_s):
            while True:
                if not self.is_running():
                    raise SystemExit(f"tenfold ended with {self.process.returncode} while starting:\n{self.tail()}")
                try:
                    status, _ = await self.api("GET", "/healthz")
                    if status == 200:
                        return
                except OSError:
                    pass
                await asyncio.sleep(0.1)

    async def api(self, method, path, body=b""):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.console_port)
        try:
            writer.write(f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.console_port}\r\nContent-Type: application/json\r\n"
                         f"Content-Length: {len(body)}\r\n"
                         f"Connection: close\r\n\r\n".encode() + body)
            async with asyncio.timeout(20):
                answer = await reader.read(-1)
        finally:
            writer.close()
        head, _, content = answer.partition(b"\r\n\r\n")
        if not head:
            raise ConnectionError("the console closed without an answer")
        return int(head.split(b" ", 2)[1]), content

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def kill(self):
        if self.is_running():
            self.process.kill()
            self.process.wait()

    def resident_bytes(self):
        return int(pathlib.Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * PAGE_BYTES

    def open_files(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def findings(self):
        """Lines of a sanitizer or a broken invariant in what it said."""
        return [line.decode(errors="replace") for line in self.log_file.read_bytes().splitlines() if SANITIZER.search(line)]

    def tail(self, lines=80):
        return "\n".join(self.log_file.read_text(errors="replace").splitlines()[-lines:])
