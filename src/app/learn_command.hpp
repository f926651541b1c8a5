#pragma once

#include <string>
#include <vector>

#include "app/command.hpp"
#include "app/terminal.hpp"
#include "base/clock.hpp"

namespace tenfold::app {

struct LearnCommandOptions {
  std::vector<std::string> logs;  // "-": standard input
  std::string output = "shop.traffic.json";
  std::string gap = "30m";   // a visitor silent for so long begins a new session
  std::string format;        // of the lines; empty: found out
  std::string client_field;  // "peer", "forwarded", or a field's name; empty: found out
  std::string host;          // the only one of the log that counts; empty: all
  enum class Show : unsigned char { words, json } show = Show::words;
};

// `tenfold learn`: access logs to a traffic model. The summary for people goes to `err`, the JSON object to `out`.
Exit learn(const LearnCommandOptions& options, const Terminal& out, const Terminal& err);

}  // namespace tenfold::app
