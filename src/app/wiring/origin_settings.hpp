#pragma once

#include "config/config.hpp"
#include "origin/settings.hpp"

namespace tenfold::app {

// shop.yaml's origins, health, ejection, retries and routes in origin's own terms.
origin::Settings origin_settings(const config::Replaceable& live);

}  // namespace tenfold::app
