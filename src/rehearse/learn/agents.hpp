#pragma once

#include <cstdint>
#include <string_view>

namespace tenfold::rehearse {

// What a User-Agent text says of itself.
enum class AgentKind : std::uint8_t {
  browser,  // or an app in which a person reads
  crawler,  // "Googlebot/2.1"
  script,   // "curl/7.88"
  untold,   // none: a script, unless the whole log has none
};
AgentKind agent_kind(std::string_view user_agent);

}  // namespace tenfold::rehearse
