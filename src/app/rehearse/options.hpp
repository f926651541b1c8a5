#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "rehearse/drive/drive.hpp"
#include "rehearse/model/traffic_model.hpp"
#include "rehearse/verdict/slo.hpp"

namespace tenfold::app {

// As they come from the command line.
struct RehearseOptions {
  std::string url;
  std::string traffic;          // a model's file; empty: --rate
  std::optional<double> times;  // not given: 1
  std::string profile = "peak";
  std::string rate;  // "5000/s" or "max"
  int connections = 0;
  std::string length;  // empty: 5m with a model, else 30s
  std::string ramp;    // empty: a tenth of the length, at most 30 s, with a model; else none
  std::string slo;     // empty: rehearse::default_slo
  std::string step = "15s";
  std::string timeout = "30s";
  std::string client_addresses;
  std::string report;  // folder; empty: none
  std::string config;  // shop.yaml; empty: none
  std::string state;   // folder; empty: the system's usual place
  std::string store;   // SQLite file; empty: the configuration's, else in the state folder
  std::string authorities;
  int threads = 0;
  std::uint64_t seed = 1;
  enum class Seek : unsigned char { verdict, limit } seek = Seek::verdict;
  enum class WhenDown : unsigned char { stop, keep_going } when_down = WhenDown::stop;
  enum class Writes : unsigned char { withheld, allowed } writes = Writes::withheld;
  enum class As : unsigned char { rehearsal, strangers } as = As::rehearsal;
  enum class Show : unsigned char { words, json } show = Show::words;
  std::string command;  // to be given again
};

// The same, read and checked.
struct RehearsePlan {
  std::shared_ptr<const rehearse::TrafficModel> model;  // null: none
  rehearse::Load load;                                  // for the limit: of a step; its times or rate are replaced
  rehearse::DriveOptions drive;
  rehearse::Slo slo;
  std::string slo_text;
  Duration step{};
  std::string store_file;
};

// Errors: invalid (with the option and what was expected), refused or failed (the state folder or its key cannot be
// used).
Result<RehearsePlan> plan_of(const RehearseOptions& options);

// The load with so many times the visitors, or so many requests a second, for so long.
rehearse::Load load_at(const RehearsePlan& plan, double load, Duration length);
// Where the search for the knee begins.
double start_of(const RehearsePlan& plan);

}  // namespace tenfold::app
