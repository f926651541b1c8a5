#pragma once

#include <string>
#include <vector>

#include "rehearse/model/traffic_model.hpp"

namespace tenfold::rehearse {

// What the notes are made of.
struct LogFacts {
  double requests = 0;
  double unusable = 0;  // no path, or a method of no web page
  double with_referer = 0, with_agent = 0;
  double seconds = 0, gap_s = 0;
  double cut_short = 0;         // sessions ended because too many were open
  double folded = 0;            // requests
  double elsewhere_share = 0;   // of people's views
  double redirected_share = 0;  // of requests
  double worst_fit = 0;         // relative error of the share of a page among a walk's
  bool people = false;
};
void look_at(const TrafficModel& model, LogFacts& facts);
// What is uncertain about a log, in words.
std::vector<std::string> notes_on(const LogFacts& facts);

// Asset requests of people for each page that they asked for here; what other servers' pages fetch is left out.
double assets_per_page(const TrafficModel& model);

}  // namespace tenfold::rehearse
