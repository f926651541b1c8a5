// Requests made by chance, from strangers and through trusted proxies, against what must hold of all.
#include <gtest/gtest.h>

#include <deque>
#include <string>

#include "base/random.hpp"
#include "edge/forward/forwarding_oracle.hpp"

namespace tenfold::edge {
namespace {

constexpr std::string_view claim_names[] = {"X-Forwarded-For",
                                            "X-Forwarded-Host",
                                            "X-Forwarded-Proto",
                                            "X-Forwarded-Port",
                                            "X-Real-IP",
                                            "Forwarded",
                                            "Connection",
                                            "X-Original-URL",
                                            "X-Rewrite-URL",
                                            "X-HTTP-Method-Override",
                                            "X-Host",
                                            "Proxy",
                                            "Via",
                                            "TE",
                                            "Upgrade",
                                            "Tenfold-Rehearsal",
                                            "X-Client-IP",
                                            "True-Client-IP",
                                            "X-Anything",
                                            "Cookie",
                                            "Accept-Language",
                                            "Transfer-Encoding",
                                            "Max-Forwards"};
constexpr std::string_view claim_values[] = {"6.6.6.6",
                                             "10.0.0.9",
                                             "203.0.113.5, 10.0.0.9",
                                             "2001:db8::6, 10.1.1.1",
                                             "for=6.6.6.6;host=evil.example;proto=https",
                                             "for=\"[2001:db8::7]:80\", for=10.0.0.8;proto=https",
                                             "unknown",
                                             "\"unclosed, for=10.0.0.1",
                                             "x-forwarded-for, forwarded, x-real-ip, host",
                                             "close",
                                             "https",
                                             ",,",
                                             ""};

class RequestGenerator {
 public:
  explicit RequestGenerator(std::uint64_t seed) : random_(seed) {}

  http::RequestHead request() {
    http::RequestHead head;
    head.method_name = "GET";
    head.authority = "shop.example";
    head.target = "/";
    head.headers.add("Host", "shop.example");
    for (auto left = random_.below(12); left > 0; --left) head.headers.add(name(), pick(claim_values));
    return head;
  }
  net::Endpoint peer() { return {*net::IpAddress::parse(random_.below(3) == 0 ? "192.0.2.7" : "10.0.0.1"), 1}; }

 private:
  template <std::size_t count>
  std::string_view pick(const std::string_view (&from)[count]) {
    return from[random_.below(count)];
  }
  // One of the names, now and then in another spelling.
  std::string_view name() {
    std::string& spelt = kept_.emplace_back(pick(claim_names));
    for (char& c : spelt) {
      if (random_.below(6) == 0) c = static_cast<char>(c == '-' ? "_.!~"[random_.below(4)] : std::toupper(c));
    }
    return spelt;
  }

  FastRandom random_;
  std::deque<std::string> kept_;
};

TEST(ForwardingGenerator, TheOriginHearsOfTheClientFromTheEdgeAlone) {
  const std::vector<net::IpNetwork> networks{*net::IpNetwork::parse("10.0.0.0/8")};
  const TrustedNetworks trusted(networks);
  for (std::uint64_t seed = 1; seed <= 20'000; ++seed) {
    RequestGenerator generator(seed);
    http::RequestHead request = generator.request();
    const net::Endpoint peer = generator.peer();
    std::optional<ProxyChain> chain;
    Arena arena;
    const ClientFacts client = client_facts(trusted, peer, Scheme::http, request.headers, chain);
    request.headers.remove(http::Field::tenfold_rehearsal);  // by whoever checks its credential
    keep_what_crosses(request, chain, Via::on, arena);
    http::RequestHead sent;
    make_origin_head(request, client, peer.address, Via::on, sent, arena);
    ASSERT_EQ(oracle::fault_of(sent, client, peer.address), "") << "seed " << seed;
  }
}

}  // namespace
}  // namespace tenfold::edge
