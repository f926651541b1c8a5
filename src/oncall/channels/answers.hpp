#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

#include "oncall/channels/channel.hpp"
#include "transfer/transfers.hpp"

// What a provider's answer to an HTTP request means. Pure; any thread.
namespace tenfold::oncall::channels {

constexpr std::size_t most_answer_bytes = 64 * 1024;

// The body as JSON; discarded() if it is not.
nlohmann::json json_of(const transfer::Outcome& outcome);
std::string text_of(const nlohmann::json& object, const char* key);  // empty: none there, or no string

// JSON for a body. Invalid UTF-8 in it becomes U+FFFD.
std::string json_body(const nlohmann::json& value);

// "status 400, chat not found": the status with the provider's own words, bounded and without control characters; of a
// page or a redirect, what it is.
std::string provider_words(const transfer::Outcome& outcome);

// A 2xx that is not the provider's own: a network in between (a captive portal, a proxy) answers with its login page.
// Failed and worth another try, in words that name what came.
Report not_from(std::string_view provider, const transfer::Outcome& outcome);

// 2xx: delivered. 408, 425, 429 and 5xx: failed, worth another try after what Retry-After asks. Any other status:
// failed for good, with the provider's words. Nothing sent: failed, worth another try. Lost: unknown.
Report judged(const transfer::Outcome& outcome);

}  // namespace tenfold::oncall::channels
