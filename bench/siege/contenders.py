"""What stands before the shop, each as configured in contenders/, and the shop itself. All on loopback and on one core."""

import json
import os
import pathlib
import shutil
import sys
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.append(str(ROOT / "bench" / "peers"))

import processes  # noqa: E402  (bench/peers)
import servers  # noqa: E402

CORE, DRIVER_CORE = 0, 1  # contender and shop; driver
TENFOLD = ROOT / "build" / "release" / "tenfold"
WORKERS = 20
SHOP_TIMES = "page=20ms,search=80ms,checkout=40ms,cart=20ms"
SHOP_LINE = 1000  # requests that wait at the shop itself; past it 503


class Unfit(Exception):
    """A contender that a row cannot be played against, or not here."""


def filled(file, folder, **words):
    """A configuration with its @WORDS@ replaced, in the folder."""
    text = (HERE / "contenders" / file).read_text()
    words |= {"FOLDER": folder, "WORKERS": WORKERS}
    for word, value in words.items():
        text = text.replace(f"@{word}@", str(value))
    made = folder / file
    made.write_text(text)
    return made


def start_shop(folder, times):
    """`times`: how long a worker takes, where it differs from SHOP_TIMES."""
    port = processes.free_port()
    shop = processes.Server("shop", [str(TENFOLD), "shop", "--listen", f"127.0.0.1:{port}", "--workers", str(WORKERS), "--line",
                                     str(SHOP_LINE), "--time", ",".join([SHOP_TIMES, *times])], CORE, folder, port)
    shop.wait_until_it_answers("/healthz")
    return shop


class Nothing:
    """The driver straight to the shop."""
    tls_port = None

    def __init__(self, port):
        self.port = port

    def cpu_s(self):
        return 0.0

    def resident_bytes(self):
        return 0

    def stop(self):
        pass

    def wait_until_it_answers(self, path):
        pass


