#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "oncall/service/oncall.hpp"
#include "ready/readiness.hpp"

// How the channels have fared lately, from the rows of what was sent: by which of them something last got through, and
// which of them failed since.
namespace tenfold::app {

// A row of the outbox, of whatever it was read from.
struct Tried {
  std::string by;  // the channel's name; empty: not tried yet
  std::string state;
  std::string detail;
  std::string trouble;
  WallTime at{};  // of its last change
};

std::vector<Tried> tried_in(const oncall::View& view);
// As /api/v1/alerts has it; what cannot be read is left out.
std::vector<Tried> tried_in(const nlohmann::json& answer);
// What is kept in the store; a file that is not there, or cannot be read, has none.
std::vector<Tried> tried_in(const std::string& store_file);

// One for each channel by which something was tried, by name. Pure.
std::vector<ready::ChannelHealth> channel_health(const std::vector<Tried>& tried);

}  // namespace tenfold::app
