#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// Texts that fit short messages (3GPP TS 23.038: the 7-bit alphabet, and UCS-2 for all else). Pure; any thread.
namespace tenfold::oncall {

// As one short message: characters that the 7-bit alphabet lacks become their nearest ones where that makes the whole
// fit it ("crítico" → "critico"); `what` is shortened so that `tail`, which is never cut, fits behind it. Where that
// would leave too little of `what` (with UCS-2, of which a part holds 70), it takes a further part. A link stands on a
// line of its own behind those parts. Valid UTF-8 in, valid UTF-8 out.
std::string sms_text(std::string_view what, std::string_view tail, std::string_view link);

// How many parts a text takes: one of 160 (70), several of 153 (67). No character is divided between two.
std::size_t sms_parts(std::string_view text);
bool is_gsm7(std::string_view text);

}  // namespace tenfold::oncall
