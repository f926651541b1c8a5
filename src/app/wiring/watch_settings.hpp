#pragma once

#include <memory>

#include "config/config.hpp"
#include "watch/service/watch.hpp"

namespace tenfold::app {

class WatchPass;

// The configuration's checks as the module's own values.
watch::Settings watch_settings(const config::Watch& from);
// pass: null for none.
watch::ProberOptions watch_prober_options(const config::Watch& from, std::shared_ptr<WatchPass> pass = nullptr);

}  // namespace tenfold::app
