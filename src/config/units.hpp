#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.hpp"
#include "config/values.hpp"

// Values with units, from their text and back. Pure; any thread.
namespace tenfold::config {

// Why a text is not a value of its kind; whoever reports it says what was found and what was expected.
struct Mismatch {
  std::string why;   // follows the text found: "without a unit"; may be empty
  std::string hint;  // "write 2s for seconds, 2ms for thousandths"; may be empty
  enum class Echo : unsigned char { show, hide } echo = Echo::show;  // hide: the text may hold a password
};
inline std::unexpected<Mismatch> mismatch(std::string why = {}, std::string hint = {}) {
  return std::unexpected(Mismatch{std::move(why), std::move(hint)});
}

template <class T>
using Parsed = std::expected<T, Mismatch>;

Parsed<Duration> parse_duration(std::string_view text);        // "250ms" "2s" "10m" "1h" "7d" "1.5s"
Parsed<std::uint64_t> parse_size(std::string_view text);       // "512B" "64KiB" "256MiB" "1.5GiB"; in bytes
Parsed<double> parse_rate(std::string_view text);              // "10/s" "0.5/s" "600/m"; per second
Parsed<double> parse_share(std::string_view text);             // "20%" "0.5%"; 1.0 is all
Parsed<std::int64_t> parse_hundredths(std::string_view text);  // "42.50" is 4250; at most two decimals
Parsed<std::uint64_t> parse_count(std::string_view text);      // "100000"; digits only, no sign
Parsed<HostPort> parse_host_port(std::string_view text);
Parsed<ServerAddress> parse_server_address(std::string_view text);
Parsed<Network> parse_network(std::string_view text);
// Whether it is wider than any one operator's network: an IPv4 network below /8 (10.0.0.0/8 is the widest private one),
// an IPv6 network below /7 (fc00::/7), or one that holds as much of IPv4 in mapped form (::ffff:0:0/96).
bool holds_anyone(const Network& network);
Parsed<std::string> parse_colour(std::string_view text);  // "#0B5C4D"; given back in lower case
Parsed<RequestPattern> parse_request_pattern(std::string_view text);
Parsed<StatusRange> parse_status_range(std::string_view text);
// A DNS name (RFC 1123, 2.1) or an address; given back in lower case.
Parsed<std::string> parse_host(std::string_view text);

// The shortest text that parses to the same value.
std::string duration_text(Duration value);
std::string size_text(std::uint64_t bytes);
std::string share_text(double share);

}  // namespace tenfold::config
