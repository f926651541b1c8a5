#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "console/api_part.hpp"
#include "guard/judge/subject_id.hpp"
#include "guard/known/owner_lists.hpp"
#include "net/address.hpp"

// What the guard's parts of the API have in common.
namespace tenfold::app {

using GuardJson = nlohmann::ordered_json;

console::ApiPart::Answer guard_refusal(int status, std::string_view message, std::string_view expected);
std::string prefix_text(const guard::judging::Subject& subject);  // "192.0.2.0/24"; of what has no address its level
double whole_seconds(Duration duration);                          // to three decimals

// The network that a body names as "prefix". Errors: invalid, with what was expected.
Result<net::IpNetwork> network_in(const GuardJson& body);
GuardJson to_json(const guard::OwnerEntry& entry, WallTime now);

}  // namespace tenfold::app
