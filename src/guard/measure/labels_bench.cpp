#include <benchmark/benchmark.h>

#include <cstdint>
#include <string_view>

#include "guard/measure/key.hpp"
#include "guard/measure/labels.hpp"

namespace tenfold::guard {
namespace {

// What Chromium sends with a page's request.
http::Headers fields_of_a_browser() {
  http::Headers headers;
  for (const std::string_view name :
       {"Host", "sec-ch-ua", "sec-ch-ua-mobile", "sec-ch-ua-platform", "Upgrade-Insecure-Requests", "User-Agent",
        "Accept", "Sec-Fetch-Site", "Sec-Fetch-Mode", "Sec-Fetch-User", "Sec-Fetch-Dest", "Referer", "Accept-Encoding",
        "Accept-Language", "Cookie"}) {
    headers.add(name, "x");
  }
  return headers;
}

void order_of_fields(benchmark::State& state) {
  const http::Headers headers = fields_of_a_browser();
  for (auto _ : state) benchmark::DoNotOptimize(field_order(headers));
}
BENCHMARK(order_of_fields);

// All that a request costs which needed an origin, but for the look for a session cookie; of so many clients in turn.
void note_labels(benchmark::State& state) {
  LabelTable table({0x0123456789abcdef, 0xfedcba9876543210});
  const http::Headers headers = fields_of_a_browser();
  Labels labels;
  labels.tls.text.fill('a');
  const auto clients = static_cast<std::uint32_t>(state.range(0));
  std::uint32_t number = 0;
  for (auto _ : state) {
    labels.fields = field_order(headers);
    table.note(client_key(net::IpAddress::v4(number * 0x9e3779b1u)), labels);
    if (++number == clients) number = 0;
  }
}
BENCHMARK(note_labels)->Arg(1)->Arg(100)->Arg(1'000'000);

}  // namespace
}  // namespace tenfold::guard
