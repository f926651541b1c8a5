#pragma once

#include <cstddef>
#include <string_view>

#include "http/message.hpp"
#include "http/rules/message_fields.hpp"
#include "http/rules/refusal.hpp"

// How long a body is and whether the connection lives on, told from the fields (RFC 9112, 6 and 9.3).
namespace tenfold::http::http1 {

// Gathers what the framing fields of one head say, and those of MessageFields; judged at the head's end, so that the
// order of fields does not matter.
class FramingFields {
 public:
  // The value must lie in its field line, as read_field_lines() gives it.
  void field(Field field, std::string_view value);

  // The first fault of a message's framing, or a status of 0. `fault_status` is 400 for requests, 502 for responses.
  Refusal fault(Version version, int fault_status) const;

  const MessageFields& message() const { return message_; }
  bool chunked() const { return transfer_encodings_ != 0; }
  bool keep_alive(Version version) const { return !close_ && (version == Version::http_1_1 || keep_alive_); }
  bool wants_upgrade() const { return upgrade_ && upgrade_option_; }

 private:
  void connection(std::string_view value);

  MessageFields message_;
  std::string_view transfer_encoding_;
  int transfer_encodings_ = 0;
  std::size_t connection_options_ = 0;
  bool close_ = false;
  bool keep_alive_ = false;
  bool upgrade_ = false;
  bool upgrade_option_ = false;
  bool tab_around_ = false;
};

}  // namespace tenfold::http::http1
