#pragma once

#include <string>
#include <string_view>

#include "oncall/channels/channel.hpp"

// A message as mail: RFC 5322, MIME, CRLF, lines of at most 76 characters in its body. Pure; any thread. Whatever the
// texts are, they end no header.
namespace tenfold::oncall::channels {

// "local@domain" in printable ASCII without what would end an envelope's address or a header; at most 254 characters.
bool is_mail_address(std::string_view text);

struct Letter {
  std::string from;  // both is_mail_address()
  std::string to;
  std::string key;  // becomes the Message-ID: a repeat is recognised by it
  WallTime date{};
};

std::string message_id(std::string_view key, std::string_view from);  // "<key@domain>"
std::string letter(const Letter& envelope, const Message& message);

// RFC 2047: as it is where it is short printable ASCII, else encoded words of UTF-8, folded.
std::string encoded_header(std::string_view text);
std::string quoted_printable(std::string_view text);  // RFC 2045; lines of `text` end in LF
std::string mail_date(WallTime time);                 // RFC 5322, in UTC

}  // namespace tenfold::oncall::channels
