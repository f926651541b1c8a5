// What identifying a request by the owner's rules costs: allowed or not, its worth, its kind of cost.
#include <benchmark/benchmark.h>

#include "guard/admit/cost_kind.hpp"
#include "guard/known/allow_rules.hpp"
#include "guard/known/worth_classes.hpp"

namespace tenfold::guard {
namespace {

http::RequestHead browser_request(std::string_view target) {
  http::RequestHead head;
  head.method_name = "GET";
  head.target = target;
  for (const auto& [name, value] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
           {"Host", "shop.example"},
           {"User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"},
           {"Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"},
           {"Accept-Language", "de,en-US;q=0.7,en;q=0.3"},
           {"Accept-Encoding", "gzip, deflate, br, zstd"},
           {"Referer", "https://shop.example/"},
           {"Cookie", "session=0123456789abcdef0123456789abcdef"},
           {"Sec-Fetch-Dest", "document"},
           {"Sec-Fetch-Mode", "navigate"},
           {"Sec-Fetch-Site", "same-origin"},
           {"Connection", "keep-alive"}}) {
    head.headers.add(name, value);
  }
  return head;
}

AllowRules allow_rules(int networks, std::vector<ApiKeyRule> keys) {
  AllowRule payment{.name = "payment", .networks = {}, .paths = {{"POST", "/hooks/pay*"}}};
  for (int i = 0; i < networks; ++i) {
    payment.networks.push_back(*net::IpNetwork::parse("198.18." + std::to_string(i % 256) + ".0/24"));
  }
  return AllowRules({{.name = "office", .networks = {*net::IpNetwork::parse("192.0.2.0/24")}, .paths = {}},
                     payment,
                     {.name = "feed", .networks = {}, .paths = {{"GET", "/feed.xml"}}}},
                    keys);
}

void allow_nobody(benchmark::State& state) {
  const AllowRules rules = allow_rules(static_cast<int>(state.range(0)), {});
  const auto request = browser_request("/catalogue/item/1234?view=full");
  const net::IpAddress client = *net::IpAddress::parse("203.0.113.9");
  for (auto _ : state) benchmark::DoNotOptimize(rules.match(client, request, request.path()));
}
BENCHMARK(allow_nobody)->Arg(4)->Arg(256);

void allow_nobody_with_keys(benchmark::State& state) {
  const AllowRules rules = allow_rules(4, {{.name = "app", .header = "X-Api-Key", .hashes = {sha256("key")}}});
  auto request = browser_request("/catalogue/item/1234?view=full");
  if (state.range(0) != 0) request.headers.add("X-Api-Key", "0123456789abcdef0123456789abcdef");
  const net::IpAddress client = *net::IpAddress::parse("203.0.113.9");
  for (auto _ : state) benchmark::DoNotOptimize(rules.match(client, request, request.path()));
}
BENCHMARK(allow_nobody_with_keys)->Arg(0)->Arg(1);

void worth(benchmark::State& state) {
  const WorthClasses classes({{.name = "checkout", .paths = {{"", "/checkout*"}, {"", "/cart*"}}},
                              {.name = "account", .paths = {{"", "/account*"}, {"POST", "/login"}}},
                              {.name = "browse", .paths = {{"", "/*"}}}});
  const auto request = browser_request("/catalogue/item/1234?view=full");
  for (auto _ : state) benchmark::DoNotOptimize(classes.class_of(request, request.path()));
}
BENCHMARK(worth);

void cost_kind(benchmark::State& state, std::string_view target) {
  CostKinds kinds(1);
  const auto request = browser_request(target);
  for (int i = 0; i < 100; ++i) kinds.learn(request, request.path());
  for (auto _ : state) benchmark::DoNotOptimize(kinds.kind_of(request, request.path()));
}
BENCHMARK_CAPTURE(cost_kind, item, "/catalogue/item/1234?view=full");
BENCHMARK_CAPTURE(cost_kind, words, "/customer/account/orders/returns");
BENCHMARK_CAPTURE(cost_kind, long_path,
                  "/shop/women/shoes/running/trail/very-long-product-name-with-many-words-4711.html");

void cost_kind_learning(benchmark::State& state) {
  CostKinds kinds(1);
  const auto request = browser_request("/catalogue/item/1234?view=full");
  for (auto _ : state) kinds.learn(request, request.path());
}
BENCHMARK(cost_kind_learning);

}  // namespace
}  // namespace tenfold::guard
