"""What goes on around: origins that come and go, an operator who purges and reloads, bursts upon one page."""

import asyncio
import json
import random

from ledger import Fault

HOT = "/calm/hot"


class Fate:
    def __init__(self, world):
        self.world = world
        self.ledger = world.ledger
        self.edge = world.edge
        self.origins = world.origins
        self.rng = random.Random(f"{world.seed} fate")
        self.in_file = list(world.origins)
        self.changing = asyncio.Lock()

    def tasks(self):
        return [self.origins_come_and_go(), self.operate(), self.bursts()]

    # --- origins ---

    async def origins_come_and_go(self):
        """One at a time is away: whatever calm page is asked for, somebody can answer."""
        rng = self.rng
        while self.world.running:
            await asyncio.sleep(rng.uniform(2, 5))
            async with self.changing:
                if rng.random() < 0.07:
                    await self.all_away(rng.uniform(0.5, 2))
                    continue
                origin = rng.choice(self.in_file)
                if len(self.in_file) < len(self.origins):
                    continue  # one is out of the file
                await self.send_away(origin)
                await asyncio.sleep(rng.choice((0.3, 1, 2.5)))
                await origin.come_back()
                await asyncio.sleep(2)  # until the edge's checks have seen it

    async def send_away(self, origin):
        if self.rng.random() < 0.5:
            await origin.go_down()
        else:
            origin.hang()

    async def all_away(self, seconds):
        outage = Fault("outage", self.ledger.now())
        self.ledger.outages.append(outage)
        self.ledger.injected["outage"] += 1
        for origin in self.origins:
            await self.send_away(origin)
        await asyncio.sleep(seconds)
        for origin in self.origins:
            await origin.come_back()
        await asyncio.sleep(2)
        outage.ended = self.ledger.now()

    # --- the operator ---

    async def operate(self):
        rng = self.rng
        deeds = ((self.purge_url, 10), (self.purge_prefix, 2), (self.look, 5), (self.reload_changed, 3), (self.reload_broken, 1.5),
                 (self.without_one_origin, 1))
        while self.world.running:
            await asyncio.sleep(rng.uniform(0.2, 1.2))
            deed = rng.choices([deed for deed, _ in deeds], [weight for _, weight in deeds])[0]
            self.ledger.injected["operator: " + deed.__name__.replace("_", " ")] += 1
            try:
                await deed()
            except (ConnectionError, OSError, TimeoutError) as error:
                if self.world.running and self.edge.is_running():
                    self.ledger.violation("console", None, f"{deed.__name__}: {error!r}")

    async def purge(self, what, target):
        url = "http://shop.example" + target
        sent = self.ledger.now()
        status, content = await self.edge.api("POST", "/api/v1/cache/purge", json.dumps({what: url}).encode())
        if status != 200:
            self.ledger.violation("console", None, f"purge of {url}: {status} {content[:200]!r}")
        elif what == "url":
            self.ledger.purged(url, sent, self.ledger.now())
        else:
            self.ledger.purged_prefix(url, sent, self.ledger.now())

    async def purge_url(self):
        await self.purge("url", self.world.visitors[0].target())

    async def purge_prefix(self):
        await self.purge("prefix", self.rng.choice(("/page/1", "/valid/", "/big/", "/v", "/")))

    async def look(self):
        path = self.rng.choice(("/api/v1/status", "/api/v1/origins", "/metrics", "/healthz"))
        status, content = await self.edge.api("GET", path)
        if status != 200 or not content:
            self.ledger.violation("console", None, f"{path}: {status} {content[:200]!r}")

    async def reload_changed(self):
        self.edge.write(self.edge.configuration(self.in_file, worth=[{"name": f"w{self.rng.randint(1, 9)}", "paths": ["/calm*"]}],
                                                access_log={"path": str(self.edge.folder / "access.log"), "format": "json"}))
        self.edge.reload()

    async def reload_broken(self):
        self.edge.file.write_text(self.rng.choice(("shop: [", "shop: Chaos\nlisten: 5\n", "", "\0\0\0")))
        self.edge.reload()
        await asyncio.sleep(0.3)
        self.edge.write(self.edge.configuration(self.in_file))

    async def without_one_origin(self):
        async with self.changing:
            gone = self.rng.choice(self.origins)
            self.in_file = [origin for origin in self.origins if origin is not gone]
            self.edge.write(self.edge.configuration(self.in_file))
            self.edge.reload()
            gone.removed_since = self.ledger.now()
            await asyncio.sleep(self.rng.uniform(1, 7))
            gone.removed_since = 0.0
            self.in_file = list(self.origins)
            self.edge.write(self.edge.configuration(self.in_file))
            self.edge.reload()
            await asyncio.sleep(2)

    # --- bursts ---

    async def bursts(self):
        """All at once upon one page that is not there, with somebody malicious in front."""
        rng = self.rng
        while self.world.running:
            await asyncio.sleep(rng.uniform(2, 5))
            try:
                await self.purge("url", HOT)
                villain = rng.choice(self.world.villains)
                front = asyncio.ensure_future(rng.choice((villain.nonsense_chunk, villain.body_withheld, villain.never_read))(HOT))
                await asyncio.sleep(0.05)
                honest = rng.sample(self.world.visitors, min(6, len(self.world.visitors)))
                self.ledger.injected["burst"] += 1
                await asyncio.gather(*(visitor.ask_once(HOT) for visitor in honest), return_exceptions=True)
                front.cancel()
            except (ConnectionError, OSError, TimeoutError):
                pass
