#pragma once

#include <string>
#include <string_view>

// Signatures of what goes out and what comes in. Pure; any thread.
namespace tenfold::oncall::channels {

std::string hmac_sha256_hex(std::string_view key, std::string_view text);   // 64 digits in lower case
std::string hmac_sha1_base64(std::string_view key, std::string_view text);  // 28 characters; Twilio's

// Takes as long for any two texts of the same lengths.
bool equal_in_constant_time(std::string_view one, std::string_view other);

}  // namespace tenfold::oncall::channels
