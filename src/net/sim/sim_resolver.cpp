#include "net/sim/sim_loop.hpp"

namespace tenfold::net::sim {

Task<Result<Resolution>> SimResolver::resolve(std::string name, TimePoint) {
  if (const auto literal = IpAddress::parse(name)) co_return Resolution{{*literal}, std::chrono::hours(24)};
  const auto found = names_.find(name);
  if (found == names_.end()) co_return fail(Errc::unreachable, "no such name: " + name);
  co_return found->second;
}

}  // namespace tenfold::net::sim
