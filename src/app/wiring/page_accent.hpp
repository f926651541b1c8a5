#pragma once

#include "config/config.hpp"
#include "http/page/frame.hpp"

namespace tenfold::app {

// The colour of links and bars on all pages that Tenfold itself shows.
http::PageAccent page_accent(const config::Replaceable& live);

}  // namespace tenfold::app
