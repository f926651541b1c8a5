#include "net/sim/sim_loop.hpp"

namespace tenfold::net::sim {

Task<Result<Resolution>> SimResolver::resolve(std::string name, TimePoint deadline, CancelToken token) {
  if (const auto literal = IpAddress::parse(name)) co_return Resolution{{*literal}, std::chrono::hours(24)};
  if (mute_ != nullptr) {
    auto slept = co_await mute_->sleep_until(deadline, token);
    co_return fail(slept ? Errc::timed_out : Errc::cancelled, "resolving " + name);
  }
  const auto found = names_.find(name);
  if (found == names_.end()) co_return fail(Errc::unreachable, "no such name: " + name);
  co_return found->second;
}

Task<Result<std::vector<std::string>>> SimResolver::reverse(IpAddress address, TimePoint deadline, CancelToken token) {
  if (mute_ != nullptr) {
    auto slept = co_await mute_->sleep_until(deadline, token);
    co_return fail(slept ? Errc::timed_out : Errc::cancelled, "looking up " + address.text());
  }
  const auto found = reverse_.find(address);
  if (found == reverse_.end()) co_return fail(Errc::not_found, address.text() + " has no name");
  co_return found->second;
}

}  // namespace tenfold::net::sim
