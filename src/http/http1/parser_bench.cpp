#include <benchmark/benchmark.h>

#include <string>

#include "http/http1/parser.hpp"

namespace tenfold::http::http1 {
namespace {

// What a browser sends for a page: 12 fields, about 700 bytes.
const std::string browser_request =
    "GET /products/garden/hose-20m?ref=home&sort=price HTTP/1.1\r\n"
    "Host: www.shop.example\r\n"
    "Connection: keep-alive\r\n"
    "Cache-Control: max-age=0\r\n"
    "Upgrade-Insecure-Requests: 1\r\n"
    "User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 "
    "Safari/537.36\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n"
    "Referer: https://www.shop.example/products/garden\r\n"
    "Accept-Encoding: gzip, deflate, br\r\n"
    "Accept-Language: de-DE,de;q=0.9,en;q=0.8\r\n"
    "Cookie: session=3f8a9c2b7d6e5f4a3b2c1d0e; cart=17; consent=1\r\n"
    "If-None-Match: \"5f3a-62b\"\r\n"
    "X-Requested-With: XMLHttpRequest\r\n"
    "\r\n";

const std::string origin_response =
    "HTTP/1.1 200 OK\r\n"
    "Server: nginx/1.22.1\r\n"
    "Date: Mon, 23 Nov 2026 09:00:00 GMT\r\n"
    "Content-Type: text/html; charset=utf-8\r\n"
    "Content-Length: 1024\r\n"
    "Last-Modified: Sun, 22 Nov 2026 09:00:00 GMT\r\n"
    "Connection: keep-alive\r\n"
    "ETag: \"65a1-400\"\r\n"
    "Cache-Control: max-age=60\r\n"
    "\r\n";

void parse_request(benchmark::State& state) {
  RequestHead head;
  RequestFraming framing;
  std::size_t head_bytes = 0;
  Refusal refusal;
  for (auto _ : state) {
    const Progress progress = parse_request_head(browser_request, {}, head, framing, head_bytes, refusal);
    if (progress != Progress::complete) state.SkipWithError("refused");
    benchmark::DoNotOptimize(head);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * browser_request.size()));
}
BENCHMARK(parse_request);

void check_request(benchmark::State& state) {
  for (auto _ : state) {
    Cursor cursor;
    Refusal refusal;
    benchmark::DoNotOptimize(check_request_head(browser_request, {}, cursor, refusal));
  }
}
BENCHMARK(check_request);

void parse_response(benchmark::State& state) {
  ResponseHead head;
  ResponseFraming framing;
  std::size_t head_bytes = 0;
  Refusal refusal;
  for (auto _ : state) {
    const Progress progress = parse_response_head(origin_response, {}, Method::get, head, framing, head_bytes, refusal);
    if (progress != Progress::complete) state.SkipWithError("refused");
    benchmark::DoNotOptimize(head);
  }
}
BENCHMARK(parse_response);

}  // namespace
}  // namespace tenfold::http::http1
