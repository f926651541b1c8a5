#pragma once

#include <string>

#include "config/config.hpp"
#include "origin/settings.hpp"

namespace tenfold::app {

// shop.yaml's origins, health, ejection, retries, hang and routes, as origin takes them.
// `own_secret` keys the sticky cookies where guard.secret is not set; empty: a random one does.
origin::Settings origin_settings(const config::Replaceable& live, const std::string& own_secret = {});

}  // namespace tenfold::app
