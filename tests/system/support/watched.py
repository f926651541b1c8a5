"""What tests/system/test_watch.py looks at: a shop's parts that can be broken one by one, the edge that watches them, and
whoever it tells."""

import datetime
import json
import socket
import subprocess
import time
import types

import pytest

from . import edge as edge_module
from .authority import Authority
from .name_server import NameServer
from .nginx import NginxOrigin
from .processes import free_port, wait_until
from .receiver import Receiver
from .rehearsal import NetworkNamespaces, OwnedSite, Shop
from .scripted import ScriptedOrigin
from .smtp import SmtpServer

SILENT_EVERY_S = 10  # of the check that has nothing but an interval: no shorter, or its time-out would be
TOKEN = "a-nightly-job-that-must-report"
OUTSIDE_TOKEN = "knowing-this-is-enough"
NAMES = ["IP:127.0.0.1", "DNS:shop.test"]

# Each fault is there while a file of its name is.
LOCATIONS = """
    location = /status { if (-f %(faults)s/status) { return 500; } return 200 "fine"; }
    location = /worked-on { if (-f %(faults)s/worked-on) { return 503; } return 200 "fine"; }
    location = /slow { if (-f %(faults)s/slow) { set $limit_rate 60k; } alias %(files)s/100k; }
"""
TLS_SERVER = """
  server { listen 127.0.0.1:%(port)d ssl; ssl_certificate %(chain)s; ssl_certificate_key %(key)s; return 200 "fine"; }
"""
SHOP_FRONT = """
  server {
    listen 127.0.0.1:%(port)d; proxy_set_header Host $http_host;
    location / { proxy_pass http://%(shop)s; }
    location = /checkout { if (-f %(faults)s/checkout) { return 502; } proxy_pass http://%(shop)s; }
  }
"""


class Certified:
    """A port of nginx with a certificate that can be changed for a worse one."""

    def __init__(self, folder, name, authority):
        self.port = free_port()
        self.chain, self.key = folder / f"{name}.pem", folder / f"{name}.key"
        authority.certify(self.chain, self.key, NAMES)

    def server(self):
        return TLS_SERVER % {"port": self.port, "chain": self.chain, "key": self.key}


class Flapping:
    """Down and up again with each look, until it has flapped enough; good from then on."""

    def __init__(self, failures):
        self.failures = failures
        self.good_since_then = 0
        self.looks = 0

    def __call__(self, request):
        self.looks += 1
        # A look that fails is followed by a second one, which fails too; the next round is good.
        if self.looks <= 3 * self.failures:
            return (200, {}, b"good") if self.looks % 3 == 0 else (503, {}, b"bad")
        self.good_since_then += 1
        return 200, {}, b"good"


class FailsAtFirst:
    """In every third round the first look fails and the second one does not."""

    def __init__(self):
        self.looks = 0

    def __call__(self, request):
        self.looks += 1
        return (500, {}, b"") if self.looks % 4 == 3 else (200, {}, b"good")


