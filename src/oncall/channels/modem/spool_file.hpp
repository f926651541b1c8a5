#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "oncall/channels/channel.hpp"

// The files of smstools (3.1.16 and later) and of gammu-smsd's FILES service. Pure; any thread.
namespace tenfold::oncall::channels {

enum class SpoolKind : std::uint8_t { smstools, gammu };

// A file for its outgoing folder: headers, an empty line, the text. UTF-8: smsd makes GSM-7 of it where that holds all
// of its letters, and UCS-2 elsewhere. Nothing: `to` is not a number in E.164 form.
std::optional<std::string> spool_file(const std::string& to, const Message& message);

// The name of the file: made of the key, the same on every try. At most 200 bytes, letters, digits, '-', '_' and '='.
std::string spool_name(std::string_view key);

// The same for gammu-smsd's outbox: the text in UTF-16 behind its mark, so that the daemon's locale does not count, and
// a name that says where it goes. gammu takes names of less than 100 bytes.
std::optional<std::string> gammu_file(const std::string& to, const Message& message);
std::string gammu_name(std::string_view key, std::string_view to);

// Of a file in the failed folder: what its header Fail_reason says, in one line; empty: it says nothing.
std::string fail_reason(std::string_view file);

}  // namespace tenfold::oncall::channels
