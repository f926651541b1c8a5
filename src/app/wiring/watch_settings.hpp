#pragma once

#include "config/config.hpp"
#include "watch/service/watch.hpp"

namespace tenfold::app {

// The configuration's checks as the module's own values.
watch::Settings watch_settings(const config::Watch& from);
watch::ProberOptions watch_prober_options(const config::Watch& from);

}  // namespace tenfold::app