class World:
    """Everything, good at the start. `broken_at` has when each part was broken, by the name of its check."""

    def __init__(self, folder):
        self.folder = folder
        self.parts = []
        self.broken_at = {}
        self.faults = folder / "faults"
        self.faults.mkdir()
        self.tls_folder = folder / "tls"
        self.authority = Authority(folder / "authority")
        self.stranger = Authority(folder / "stranger", "Stranger")
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener_address = self.listener.getsockname()

    def start(self):
        self.receiver = self.part(Receiver())
        self.outside = self.part(Receiver())
        self.mail = self._mail_server()
        self._start_sites()
        self.edge = self.part(edge_module.Edge(self.folder / "edge", [self.site], **self.settings()))
        self.edge.wait_until_ready()

    def part(self, part):
        self.parts.append(part)
        return part

    def _mail_server(self):
        try:
            return self.part(SmtpServer(login=("tenfold", "a-password")))
        except pytest.skip.Exception:
            return None

    def _start_sites(self):
        self.tls_folder.mkdir()
        self.certified = {name: Certified(self.tls_folder, name, self.authority)
                          for name in ("expired", "wrong-chain", "wrong-name", "ends-soon")}
        self.shop = self.part(Shop(self.folder))
        self.front_port = free_port()
        self.site = self.part(NginxOrigin(
            "site", self.folder / "site",
            locations=LOCATIONS % {"faults": self.faults, "files": self.folder / "site" / "files"},
            http="".join(each.server() for each in self.certified.values()) +
                 SHOP_FRONT % {"port": self.front_port, "shop": self.shop.address, "faults": self.faults}))
        self.killed = self.part(NginxOrigin("killed", self.folder / "killed"))
        self.hung = self.part(NginxOrigin("hung", self.folder / "hung"))
        for nginx in (self.site, self.killed, self.hung):
            nginx.wait_for_port(nginx.port)
        self.name_server = self.part(NameServer({"shop.test": "192.0.2.7"}))
        self.flapping = Flapping(failures=4)
        self.flapping_site = self.part(ScriptedOrigin(self.flapping))
        self.unsteady_site = self.part(ScriptedOrigin(FailsAtFirst()))

    # --- the configuration

    def checks(self):
        quick = {"every": "1s", "timeout": "1s", "good_after": 1}
        rung = {"every": "3s", "timeout": "2s", "good_after": 1}
        site = f"http://{self.site.address}"

        def tls(name):
            return f"https://127.0.0.1:{self.certified[name].port}/"

        checks = [
            {"name": "killed", "http": f"http://{self.killed.address}/who", **rung},
            {"name": "hung", "http": f"http://{self.hung.address}/who", **rung},
            {"name": "silent", "http": f"http://{self.hung.address}/who", "every": f"{SILENT_EVERY_S}s",
             "good_after": 1},  # up again sooner; all that leads to the ring by default
            {"name": "status", "http": f"{site}/status", **rung},
            {"name": "slow", "http": f"{site}/slow", "slow_after": "300ms", **quick, "every": "2s", "timeout": "2s"},
            {"name": "text", "http": {"url": f"{site}/plain/page.html", "expect": {"text": "A page of the shop"}}, **quick},
            {"name": "expired", "http": tls("expired"), **quick},
            {"name": "wrong-chain", "http": tls("wrong-chain"), **quick},
            {"name": "wrong-name", "http": tls("wrong-name"), **quick},
            {"name": "ends-soon", "tls": {"address": f"127.0.0.1:{self.certified['ends-soon'].port}",
                                          "server_name": "shop.test", "valid_for": "14d"}, **quick},
            {"name": "names", "dns": {"name": "shop.test", "answers": ["192.0.2.7"],
                                      "resolver": self.name_server.address}, **quick},
            {"name": "port", "tcp": "127.0.0.1:%d" % self.listener_address[1], **quick},
            {"name": "order", "journey": self.journey(), **quick},
            {"name": "worked-on", "http": f"{site}/worked-on", **quick},
            {"name": "nightly", "heartbeat": {"every": "10s", "grace": "1s", "token": TOKEN}},
        ]
        for check in checks:  # An alert of its own for each, or they would be one incident.
            check["escalation"] = check["name"]
        return checks + [
            {"name": "flapping", "http": f"http://{self.flapping_site.address}/", **quick, "failing_after": 1,
             "severity": "info"},
            {"name": "second-look", "http": f"http://{self.unsteady_site.address}/", **quick},
        ]

    def journey(self):
        front = f"http://127.0.0.1:{self.front_port}"
        form = ["Content-Type: application/x-www-form-urlencoded"]
        return [
            {"name": "front", "http": f"{front}/", "capture": [{"name": "department", "matches": 'href="/(c/[a-z-]+)"'}]},
            {"name": "department", "http": front + "/{department}",
             "capture": [{"name": "product", "matches": 'href="/(p/[^"]+)"'}]},
            {"name": "product", "http": front + "/{product}",
             "capture": [{"name": "number", "matches": 'name="product" value="([^"]+)"'}]},
            {"name": "basket", "http": {"url": f"{front}/cart", "method": "POST", "headers": form,
                                        "body": "product={number}&quantity=1", "expect": {"text": "To the checkout"}}},
            {"name": "checkout", "http": f"{front}/checkout",
             "capture": [{"name": "token", "matches": 'name="token" value="([0-9a-f]{16})"'}]},
            # Without a name the shop asks for it: the order is not placed.
            {"name": "address", "http": {"url": f"{front}/checkout", "method": "POST", "headers": form,
                                         "body": "token={token}&name=", "expect": {"status": 422, "text": 'name="token"'}}},
        ]

    def settings(self, more_checks=()):
        checks = [*self.checks(), *more_checks]
        today = datetime.datetime.now(datetime.timezone.utc)
        day = datetime.timedelta(days=1)
        contacts = [{"webhook": True}] + ([{"mail": "ops@shop.example"}] if self.mail else [])
        channels = {"webhook": {"url": f"{self.receiver.url}/alerts"}}
        if self.mail:
            channels["mail"] = {"server": self.mail.address, "from": "tenfold@shop.example", "user": "tenfold",
                                "password": "a-password", "authorities": str(self.mail.authorities)}
        escalations = ["ops", *(check["escalation"] for check in checks if "escalation" in check)]
        return {
            "watch": {
                "checks": checks,
                "authorities": str(self.authority.root),
                "maintenance": [{"checks": ["worked-on"], "from": f"{today - day:%Y-%m-%d} 00:00",
                                 "until": f"{today + 2 * day:%Y-%m-%d} 00:00"}],
                "heartbeat_out": {"url": f"{self.outside.url}/{OUTSIDE_TOKEN}", "every": "10s"},
            },
            "oncall": {
                "people": [{"name": "ada", "contacts": contacts}],
                "escalation": [{"name": name, "steps": [{"notify": ["ada"]}]} for name in dict.fromkeys(escalations)],
                "channels": channels,
            },
        }

    # --- what it says

    def check(self, name):
        return next(each for each in self.edge.api_json("/api/v1/checks")["checks"] if each["name"] == name)

    def wait_for_state(self, name, state, deadline_s=20):
        return wait_until(lambda: next(iter(c for c in [self.check(name)] if c["state"] == state), None),
                          f"{name} is {state}; it is {self.check(name)}", deadline_s)

    def alert(self, name):
        """The newest alert with this check in it, or in its past."""
        found = [alert for alert in self.edge.api_json("/api/v1/alerts")["alerts"]
                 if name in [trouble["source"] for trouble in alert["troubles"]] + alert["past"]]
        return max(found, key=lambda alert: alert["id"], default=None)

    def trouble(self, name):
        alert = self.alert(name)
        return next((each for each in alert["troubles"] if each["source"] == name), None) if alert else None

    def rings(self, name):
        """What the webhook was told of it, oldest first: at, subject, text ..."""
        told = [types.SimpleNamespace(at=each.at, **json.loads(each.body)) for each in self.receiver.received("/alerts")]
        return [each for each in told if f"{name}:" in each.subject or f"{name}:" in each.text]

    def history(self, name, step="1m"):
        return self.edge.api_json(f"/api/v1/checks/history?check={name}&step={step}")

    def beat(self):
        answer = self.edge.api(f"/heartbeat/{TOKEN}", method="POST")
        assert answer.status == 200, answer

    # --- how it is broken

    def fault(self, name):
        (self.faults / name).write_text("")

    def certify_again(self, faulty):
        good = {"authority": self.authority, "names": NAMES, "ends_in_days": 90}
        bad = {"expired": {**good, "ends_in_days": -3}, "wrong-chain": {**good, "authority": self.stranger},
               "wrong-name": {**good, "names": ["DNS:other.test"]}, "ends-soon": {**good, "ends_in_days": 5.5}}
        for name, place in self.certified.items():
            options = dict(bad[name] if faulty else good)
            options.pop("authority").certify(place.chain, place.key, options.pop("names"), **options)
        self.reload_site()

    def reload_site(self):
        subprocess.run([*self.site.command, "-s", "reload"], check=True, capture_output=True, cwd=self.site.folder)

    def break_all(self):
        self.certify_again(faulty=True)
        self.site.write_file("page.html", b"<title>Sorry</title>Fatal error: no database\n")
        self.name_server.addresses.clear()
        self.listener.close()
        for fault in ("slow", "checkout", "worked-on"):
            self.fault(fault)
        for name, act in (("killed", self.killed.kill), ("hung", self.hung.hang), ("status", lambda: self.fault("status"))):
            self.broken_at[name] = time.monotonic()
            act()
        self.broken_at["silent"] = self.broken_at["hung"]

    def mend_all(self):
        self.certify_again(faulty=False)
        self.site.write_file("page.html", b"<title>Shop</title>A page of the shop\n")
        self.name_server.addresses["shop.test"] = "192.0.2.7"
        self.listener = socket.create_server(self.listener_address)
        for fault in self.faults.iterdir():
            fault.unlink()
        self.hung.resume()
        self.killed = self.part(NginxOrigin("killed-again", self.folder / "killed-again", port=self.killed.port))

    def stop(self):
        for part in reversed(self.parts):
            part.stop()
        self.listener.close()


