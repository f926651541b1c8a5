"""Dropping in the kernel on the running program: over a cable between two network namespaces, as root that gives root up."""

import asyncio
import contextlib
import json
import pathlib
import shutil
import socket
import subprocess
import tempfile
import threading
import time

import pytest
from support import cable as cables
from support.cable import EDGE_ADDRESS, Cable
from support.edge import PROGRAM, Edge, tenfold
from support.processes import Program, free_port, wait_until

HEAVY, INNOCENT = "10.77.0.2", "10.77.0.3"
WORKERS = 4
RATE = 200  # a second: five times what the shop bears
WAYS = {"xdp": "XDP on edge0", "nftables": "nftables"}


class OneSource:
    """Searches from one address, at its rate as far as 300 at once let it, deaf to whatever it is told."""

    def __init__(self, namespace, port):
        self._port = port
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(namespace,))
        self._thread.start()

    def stop(self):
        self._ending.set()
        self._thread.join()

    def _run(self, namespace):
        with namespace.inside():
            asyncio.run(self._send())

    async def _send(self):
        loop = asyncio.get_running_loop()
        began, sent, under_way = loop.time(), 0, set()
        while not self._ending.is_set():
            if len(under_way) < 300:
                task = loop.create_task(self._ask(sent))
                under_way.add(task)
                task.add_done_callback(under_way.discard)
            sent += 1
            await asyncio.sleep(max(0, began + sent / RATE - loop.time()))
        for task in under_way:
            task.cancel()

    async def _ask(self, number):
        with contextlib.suppress(OSError, asyncio.TimeoutError):
            reader, writer = await asyncio.wait_for(
                asyncio.open_connection(EDGE_ADDRESS, self._port, local_addr=(HEAVY, 0)), 3)
            with contextlib.closing(writer):
                writer.write(f"GET /search?q={number} HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n".encode())
                await asyncio.wait_for(reader.read(), 20)


class World:
    def __init__(self, folder, parts, way):
        self.cable = Cable()
        self.folder, self.parts = folder, parts
        self.edge = None
        self.way = way

    def start(self, **guard):
        shop_port = free_port()
        shop = Program("shop", [PROGRAM, "shop", "--listen", f"127.0.0.1:{shop_port}", "--workers", str(WORKERS), "--time",
                                "page=20ms,search=100ms,checkout=20ms,cart=20ms"], self.folder)
        shop.address = f"127.0.0.1:{shop_port}"
        self.parts.append(shop)
        shop.wait_for_port(shop_port)
        port = free_port()
        self.edge = Edge(self.folder / "edge", [shop], port=port, before=self.cable.edge.before, user="nobody",
                         listen=[{"address": f"0.0.0.0:{port}"}], guard={"kernel": self.way} | guard,
                         origins=[{"name": "shop", "servers": [shop.address], "max_connections": WORKERS}])
        self.parts.append(self.edge)
        self.edge.wait_until_ready()
        return self.edge

    def probe(self, source, port=None):
        """What somebody there meets: "dropped", "refused" (by the kernel: nobody listens) or "let in"."""
        with self.cable.visitors.inside(), socket.socket() as probe:
            probe.bind((source, 0))
            probe.settimeout(0.4)
            try:
                probe.connect((EDGE_ADDRESS, port or self.edge.port))
            except TimeoutError:
                return "dropped"
            except ConnectionRefusedError:
                return "refused"
            return "let in"

    def start_and_drop(self):
        """The edge, once it drops the heavy source, which has stopped."""
        edge = self.start()
        if not edge.api_json("/api/v1/guard")["kernel"]["drops"]:
            pytest.skip("see the first test")
        flood = OneSource(self.cable.visitors, edge.port)
        try:
            wait_until(self.block, "the source is dropped in the kernel", deadline_s=10, every_s=0.05)
        finally:
            flood.stop()
        return edge

    def post(self, path, **body):
        answer = self.edge.api(path, method="POST", headers={"Content-Type": "application/json"}, body=json.dumps(body).encode())
        return answer.status

    def block(self):
        blocks = self.edge.api_json("/api/v1/blocks")["blocks"]
        return next((each for each in blocks if each["prefix"] == HEAVY and each["enforced_by"] == "kernel"), None)

    def left_behind(self):
        """What is still of us in the kernel; empty: nothing."""
        links = subprocess.run(["ip", "-details", "link", "show", "edge0"], capture_output=True, text=True, check=True).stdout
        tables = subprocess.run(["nft", "list", "tables"], capture_output=True, text=True, check=False).stdout
        find = [*self.cable.edge.before, "find", "/sys/fs/bpf", "-path", "*/tenfold-*", "-type", "f"]
        pins = subprocess.run(find, capture_output=True, text=True, check=True).stdout
        programs = [line for line in links.splitlines() if "prog/xdp" in line]
        return programs + [line for line in tables.splitlines() if "tenfold" in line] + pins.split()


