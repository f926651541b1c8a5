"""Fixtures: real parts, each in a folder of its own, ended by their own id when the test is over. See README.md."""

import resource
import shutil
import subprocess

import pytest
from support import browsing
from support import edge as edge_module
from support.besieged import SmallShop
from support.flood import Flood
from support.load import Paced
from support.nginx import NginxOrigin
from support.processes import Program
from support.scripted import ScriptedOrigin

LOG_LINES_SHOWN = 40


def pytest_configure(config):
    config.addinivalue_line("markers", "alone: measures rates or times, and runs while nothing else does")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed test shows the end of what its programs said."""
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        for part in getattr(item, "started_parts", []):
            if isinstance(part, Program):
                lines = part.log().splitlines()[-LOG_LINES_SHOWN:]
                code = part.process.poll()
                state = "running" if code is None else f"ended with {code}"
                report.sections.append((f"log of {part.name} ({state})", "\n".join(lines)))


@pytest.fixture
def parts(request):
    """What the test started; ended in the opposite order."""
    request.node.started_parts = started = []
    yield started
    for part in reversed(started):
        part.stop()


@pytest.fixture
def start_nginx(parts, tmp_path):
    def start(name="origin", **options):
        origin = NginxOrigin(name, tmp_path / name, **options)
        parts.append(origin)
        origin.wait_for_port(origin.port)
        return origin

    return start


@pytest.fixture
def two_origins(start_nginx):
    return [start_nginx("origin-1"), start_nginx("origin-2")]


@pytest.fixture
def start_scripted(parts):
    def start(*answer):
        origin = ScriptedOrigin(*answer)
        parts.append(origin)
        return origin

    return start


@pytest.fixture
def start_edge(parts, tmp_path):
    """start_edge([servers], section=...) with any section of shop.yaml; None leaves a section out."""
    if not edge_module.PROGRAM.exists():
        pytest.fail(f"{edge_module.PROGRAM} is not built: ./run --build-only")

    def start(servers, name="edge", **settings):
        edge = edge_module.Edge(tmp_path / name, servers, name=name, **settings)
        parts.append(edge)  # Before it is ready: one that never gets there is ended as well.
        edge.wait_until_ready()
        return edge

    return start


@pytest.fixture
def start_program(parts, tmp_path):
    def start(name, command, **options):
        program = Program(name, command, tmp_path, **options)
        parts.append(program)
        return program

    return start


@pytest.fixture
def paced(parts):
    """paced(port, rate, seconds, paths) starts an open-loop load."""
    def start(*arguments):
        load = Paced(*arguments)
        parts.append(load)
        return load

    return start


@pytest.fixture
def start_small_shop(parts, tmp_path):
    """The demo shop with few workers: what a flood besieges."""
    def start(**options):
        shop = SmallShop(tmp_path, **options)
        parts.append(shop)
        shop.wait_for_port(shop.port)
        return shop

    return start


@pytest.fixture
def small_shop(start_small_shop):
    return start_small_shop()


@pytest.fixture
def start_flood(parts):
    """start_flood(edge): strangers who keep on asking until the test is over, or the flood is stopped."""
    def start(edge, **options):
        parts.append(Flood(edge.port, **options))
        return parts[-1]

    return start


@pytest.fixture
def certificates(tmp_path):
    """make(name): a self-signed P-256 certificate for that DNS name; returns (chain, key)."""
    def make(name, file=None):
        chain, key = tmp_path / f"{file or name}.pem", tmp_path / f"{file or name}.key"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "3", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}",
                        "-keyout", key, "-out", chain], check=True, capture_output=True)
        return chain, key

    return make


@pytest.fixture
def curl():
    """curl(arguments...) -> the finished process; its output is text."""
    def run(*arguments, timeout_s=30):
        return subprocess.run(["curl", "-sS", *map(str, arguments)], capture_output=True, text=True, timeout=timeout_s, check=False)

    return run


@pytest.fixture
def start_browser(tmp_path):
    """start_browser(arguments=[...], preferences={...}): a headless Chromium with a profile of its own; skipped where there
    is none."""
    driver_program = shutil.which("chromedriver")
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not driver_program or not program:
        pytest.skip("no chromium with chromedriver on this machine")
    started = []

    def start(**options):
        profile = tmp_path / f"browser-profile-{len(started)}"
        started.append(browsing.chromium(program, driver_program, profile, **options))
        return started[-1]

    yield start
    for browser in started:
        browser.driver.quit()


@pytest.fixture
def browser(start_browser):
    return start_browser()
