#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <queue>
#include <string>
#include <string_view>
#include <vector>

#include "rehearse/drive/connection/connection.hpp"
#include "rehearse/drive/drive.hpp"
#include "rehearse/drive/visitor/redirect.hpp"
#include "rehearse/drive/visitor/validators.hpp"

namespace tenfold::rehearse {

class Visitor;

// One request of a visitor: kept for the next when it has ended, with the room of its texts.
struct Ask : Call {
  std::string text;      // what goes out
  std::string target;    // path and query
  std::string location;  // of a redirect's answer
  std::string_view method_name;
  enum class Part : std::uint8_t { page, asset } part = Part::page;
  bool conditional = false;
  int redirects = 0;
};

// What one thread's visitors have in common.
struct VisitorContext {
  VisitorContext(const TrafficModel& its_model, const DriveOptions& its_options, net::Scope& its_scope,
                 Route& its_route)
      : model(its_model), options(its_options), scope(its_scope), route(its_route), recorder(its_route.recorder()) {}

  const TrafficModel& model;
  const DriveOptions& options;
  net::Scope& scope;
  Route& route;
  Recorder& recorder;
  Validators validators;
  std::shared_ptr<const KnownPages> known_pages;  // not null
  std::string origin;                             // for Referer
  std::string authority;                          // for Host
  std::string credential;                         // empty: none
  std::size_t most_in_flight = 0;
  std::uint64_t in_flight = 0;
  bool stopping = false;   // nothing more is planned
  bool abandoned = false;  // nor sent

  Ask& new_ask();
  void give_back(Ask& ask) { unused_asks_.push_back(&ask); }

  // The one moment at which a visitor goes on by itself.
  struct Due {
    TimePoint at;
    Visitor* visitor;
    bool operator>(const Due& other) const { return at > other.at; }
  };
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due;
  std::vector<Visitor*> gone;  // may be destroyed, once nothing of theirs is on the stack

 private:
  std::deque<Ask> asks_;  // as many as were ever under way at once
  std::vector<Ask*> unused_asks_;
};

// Writes what the ask sends into its text. `more` are field lines (Referer, Cookie, conditions).
void write_request(const VisitorContext& context, std::string_view user_agent, std::string_view more, Ask& ask);

}  // namespace tenfold::rehearse
