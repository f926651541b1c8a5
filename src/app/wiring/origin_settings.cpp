#include "app/wiring/origin_settings.hpp"

namespace tenfold::app {

origin::Settings origin_settings(const config::Replaceable& live, const std::string& own_secret) {
  return {.pools = live.origins,
          .routes = live.routes,
          .health = live.health,
          .ejection = live.ejection,
          .retry = live.retries,
          .hang = live.hang,
          .sticky_secret = live.guard.secret.empty() ? own_secret : live.guard.secret.reveal()};
}

}  // namespace tenfold::app
