#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "oncall/channels/channel.hpp"

// A message as the written channels need it. Pure; any thread.
namespace tenfold::oncall::channels {

std::string_view kind_name(Message::Kind kind);  // "alert"

// The text without control characters but for line feeds, with the link on a line of its own at its end unless it is in
// it already. Cut to `most_bytes` of UTF-8 such that the link stays whole; a link longer than that is left out.
std::string written(const Message& message, std::size_t most_bytes);
// The same of short_text, where there is one: for SMS, which cost by the part and are read on a locked screen. What it
// says at its end (what to write back) is never cut; a link that would make more than ten parts is left out.
enum class Replies : std::uint8_t { not_taken, taken };  // whether the channel does: then it is said what to write back
std::string written_short(const Message& message, Replies replies = Replies::not_taken);
// As written(), without adding the link: for channels that have a button.
std::string written_without_link(const Message& message, std::size_t most_bytes);

// One line, no control characters.
std::string subject_line(const Message& message, std::size_t most_bytes);

// Control characters out (each line by itself), CRLF and CR become LF; not longer than `most_bytes`.
std::string plain_lines(std::string_view text, std::size_t most_bytes);

}  // namespace tenfold::oncall::channels
