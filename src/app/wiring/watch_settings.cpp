#include "app/wiring/watch_settings.hpp"

#include <utility>

#include "app/wiring/watch_pass.hpp"
#include "base/log.hpp"

namespace tenfold::app {

watch::Settings watch_settings(const config::Watch& from) {
  watch::Settings to;
  to.checks.assign(from.checks.begin(), from.checks.end());
  for (const config::HostPort& anchor : from.anchors) to.anchors.push_back({anchor.host, anchor.port});
  for (const config::Maintenance& each : from.maintenance) {
    auto window = watch::maintenance_window(each.checks, {each.from.day, each.from.time},
                                            {each.until.day, each.until.time}, from.time_zone);
    if (window) {
      to.maintenance.push_back(std::move(*window));
    } else {
      log::warn("watch.maintenance: {}; this window is left out", window.error().text());
    }
  }
  if (from.heartbeat_out) {
    to.heartbeat_out_url = from.heartbeat_out->url.reveal();
    to.heartbeat_out_every = from.heartbeat_out->every;
  }
  to.keep_results = from.keep_results;
  return to;
}

watch::ProberOptions watch_prober_options(const config::Watch& from, std::shared_ptr<WatchPass> pass) {
  watch::ProberOptions to;
  to.authorities = from.authorities;
  if (pass != nullptr) {
    to.own_cookie = [pass](const watch::Destination& there) { return pass->cookie(there); };
    to.own_cookie_refused = [pass] { pass->draw_id(); };
  }
  return to;
}

}  // namespace tenfold::app
