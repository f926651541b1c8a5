#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "http/message.hpp"
#include "http/rules/refusal.hpp"

namespace tenfold::http {

// Digits only, at most 2^63 - 1 (RFC 9110, 8.6).
std::optional<std::uint64_t> parse_content_length(std::string_view value);

// Gathers what the fields of one head say about the message in every version: the body's length, whom the request is
// for, whether the client waits before it sends the body (RFC 9110, 8.6, 7.2 and 10.1.1). Judged at the head's end, so
// that the order of fields does not matter.
class MessageFields {
 public:
  // Inlined into parsers: once for each field.
  void field(Field field, std::string_view value) {
    switch (field) {
      case Field::content_length:
        ++content_lengths_;
        length_ = parse_content_length(value);
        break;
      case Field::host:
        ++hosts_;
        host_ = value;
        break;
      case Field::expect: expects_continue_ = expects_continue_ || equals_ignoring_case(value, "100-continue"); break;
      default: break;
    }
  }

  // The first fault of the kind. `fault_status` is 400 for requests, 502 for responses.
  Refusal length_fault(int fault_status) const {
    // A list of equal lengths may be taken for one (RFC 9110, 8.6); not every server does.
    if (content_lengths_ > 1) return {fault_status, "There is more than one Content-Length."};
    if (content_lengths_ == 1 && !length_) return {fault_status, "The Content-Length is not a number."};
    return {};
  }
  Refusal host_fault() const;  // not: that there is none

  bool has_length() const { return content_lengths_ != 0; }
  std::uint64_t length() const { return length_.value_or(0); }
  bool has_host() const { return hosts_ != 0; }
  std::string_view host() const { return host_; }
  bool expects_continue() const { return expects_continue_; }

 private:
  std::optional<std::uint64_t> length_;
  std::string_view host_;
  int content_lengths_ = 0;
  int hosts_ = 0;
  bool expects_continue_ = false;
};

}  // namespace tenfold::http
