#pragma once

#include <string>
#include <string_view>

// Keyed signatures (RFC 2104). Pure; any thread.
namespace tenfold {

std::string hmac_sha256(std::string_view key, std::string_view text);      // 32 bytes
std::string hmac_sha256_hex(std::string_view key, std::string_view text);  // 64 digits in lower case
std::string hmac_sha1(std::string_view key, std::string_view text);        // 20 bytes

// Takes as long for any two texts of the same lengths.
bool equal_in_constant_time(std::string_view one, std::string_view other);

}  // namespace tenfold
