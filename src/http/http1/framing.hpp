#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "http/http1/parser.hpp"

// How long a body is and whether the connection lives on, told from the fields (RFC 9112, 6 and 9.3).
namespace tenfold::http::http1 {

// Digits only, at most 2^63 - 1.
std::optional<std::uint64_t> parse_content_length(std::string_view value);

// host[:port] as it may stand in Host: a name of letters, digits and "-._~", or an address in brackets, and a
// port of digits. Stricter than RFC 3986, which would let commas and escapes in.
bool is_valid_authority(std::string_view authority);

// Gathers what the framing fields of one head say; judged at the head's end, so that the order of fields does not
// matter.
class FramingFields {
 public:
  // The value must lie in its field line, as read_field_lines() gives it.
  void field(Field field, std::string_view value);

  // The first fault of a message's framing, or a status of 0. `fault_status` is 400 for requests, 502 for responses.
  Refusal fault(Version version, int fault_status) const;

  bool chunked() const { return transfer_encodings_ != 0; }
  bool has_length() const { return content_lengths_ != 0; }
  std::uint64_t length() const { return length_.value_or(0); }
  bool keep_alive(Version version) const { return !close_ && (version == Version::http_1_1 || keep_alive_); }
  int hosts() const { return hosts_; }
  std::string_view host() const { return host_; }
  bool expects_continue() const { return expects_continue_; }
  bool wants_upgrade() const { return upgrade_ && upgrade_option_; }

 private:
  void connection(std::string_view value);

  std::optional<std::uint64_t> length_;
  std::string_view transfer_encoding_;
  std::string_view host_;
  int content_lengths_ = 0;
  int transfer_encodings_ = 0;
  int hosts_ = 0;
  std::size_t connection_options_ = 0;
  bool close_ = false;
  bool keep_alive_ = false;
  bool upgrade_ = false;
  bool upgrade_option_ = false;
  bool expects_continue_ = false;
  bool tab_around_ = false;
};

}  // namespace tenfold::http::http1