def start_nginx(name, folder, shop_port, error_log="stderr crit", max_conns=""):
    port, tls_port = processes.free_port(), processes.free_port()
    temporary = "".join(f"{kind}_temp_path tmp_{kind}; " for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    conf = filled("nginx.conf", folder, PORT=port, TLS_PORT=tls_port, SHOP=shop_port, TEMPORARY=temporary,
                  ERROR_LOG=error_log, MAX_CONNS=max_conns, USER="user root;" if os.geteuid() == 0 else "")
    return processes.Server(name, ["nginx", "-e", "stderr", "-p", str(folder), "-c", str(conf)], CORE, folder, port, tls_port)


def start_haproxy(name, folder, shop_port):
    port, tls_port = processes.free_port(), processes.free_port()
    conf = filled(f"{name}.cfg", folder, PORT=port, TLS_PORT=tls_port, SHOP=shop_port)
    return processes.Server(name, ["haproxy", "-db", "-f", str(conf)], CORE, folder, port, tls_port)


def start_varnish(name, folder, shop_port):
    port = processes.free_port()
    vcl = filled(f"{name}.vcl", folder, SHOP=shop_port)
    # One pool and a few hundred threads: the manual advises against more pools than cores. -j none: a folder in /tmp.
    return processes.Server(name, ["varnishd", "-F", "-j", "none", "-n", str(folder / "varnish"), "-f", str(vcl), "-a",
                                   f"127.0.0.1:{port}", "-a", f"[::1]:{port}", "-s", "malloc,256m", "-p", "thread_pools=1",
                                   "-p", "thread_pool_min=100", "-p", "thread_pool_max=2000", "-p", "timeout_idle=15", "-p", "listen_depth=4096"],
                            CORE, folder, port)


class Together:
    """Two programs that are one contender: the first is the one that answers."""

    def __init__(self, *servers):
        self.servers = servers
        self.name, self.port, self.tls_port = servers[0].name, servers[0].port, servers[0].tls_port

    def cpu_s(self):
        return sum(server.cpu_s() for server in self.servers)

    def resident_bytes(self):
        return sum(server.resident_bytes() for server in self.servers)

    def stop(self):
        for server in reversed(self.servers):
            server.stop()

    def wait_until_it_answers(self, path):
        self.servers[0].wait_until_it_answers(path)


def start_fail2ban(folder, shop_port):
    """Real fail2ban with its own socket, database and copy of the system's configuration; its bans are nftables rules of
    the namespace that the measurement runs in."""
    errors = folder / "error.log"
    errors.touch()
    nginx = start_nginx("fail2ban", folder, shop_port, error_log=f"{errors} error")
    settings = folder / "fail2ban"
    shutil.copytree("/etc/fail2ban", settings, ignore=shutil.ignore_patterns("jail.d"))
    filled("fail2ban-jail.local", folder).rename(settings / "jail.local")
    ban = processes.Server("fail2ban", ["fail2ban-server", "-f", "-c", str(settings), "-s", str(folder / "fail2ban.sock"), "-p",
                                        str(folder / "fail2ban.pid"), "--logtarget", "STDOUT"],
                           CORE, folder, nginx.port)
    return Together(nginx, ban)


def start_tenfold(name, folder, shop_port, guard, v4="127.0.0.1", v6="::1"):
    """`v4`, `v6`: where it listens."""
    port, tls_port, console_port = processes.free_port(), processes.free_port(), processes.free_port()
    configuration = {
        "shop": "Corner Shop",
        "workers": 1,
        "listen": [{"address": f"{v4}:{port}"}, {"address": f"[{v6}]:{port}"},
                   {"address": f"{v4}:{tls_port}",
                    "certificates": [{"chain": str(folder / "shop.pem"), "key": str(folder / "shop.key")}]}],
        "origins": [{"name": "shop", "servers": [f"127.0.0.1:{shop_port}"]}],
        "health": {"path": "/healthz", "every": "2s"},
        "cache": {"memory": "256MiB"},
        "worth": [{"name": "checkout", "paths": ["/checkout*", "/cart*"]}, {"name": "browse", "paths": ["/*"]}],
        "guard": guard,
        "access_log": "off",
        "console": {"address": f"127.0.0.1:{console_port}"},
        "store": str(folder / "tenfold.db"),
    }
    # JSON is YAML.
    (folder / "tenfold.yaml").write_text(json.dumps(configuration, indent=2))
    server = processes.Server(name, [str(TENFOLD), "run", "-c", str(folder / "tenfold.yaml")], CORE, folder, port, tls_port)
    server.console_port = console_port
    return server


def guard_of(tenfold):
    with urllib.request.urlopen(f"http://127.0.0.1:{tenfold.console_port}/api/v1/guard", timeout=10) as answer:
        return json.load(answer)


def why_not_in_kernel(state):
    """Of /api/v1/guard: why it is not XDP on loopback that drops; empty: it is."""
    kernel = state["kernel"]
    return "" if kernel["drops"] and kernel["by"].startswith("XDP on lo ") else str(kernel["by"] or kernel["why_not"])


def start_tenfold_kernel(folder, shop_port):
    """Ours with blocks in the kernel, by XDP on loopback (generic: behind the driver, which loopback has none of). Needs
    root, a kernel with BPF, and a build with libbpf. The kernel drops for listeners off loopback alone, so it listens on
    every address of the run's own network namespace, which has no other interface. What is dropped is told by source
    and listener's port: neither the console's clients nor the shop's connections, also of 127.0.0.0/8, are touched.
    Fails where XDP is not loaded: user space would be measured in its name."""
    if not os.environ.get("SIEGE_NAMESPACE"):
        raise Unfit("drops in the kernel, which it only may in a namespace of its own")
    server = start_tenfold("tenfold-kernel", folder, shop_port, {"mode": "enforce", "kernel": "xdp", "interfaces": ["lo"]},
                           v4="0.0.0.0", v6="::")
    try:
        server.wait_until_it_answers("/favicon.svg")
        if why_not := why_not_in_kernel(guard_of(server)):
            raise RuntimeError(f"tenfold-kernel: no XDP on loopback, but: {why_not}")
    except BaseException:
        server.stop()
        raise
    return server


def start_without(part):
    """Ours, a part of it left out (guard.without): an ablation."""
    return lambda folder, shop_port: start_tenfold(f"tenfold-no-{part}", folder, shop_port,
                                                   {"mode": "enforce", "kernel": "off", "without": [part]})


def start_door(folder, shop_port):
    port = processes.free_port()
    return processes.Server("door", [sys.executable, str(HERE / "door.py"), str(port), str(shop_port)], CORE, folder, port)


STARTS = {
    "none": lambda folder, shop_port: Nothing(shop_port),
    "nginx": lambda folder, shop_port: start_nginx("nginx", folder, shop_port),
    "nginx-maxconns": lambda folder, shop_port: start_nginx("nginx-maxconns", folder, shop_port,
                                                           max_conns=f" max_conns={WORKERS}"),
    "haproxy-expert": lambda folder, shop_port: start_haproxy("haproxy-expert", folder, shop_port),
    "varnish": lambda folder, shop_port: start_varnish("varnish", folder, shop_port),
    "fail2ban": start_fail2ban,
    "tenfold-off": lambda folder, shop_port: start_tenfold("tenfold-off", folder, shop_port, {"mode": "off"}),
    "tenfold-observe": lambda folder, shop_port: start_tenfold("tenfold-observe", folder, shop_port,
                                                               {"mode": "observe", "kernel": "off"}),
    "tenfold": lambda folder, shop_port: start_tenfold("tenfold", folder, shop_port, {"mode": "enforce", "kernel": "off"}),
    "tenfold-kernel": start_tenfold_kernel,
    **{f"tenfold-no-{part}": start_without(part) for part in ("fairness", "standing", "challenge")},
}
# What each part of ours is worth: not contenders, and in a table of their own.
ABLATIONS = [name for name in STARTS if name.startswith("tenfold-no-")]
# No contenders, but what checks the driver.
CHECKS = {"door": start_door}


def start(name, folder, shop_port):
    servers.make_certificate(folder)
    server = (STARTS | CHECKS)[name](folder, shop_port)
    server.wait_until_it_answers("/favicon.svg")
    return server
