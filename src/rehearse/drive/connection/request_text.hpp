#pragma once

#include <string>
#include <string_view>

namespace tenfold::rehearse {

// The request of a load without a model: GET, as a simple client asks. `credential` may be empty.
std::string simple_request(std::string_view target, std::string_view authority, std::string_view user_agent,
                           std::string_view credential);

}  // namespace tenfold::rehearse
