"""The cache as clients see it: what is stored, for whom, how long, and how it is taken out again."""

import json
import threading

from support import raw
from support.processes import wait_until


def counting_origin(start_scripted, headers):
    """An origin whose body counts its answers for each target."""
    counts = {}

    def answer(request):
        counts[request.target] = counts.get(request.target, 0) + 1
        return 200, headers(request) if callable(headers) else headers, f"{request.target} {counts[request.target]}".encode()

    return start_scripted(answer)


def test_a_fresh_page_is_asked_for_once(start_scripted, start_edge):
    origin = counting_origin(start_scripted, {"Cache-Control": "public, max-age=60"})
    edge = start_edge([origin])
    assert {edge.get("/page").body for _ in range(40)} == {b"/page 1"}
    assert len(origin.requests("/page")) == 1
    assert edge.get("/page")["Cache-Status"]


def test_two_requests_that_differ_in_their_query_are_two_pages(start_scripted, start_edge):
    edge = start_edge([counting_origin(start_scripted, {"Cache-Control": "public, max-age=60"})])
    assert edge.get("/list?page=1").body.startswith(b"/list?page=1 ")
    assert edge.get("/list?page=2").body.startswith(b"/list?page=2 ")


def test_what_is_for_one_customer_is_never_given_to_another(start_scripted, start_edge):
    def headers(request):
        if request.target == "/basket":
            return {"Cache-Control": "public, max-age=60", "Set-Cookie": "session=1"}
        if request.target == "/private":
            return {"Cache-Control": "private, max-age=60"}
        if request.target == "/no-store":
            return {"Cache-Control": "no-store"}
        return {"Cache-Control": "max-age=60"}

    origin = counting_origin(start_scripted, headers)
    edge = start_edge([origin])
    for target in ("/basket", "/private", "/no-store"):
        assert len({edge.get(target).body for _ in range(5)}) == 5, target
    assert len({edge.get("/account", headers={"Authorization": "Basic YTpi"}).body for _ in range(5)}) == 5


def test_vary_keeps_variants_apart(start_scripted, start_edge):
    origin = start_scripted(lambda request: (200, {"Cache-Control": "public, max-age=60", "Vary": "Accept-Language"},
                                             request.headers.get("accept-language", "none").encode()))
    edge = start_edge([origin])
    for _ in range(3):
        for language in ("de", "fa"):
            assert edge.get("/page", headers={"Accept-Language": language}).body == language.encode()


def test_many_who_wait_for_one_page_cost_one_fetch(start_scripted, start_edge):
    release = threading.Event()

    def slow(request):
        release.wait(10)
        return 200, {"Cache-Control": "public, max-age=60"}, b"worth the wait"

    origin = start_scripted(slow)
    edge = start_edge([origin])
    answers = []
    clients = [threading.Thread(target=lambda: answers.append(edge.get("/rush").body)) for _ in range(60)]
    for client in clients:
        client.start()
    wait_until(lambda: len(origin.requests("/rush")) >= 1, "the first fetch")
    wait_until(lambda: edge.open_files() > 60, "all are connected")
    release.set()
    for client in clients:
        client.join()
    assert answers == [b"worth the wait"] * 60
    assert len(origin.requests("/rush")) == 1


def test_a_conditional_request_is_answered_from_the_cache(two_origins, start_edge):
    edge = start_edge(two_origins)
    first = edge.get("/fresh/100k")
    assert first["ETag"]
    again = edge.get("/fresh/100k", headers={"If-None-Match": first["ETag"]})
    assert (again.status, again.body) == (304, b"")


def test_a_conditional_request_for_what_is_not_stored_is_answered_with_304(two_origins, start_edge):
    edge = start_edge(two_origins[:1])
    etag = raw.request(two_origins[0].port, "/fresh/100k")["ETag"]
    assert edge.get("/fresh/100k", headers={"If-None-Match": etag}).status == 304
    assert len(edge.get("/fresh/100k").body) == 102400
    assert sum("/fresh/100k" in line for line in two_origins[0].requests()) == 2  # the test's own, and one fetch