@pytest.fixture(params=WAYS)
def world(request, parts):
    why_not = cables.why_not()
    if why_not:
        pytest.skip(why_not)
    if request.param == "nftables" and shutil.which("nft", path="/usr/sbin:/sbin:/usr/bin") is None:
        pytest.skip("nft is not installed")
    # Of its own, since the edge becomes a user who may not go through pytest's.
    folder = pathlib.Path(tempfile.mkdtemp(prefix="tenfold-kernel-"))
    folder.chmod(0o777)
    (folder / "edge").mkdir()
    (folder / "edge").chmod(0o777)
    world = World(folder, parts, request.param)
    with world.cable.edge.inside():
        yield world
        for part in reversed(parts):
            part.stop()
    world.cable.end()
    shutil.rmtree(folder)


@pytest.mark.alone
def test_a_heavy_source_is_dropped_for_its_time_and_the_edge_may_die(world):
    edge = world.start()
    kernel = edge.api_json("/api/v1/guard")["kernel"]
    if world.way == "xdp" and not kernel["drops"]:
        pytest.skip(f"no XDP here: {kernel['why_not']}")
    assert kernel["drops"] and kernel["by"].startswith(WAYS[world.way])
    flood = OneSource(world.cable.visitors, edge.port)
    began = time.monotonic()
    try:
        wait_until(world.block, "the source is dropped in the kernel", deadline_s=10, every_s=0.05)
        print(f"{world.way}: dropped {time.monotonic() - began:.1f} s after its flood began")
        assert time.monotonic() - began < 4
        wait_until(lambda: edge.metric("tenfold_guard_kernel_dropped_packets_total") > 50, "packets are dropped, and counted")
    finally:
        flood.stop()
    assert world.probe(HEAVY) == "dropped"
    assert world.probe(INNOCENT) == "let in"
    with socket.create_server((EDGE_ADDRESS, 0)) as other:
        assert world.probe(HEAVY, other.getsockname()[1]) == "let in", "another port"
    ends = time.monotonic() + world.block()["ends_in_s"]

    edge.kill()
    assert world.probe(HEAVY) == "dropped" and world.probe(INNOCENT) == "refused"
    edge.start_again()
    assert abs(time.monotonic() + world.block()["ends_in_s"] - ends) < 2
    assert world.probe(HEAVY) == "dropped"

    edge.kill()
    wait_until(lambda: world.probe(HEAVY) == "refused", "the block is over", deadline_s=90)
    print(f"{world.way}: over {time.monotonic() - ends:+.1f} s from its time, with nobody there")
    assert -2 < time.monotonic() - ends < 2

    edge.start_again()
    assert edge.stop() == 0
    assert world.left_behind() == []


