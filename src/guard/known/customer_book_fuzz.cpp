#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/hmac.hpp"
#include "guard/known/customer_book.hpp"
#include "guard/known/sealed.hpp"

// Whatever is in the store, as it is or signed: it is refused and the book is empty, or the book saves what says the
// same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenfold;
  using namespace tenfold::guard;
  constexpr std::string_view secret = "a secret of thirty-two characters";
  const Day today{std::chrono::days(20'000)};
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  CustomerBook book(secret);
  TENFOLD_ASSERT(!book.load(text, today) && book.size() == 0);

  const SipKey key = sip_key(hmac_sha256(secret, "customers of earlier days"));
  if (!book.load(seal(key, "customers 1", text), today)) {
    TENFOLD_ASSERT(book.size() == 0);
    return 0;
  }
  const auto known = book.snapshot(today);
  TENFOLD_ASSERT(known->size() <= book.size());
  known->past_of(net::IpAddress::v4(0xc0000207), today);
  CustomerBook again(secret);
  TENFOLD_ASSERT(again.load(book.save(today), today).has_value() && again.size() == book.size());
  return 0;
}
