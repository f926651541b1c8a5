"""A server under test as a tree of processes: its start on one core, its CPU time, its memory, its end."""

import os
import pathlib
import signal
import socket
import subprocess
import time

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A program on one core. `port` answers plain HTTP; `tls_port` answers TLS where the program has it."""

    def __init__(self, name, command, core, folder, port, tls_port=None):
        self.name = name
        self.port = port
        self.tls_port = tls_port
        self.log = folder / f"{name}.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(["taskset", "-c", str(core), *command], stdout=log, stderr=log,
                                            cwd=folder, start_new_session=True)

    def wait_until_it_answers(self, path, deadline_s=15):
        """A 200 to a GET of `path`; RuntimeError with the end of its log otherwise."""
        end = time.monotonic() + deadline_s
        answer = b""
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1) as client:
                    client.sendall(f"GET {path} HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n".encode())
                    answer = client.recv(64)
                    if answer.startswith(b"HTTP/1.1 200"):
                        return
            except OSError:
                pass
            time.sleep(0.05)
        self.stop()
        raise RuntimeError(f"{self.name} does not answer {path} with 200 but {answer!r}; it said:\n"
                           + self.log.read_text(errors="replace")[-3000:])

    def tree(self):
        """Ids of the process and all below it."""
        children = {}
        for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
        ids, waiting = [], [self.process.pid]
        while waiting:
            pid = waiting.pop()
            ids.append(pid)
            waiting.extend(children.get(pid, []))
        return ids

    def cpu_s(self):
        """User and system time of the whole tree so far, in seconds; all threads included."""
        ticks = 0
        for pid in self.tree():
            try:
                fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
                ticks += int(fields[11]) + int(fields[12])
            except OSError:
                pass
        return ticks / TICKS_PER_S

    def resident_bytes(self):
        total = 0
        for pid in self.tree():
            try:
                total += int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_BYTES
            except OSError:
                pass
        return total

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(8)
            except subprocess.TimeoutExpired:
                for pid in reversed(self.tree()):
                    try:
                        os.kill(pid, signal.SIGKILL)
                    except ProcessLookupError:
                        pass
                self.process.wait()