def test_ranges_are_served_from_whole_pages(two_origins, start_edge):
    edge = start_edge(two_origins)
    whole = edge.get("/fresh/100k").body
    part = edge.get("/fresh/100k", headers={"Range": "bytes=10-19"})
    assert (part.status, part.body, part["Content-Range"]) == (206, whole[10:20], "bytes 10-19/102400")


def test_a_page_past_its_freshness_is_validated(two_origins, start_edge):
    edge = start_edge(two_origins, workers=1)
    assert edge.get("/brief/100k").status == 200

    def validated():
        assert len(edge.get("/brief/100k").body) == 102400
        return any(line.startswith("GET /brief/100k 304") for origin in two_origins for line in origin.requests())

    wait_until(validated, "an origin is asked whether the page has changed", 10)


def test_a_refresh_that_is_answered_about_another_version_fetches_the_whole(start_scripted, start_edge):
    """Two servers with different file times: a 304 that names another ETag than the stored one."""
    def answer(request):
        if request.headers.get("if-none-match") == '"old"':
            return 304, {"ETag": '"new"'}, b""
        version = "old" if len(origin.requests("/page")) == 1 else "new"
        return 200, {"Cache-Control": "max-age=1, stale-while-revalidate=60", "ETag": f'"{version}"'}, version.encode()

    origin = start_scripted(answer)
    edge = start_edge([origin], workers=1)
    assert edge.get("/page").body == b"old"
    wait_until(lambda: edge.get("/page").body == b"new", "the whole is fetched", 10)


def test_a_client_that_asks_first_and_does_not_read_holds_up_nobody(start_scripted, start_edge):
    release = threading.Event()
    large = b"0123456789" * 400_000

    def slow(request):
        release.wait(10)
        return 200, {"Cache-Control": "public, max-age=60"}, large

    origin = start_scripted(slow)
    edge = start_edge([origin])
    with raw.connect(edge.port) as first:
        first.sendall(raw.head_of("/large"))
        wait_until(lambda: len(origin.requests("/large")) == 1, "the first fetch")
        bodies = []
        waiting = threading.Thread(target=lambda: bodies.append(edge.get("/large").body))
        waiting.start()
        release.set()
        waiting.join(8)
        assert bodies == [large]
        assert len(origin.requests("/large")) == 1


def test_purge_by_url_and_by_prefix(start_scripted, start_edge):
    origin = counting_origin(start_scripted, {"Cache-Control": "public, max-age=600"})
    edge = start_edge([origin], workers=1)
    for path in ("/a/1", "/a/2", "/b"):
        assert edge.get(path).body == edge.get(path).body == f"{path} 1".encode()

    def purge(**what):
        answer = edge.api("/api/v1/cache/purge", method="POST", body=json.dumps(what).encode(),
                          headers={"Content-Type": "application/json"})
        assert answer.status == 200, answer
        return json.loads(answer.body)

    purge(url="http://shop.example/b")
    assert edge.get("/b").body == b"/b 2"
    assert edge.get("/a/1").body == b"/a/1 1"
    purge(prefix="http://shop.example/a/")
    assert edge.get("/a/1").body == b"/a/1 2"
    assert edge.get("/a/2").body == b"/a/2 2"
    assert edge.get("/b").body == b"/b 2"


def test_head_is_answered_from_a_stored_get(start_scripted, start_edge):
    origin = counting_origin(start_scripted, {"Cache-Control": "public, max-age=600"})
    edge = start_edge([origin], workers=1)
    edge.get("/page")
    assert edge.get("/page", method="HEAD")["Content-Length"] == str(len(b"/page 1"))
    assert [request.method for request in origin.requests("/page")] == ["GET"]


def test_a_post_takes_the_stored_page_out(start_scripted, start_edge):
    origin = counting_origin(start_scripted, {"Cache-Control": "public, max-age=600"})
    edge = start_edge([origin], workers=1)
    edge.get("/product")
    assert edge.get("/product", method="POST", body=b"review").status == 200
    assert edge.get("/product").body == b"/product 3"


def test_the_caches_state_is_shown(two_origins, start_edge):
    edge = start_edge(two_origins)
    for _ in range(5):
        edge.get("/fresh/1k")
    assert "bytes" in json.dumps(edge.api_json("/api/v1/cache"))
    assert edge.api("/metrics").status == 200
