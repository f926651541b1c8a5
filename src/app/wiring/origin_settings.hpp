#pragma once

#include "config/config.hpp"
#include "origin/settings.hpp"

namespace tenfold::app {

// shop.yaml's origins, health, ejection, retries, hang and routes, as origin takes them.
origin::Settings origin_settings(const config::Replaceable& live);

}  // namespace tenfold::app
