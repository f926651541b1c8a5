#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/siphash.hpp"

// How the guard's knowledge is kept in the store: framed with its kind and version, and signed, so that what is damaged
// or of another installation is found out before it is believed.
namespace tenfold::guard {

// kind: says what it is and in which version, "customers 1".
std::string seal(const SipKey& key, std::string_view kind, std::string_view content);
// The content, within `sealed`. Errors: invalid, with what is wrong.
Result<std::string_view> unseal(const SipKey& key, std::string_view kind, std::string_view sealed);

// Numbers as the processor has them; the store stays on its machine.
template <class Number>
void append_number(std::string& out, Number number) {
  std::array<char, sizeof number> bytes;
  std::memcpy(bytes.data(), &number, sizeof number);
  out.append(bytes.data(), bytes.size());
}

// Takes what append_number() and the like wrote off the front. False: there is less.
class SealedReader {
 public:
  explicit SealedReader(std::string_view content) : rest_(content) {}

  template <class Number>
  bool take(Number& number) {
    if (rest_.size() < sizeof number) return false;
    std::memcpy(&number, rest_.data(), sizeof number);
    rest_.remove_prefix(sizeof number);
    return true;
  }
  bool take(std::string_view& text, std::size_t bytes) {
    if (rest_.size() < bytes) return false;
    text = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
    return true;
  }
  bool done() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

}  // namespace tenfold::guard
