"""Programs under test: started in a folder of their own, waited for with deadlines, ended by their own id."""

import os
import pathlib
import random
import signal
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


# Ports for what is told its port: below those that the kernel gives to outgoing connections (from 32768 on), or one of
# these takes the port between its choice and its use; and for each of pytest-xdist's workers others.
PORTS = range(10000, 32000)
UNSAFE_FOR_BROWSERS = 10080  # of these the only one: Chromium opens no page there
WORKERS = 16
given_ports = set()


def free_port():
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % WORKERS
    share = len(PORTS) // WORKERS
    ports = [port for port in PORTS[worker * share:(worker + 1) * share] if port not in given_ports and port != UNSAFE_FOR_BROWSERS]
    while ports:
        port = ports.pop(random.randrange(len(ports)))
        with socket.socket() as probe, socket.socket(type=socket.SOCK_DGRAM) as datagrams:
            try:
                probe.bind(("127.0.0.1", port))
                datagrams.bind(("127.0.0.1", port))
            except OSError:
                continue
        given_ports.add(port)
        return port
    given_ports.clear()  # all have been given once
    return free_port()


def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def wait_until(condition, what, deadline_s=10.0, every_s=0.02):
    """Polls until the condition holds and returns its value; fails the test with `what` at the deadline."""
    end = time.monotonic() + deadline_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline_s} s: {what}")
        time.sleep(every_s)


def accepts(port, host="127.0.0.1"):
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


class Program:
    """A child process whose output goes to a file; never left behind."""

    def __init__(self, name, command, folder, **options):
        self.name = name
        self.command = [str(word) for word in command]
        self.log_file = pathlib.Path(folder) / f"{name}.log"
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                            cwd=folder, start_new_session=True, **options)

    @property
    def pid(self):
        return self.process.pid

    def log(self):
        return self.log_file.read_text(errors="replace")

    def is_running(self):
        return self.process.poll() is None

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, deadline_s=15):
        """The exit code; a program that does not end in time fails the test."""
        try:
            return self.process.wait(deadline_s)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} has not ended within {deadline_s} s") from None

    def wait_for_port(self, port, deadline_s=20):
        def ready():
            if not self.is_running():
                raise AssertionError(f"{self.name} ended with {self.process.returncode} while starting:\n{self.log()[-3000:]}")
            return accepts(port)

        wait_until(ready, f"{self.name} listens on {port}", deadline_s)

    def resident_bytes(self):
        return int(pathlib.Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * PAGE_BYTES

    def open_files(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def stop(self, deadline_s=10):
        """Ends it gently, then by force; its exit code."""
        if self.is_running():
            self.signal(signal.SIGCONT)
            self.signal(signal.SIGTERM)
            try:
                self.process.wait(deadline_s)
            except subprocess.TimeoutExpired:
                self.kill()
        return self.process.returncode

    def kill(self):
        """SIGKILL for it and for its children (nginx's worker would outlive its master)."""
        # The parent first, or nginx's master would start another worker in the moment between; its children are read
        # before, since they are nobody's afterwards.
        for pid in [self.pid, *self.children()]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()

    def hang(self):
        """SIGSTOP: its ports stay open, nobody answers."""
        for pid in [self.pid, *self.children()]:
            os.kill(pid, signal.SIGSTOP)

    def resume(self):
        for pid in [self.pid, *self.children()]:
            os.kill(pid, signal.SIGCONT)

    def children(self):
        try:
            text = pathlib.Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        except OSError:
            return []
        return [int(pid) for pid in text.split()]
