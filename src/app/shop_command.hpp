#pragma once

#include <cstddef>
#include <string>

#include "app/command.hpp"
#include "app/terminal.hpp"

namespace tenfold::app {

struct ShopOptions {
  std::string listen = "127.0.0.1:9001";  // port 0: one that the system chooses
  std::size_t workers = 20;
  std::size_t line = 1000;            // requests that wait for a worker; past it 503
  std::string times;                  // "page=40ms,search=120ms"
  std::string name;                   // X-Shop and the footer; empty: the address
  std::string title = "Corner Shop";  // the shop's own name
  enum class Control : unsigned char { on, off } control = Control::on;
  enum class Show : unsigned char { words, json } show = Show::words;
};

// `tenfold shop`: the demo shop, until SIGTERM or SIGINT; then answers under way have ten seconds. Says where it
// listens on `err`, or as one JSON object on `out`.
Exit shop(const ShopOptions& options, const Terminal& out, const Terminal& err);

}  // namespace tenfold::app
