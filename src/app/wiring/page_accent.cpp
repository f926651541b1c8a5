#include "app/wiring/page_accent.hpp"

namespace tenfold::app {

http::PageAccent page_accent(const config::Replaceable& live) {
  const auto colour = http::parse_colour(live.colour);
  return colour ? http::PageAccent::of(*colour) : http::PageAccent{};
}

}  // namespace tenfold::app
