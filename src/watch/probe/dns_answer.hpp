#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "watch/probe/check.hpp"

namespace tenfold::watch {

// The records of one kind in a name server's answer (RFC 1035, 4.1), in its order, as text: addresses in their usual
// form, names in lower case without the last dot, MX as "10 mail.example", TXT with its strings joined. At most 1,000;
// further ones are left out. Errors: invalid, when the message is cut short or contradicts itself.
Result<std::vector<std::string>> dns_records(std::span<const std::uint8_t> message, DnsProbe::Record kind);

int dns_type(DnsProbe::Record kind);                    // RFC 1035, 3.2.2
std::string_view dns_type_name(DnsProbe::Record kind);  // "AAAA"

// Whether an answer says what was expected: equal addresses however written, names without regard to case and last
// dot, an MX also by its host alone.
bool dns_answer_is(DnsProbe::Record kind, const std::string& answer, const std::string& expected);

}  // namespace tenfold::watch
