"""A contender that is no guard, for the driver's own check: it speaks the wire contracts of challenge and waiting room to
everybody without a pass, and passes on the rest. Customers must get through it with every order.

  door.py PORT SHOP_PORT
"""

import asyncio
import hashlib
import secrets
import sys
import urllib.parse

BITS = 10
SEATS = 2  # times that one without a pass is asked to wait before it gets one: no script, or every fourth client
READ_LIMIT = 1 << 20


class Door:
    def __init__(self, shop_port):
        self.shop_port = shop_port
        self.seeds = set()
        self.passes = set()
        self.waiting = {}  # place -> times asked
        self.wrong = 0

    async def serve(self, reader, writer):
        shop = None
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                lines = head.decode("latin-1").split("\r\n")
                method, target, _ = lines[0].split(" ", 2)
                fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:] if line)}
                body = await reader.readexactly(int(fields.get("content-length", 0)))
                answer = self.decide(target, fields)
                if answer is None:
                    if shop is None:
                        shop = await asyncio.open_connection("127.0.0.1", self.shop_port, limit=READ_LIMIT)
                    shop[1].write(head + body)
                    answer = await self.answer_of(shop[0], method)
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, ValueError):
            pass
        finally:
            writer.close()
            if shop:
                shop[1].close()

    @staticmethod
    async def answer_of(reader, method):
        head = await reader.readuntil(b"\r\n\r\n")
        fields = head.decode("latin-1").lower().split("\r\n")
        length = next((int(line.split(":")[1]) for line in fields if line.startswith("content-length:")), None)
        status = int(fields[0].split(" ")[1])
        if method == "HEAD" or status in (204, 304):
            return head
        if length is None:
            raise ValueError("the shop always says a length")
        return head + await reader.readexactly(length)

    def decide(self, target, fields):
        """None: to the shop."""
        cookies = dict(part.strip().split("=", 1) for part in fields.get("cookie", "").split(";") if "=" in part)
        path, _, query = target.partition("?")
        if path == "/.tenfold/clear":
            return self.clear(dict(urllib.parse.parse_qsl(query)), cookies)
        if cookies.get("tenfold_clear") in self.passes or path.startswith(("/assets", "/pictures", "/favicon", "/sitemap")):
            return None
        if "tenfold_place" in cookies or secrets.randbelow(4) == 0:
            return self.wait(cookies.get("tenfold_place"), target)
        return self.challenge(target)

    def challenge(self, target):
        seed = secrets.token_hex(16)
        self.seeds.add(seed)
        page = f'<noscript><meta http-equiv="refresh" content="1; url=/.tenfold/clear?wait=1&amp;to={urllib.parse.quote(target, safe="")}"></noscript>'
        return respond(503, [("Tenfold-Challenge", f"v1; seed={seed}; bits={BITS}; path=/.tenfold/clear"), ("Cache-Control", "no-store")], page)

    def wait(self, place, target):
        if place not in self.waiting:
            place = secrets.token_hex(8)
            self.waiting[place] = 0
        self.waiting[place] += 1
        if self.waiting[place] > SEATS:
            return self.let_in(target)
        return respond(503, [("Retry-After", "1"), ("Tenfold-Queue", "v1; ahead=1; eta=1"), ("Set-Cookie", f"tenfold_place={place}; Path=/")],
                       '<meta http-equiv="refresh" content="1">')

    def clear(self, asked, cookies):
        if "wait" in asked:
            return self.wait(cookies.get("tenfold_place"), asked["to"])
        digest = hashlib.sha256(f'{asked["seed"]}:{asked["nonce"]}'.encode()).digest()
        right = asked["seed"] in self.seeds and int.from_bytes(digest, "big") >> (256 - BITS) == 0
        self.seeds.discard(asked["seed"])
        if not right:
            self.wrong += 1
            print("a wrong answer", asked, file=sys.stderr, flush=True)
            return self.challenge(asked["to"])
        return self.let_in(asked["to"])

    def let_in(self, to):
        token = secrets.token_hex(8)
        self.passes.add(token)
        return respond(303, [("Location", to), ("Set-Cookie", f"tenfold_clear={token}; Path=/; HttpOnly")], "")


def respond(status, fields, page):
    lines = [f"HTTP/1.1 {status} -", *(f"{name}: {value}" for name, value in fields), f"Content-Length: {len(page)}", "", page]
    return "\r\n".join(lines).encode()


async def main(port, shop_port):
    door = Door(shop_port)
    server = await asyncio.start_server(door.serve, "127.0.0.1", port, limit=READ_LIMIT, backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
