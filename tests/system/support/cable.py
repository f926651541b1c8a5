"""Two network namespaces of the test's own, joined by a cable: the edge's and its visitors'. Needs root, unshare and ip."""

import contextlib
import ctypes
import os
import shutil
import subprocess

EDGE_ADDRESS = "10.77.0.1"
CLONE_NEWNET = 0x40000000
# A file system of BPF for those in it alone: what is pinned there lasts as long as this process.
HOLD = "mount -t bpf bpf /sys/fs/bpf; echo ready; exec sleep infinity"


def why_not():
    """Why namespaces cannot be made here; empty: they can."""
    if os.geteuid() != 0:
        return "network namespaces take root"
    missing = [name for name in ("unshare", "nsenter", "ip") if shutil.which(name) is None]
    if missing:
        return f"not installed: {', '.join(missing)}"
    tried = subprocess.run(["unshare", "--net", "--mount", "ip", "link", "add", "one", "type", "veth", "peer", "name", "other"],
                           capture_output=True, check=False)
    return "" if tried.returncode == 0 else f"no network namespaces here: {tried.stderr.decode().strip()}"


class Namespace:
    def __init__(self):
        self.holder = subprocess.Popen(["unshare", "--net", "--mount", "sh", "-c", HOLD], stdout=subprocess.PIPE)
        assert self.holder.stdout.readline() == b"ready\n"
        # Words in front of a command, for what needs the file system too; the network is inherited from inside().
        self.before = ["nsenter", "--target", str(self.holder.pid), "--mount", "--"]

    @contextlib.contextmanager
    def inside(self):
        """This thread's sockets, and the processes and threads it starts, are in the namespace."""
        with open("/proc/thread-self/ns/net") as outside, open(f"/proc/{self.holder.pid}/ns/net") as inside:
            enter(inside)
            try:
                yield
            finally:
                enter(outside)

    def end(self):
        self.holder.kill()
        self.holder.wait()
        self.holder.stdout.close()


class Cable:
    """`edge` has EDGE_ADDRESS, `visitors` have the rest of 10.77.0.0/24, of which each process chooses what to send from."""

    def __init__(self):
        self.edge, self.visitors = Namespace(), Namespace()
        self._lay()

    def lay_anew(self):
        """Its ends go, and others come under the same names with the same addresses."""
        with self.edge.inside():
            ip("link", "delete", "edge0")
        self._lay()

    def _lay(self):
        with self.edge.inside():
            ip("link", "add", "edge0", "type", "veth", "peer", "name", "visitors0", "netns", str(self.visitors.holder.pid))
            ip("address", "add", f"{EDGE_ADDRESS}/24", "dev", "edge0")
            ip("link", "set", "edge0", "up")
            ip("link", "set", "lo", "up")
        with self.visitors.inside():
            for last in range(2, 10):
                ip("address", "add", f"10.77.0.{last}/24", "dev", "visitors0")
            ip("link", "set", "visitors0", "up")

    def end(self):
        self.edge.end()
        self.visitors.end()


def enter(file):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(file.fileno(), CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


def ip(*words):
    subprocess.run(["ip", *words], check=True)
