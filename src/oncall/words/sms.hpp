#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// Texts that fit short messages (3GPP TS 23.038: the 7-bit alphabet, and UCS-2 for all else). Pure; any thread.
namespace tenfold::oncall {

// As one short message: characters that the 7-bit alphabet lacks become their nearest ones where that makes the whole
// fit it ("crítico" → "critico"); `what` is shortened so that `tail` fits behind it. With a link, which stands on a
// line of its own, in parts: the first holds what and tail. Valid UTF-8 in, valid UTF-8 out.
std::string sms_text(std::string_view what, std::string_view tail, std::string_view link);

// How many parts a text takes: one of 160 (70), several of 153 (67).
std::size_t sms_parts(std::string_view text);
bool is_gsm7(std::string_view text);

}  // namespace tenfold::oncall