class CutOff:
    """A second edge, in a network namespace of its own, whose only way to the shop and to its anchors can be cut. An SMS
    file for the modem is the only thing that needs no uplink."""

    def __init__(self, folder):
        self.parts = []
        try:
            self.network = NetworkNamespaces()
        except (OSError, subprocess.SubprocessError) as problem:
            pytest.skip(f"no network namespaces here: {problem}")
        self.parts.append(self.network)
        self.folder = folder

    def start(self):
        folder = self.folder
        for name in ("outgoing", "checked", "sent", "failed", "shop", "anchor"):
            (folder / name).mkdir(parents=True)
        self.spool = folder / "outgoing"
        inside = self.network.inside(self.network.site)
        self.shop = self.part(OwnedSite(folder / "shop", f"{self.network.SITE}:8080", before=inside))
        self.part(OwnedSite(folder / "anchor", f"{self.network.SITE}:8443", before=inside))
        self.edge = self.part(edge_module.Edge(
            folder / "edge", [self.shop_address()], name="cut-off", before=self.network.inside(self.network.driver),
            health=None, watch={
                "anchors": [f"{self.network.SITE}:8443"],
                "checks": [{"name": "outside", "http": f"http://{self.network.SITE}:8080/", "every": "1s", "timeout": "1s",
                            "good_after": 1}]},
            oncall={"people": [{"name": "ada", "contacts": [{"sms": "+493055500100"}]}],
                    "escalation": [{"name": "main", "steps": [{"notify": ["ada"]}]}],
                    "channels": {"modem": {"spool": str(self.spool)}}}))

    def part(self, part):
        self.parts.append(part)
        return part

    def shop_address(self):
        return types.SimpleNamespace(address=f"{self.network.SITE}:8080")

    def api_json(self, path):
        done = subprocess.run([*self.network.inside(self.network.driver), "curl", "-s", "-m", "5",
                               f"http://127.0.0.1:{self.edge.console_port}{path}"], check=False, capture_output=True)
        return json.loads(done.stdout) if done.stdout else None

    def checks(self):
        return self.api_json("/api/v1/checks")

    def is_up(self):
        answer = self.checks()
        return answer and answer["checks"] and answer["checks"][0]["state"] == "up"

    def alerts(self):
        return self.api_json("/api/v1/alerts")["alerts"]

    def cable(self, state):
        self.network.ip("-n", self.network.site, "link", "set", "to-driver", state)

    def messages(self):
        return [file.read_text() for file in sorted(self.spool.iterdir()) if file.is_file() and not file.name.endswith(".LOCK")]

    def stop(self):
        for part in reversed(self.parts):
            part.stop()
