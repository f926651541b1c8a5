#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "watch/probe/dns_answer.hpp"

// Answers of name servers: nothing is read past their end, and every address that comes out is one.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenfold::watch;
  using enum DnsProbe::Record;
  for (const auto kind : {a, aaaa, cname, mx, txt, ns}) {
    const auto records = dns_records({data, size}, kind);
    if (!records) continue;
    if (records->size() > 1'000) std::abort();
    for (const std::string& record : *records) dns_answer_is(kind, record, record);
    if (kind == a || kind == aaaa) {
      for (const std::string& record : *records) {
        if (!dns_answer_is(kind, record, record)) std::abort();
      }
    }
  }
  return 0;
}