@pytest.mark.alone
def test_the_owner_lifts_what_a_killed_edge_left(world):
    edge = world.start_and_drop()
    edge.kill()
    edge.start_again()
    assert world.probe(HEAVY) == "dropped"
    answer = edge.api("/api/v1/blocks/lift", method="POST", headers={"Content-Type": "application/json"},
                      body=f'{{"prefix": "{HEAVY}"}}'.encode())
    assert answer.status == 200, answer.body
    wait_until(lambda: world.probe(HEAVY) == "let in", "it is lifted")
    assert world.block() is None


@pytest.mark.alone
def test_whom_the_owner_denies_is_dropped_before_its_first_handshake(world):
    edge = world.start(deny=[{"name": "scrapers", "networks": [HEAVY]}])
    if not edge.api_json("/api/v1/guard")["kernel"]["drops"]:
        pytest.skip("see the first test")
    wait_until(lambda: world.probe(HEAVY) == "dropped", "the file's network is dropped")
    assert world.probe(INNOCENT) == "let in"
    with socket.create_server((EDGE_ADDRESS, 0)) as other:
        assert world.probe(HEAVY, other.getsockname()[1]) == "let in", "another port, as the console's"
    assert world.post("/api/v1/blocks/lift", prefix=HEAVY) == 409, "it is the file's"

    assert world.post("/api/v1/blocks", prefix=INNOCENT, reason="scrapes", **{"for": "3s"}) == 200
    began = time.monotonic()
    wait_until(lambda: world.probe(INNOCENT) == "dropped", "so is whom the API blocks")
    shown, = (each for each in edge.api_json("/api/v1/blocks")["blocks"] if each["prefix"] == INNOCENT)
    assert (shown["by"], shown["enforced_by"]) == ("owner", "kernel")
    wait_until(lambda: world.probe(INNOCENT) == "let in", "its time is over")
    assert 1.5 < time.monotonic() - began < 5

    assert world.post("/api/v1/allowed", prefix=INNOCENT, reason="office", **{"for": "1h"}) == 200
    assert world.post("/api/v1/blocks", prefix="10.77.0.0/24", reason="all of it", **{"for": "1h"}) == 200
    wait_until(lambda: any(each["prefix"] == "10.77.0.0/24" and each["enforced_by"] == "kernel"
                           for each in edge.api_json("/api/v1/blocks")["blocks"]), "the kernel has the network")
    assert world.probe(INNOCENT) == "let in", "the allow list goes before"

    edge.kill()
    assert world.probe(HEAVY) == "dropped" and world.probe(INNOCENT) == "refused"
    edge.start_again()
    assert world.probe(HEAVY) == "dropped"
    assert edge.stop() == 0
    assert world.left_behind() == []


@pytest.mark.alone
def test_an_interface_that_goes_and_comes_back_drops_as_before(world):
    """As when a network manager is restarted, a driver is loaded anew, or a bond is made again."""
    edge = world.start_and_drop()
    world.cable.lay_anew()
    # While the new one has no carrier nobody's packets come.
    wait_until(lambda: world.probe(INNOCENT) == "let in", "the new interface is up", deadline_s=20)
    wait_until(lambda: world.probe(HEAVY) == "dropped", "it is dropped on the new interface", deadline_s=20)
    assert world.probe(INNOCENT) == "let in"
    assert world.block() is not None, "nothing was forgotten over it"
    assert edge.stop() == 0
    assert world.left_behind() == []


def test_check_says_what_the_kernel_will_do(tmp_path):
    file = tmp_path / "shop.yaml"
    yaml = "shop: S\nlisten: [{{ address: '{}' }}]\norigins: [{{ name: a, servers: ['127.0.0.1:1'] }}]\nguard: {{ kernel: {} }}\n"
    for address, kernel, words in (("127.0.0.1:8080", "auto", "all listeners are on loopback"),
                                   ("0.0.0.0:8080", "off", "nothing is dropped in the kernel"),
                                   ("0.0.0.0:8080", "nftables", "nft")):
        file.write_text(yaml.format(address, kernel))
        checked = tenfold("check", "-c", file)
        assert checked.returncode == 0 and words in checked.stdout, checked.stdout + checked.stderr
