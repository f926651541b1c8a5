#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.hpp"
#include "net/cancel.hpp"
#include "net/scope.hpp"
#include "record.hpp"
#include "web.hpp"

namespace tenfold::siege {

// One customer's browser (or app), and the patience of who sits before it. It keeps cookies and connections, loads what
// a page consists of, follows redirects, solves challenges at a browser's pace, waits in waiting rooms, and presses
// reload when a page does not come. Must be closed before it goes.
class Browser {
 public:
  // How long a page that does not come is waited for, reloads included; challenges and waiting rooms are not in it.
  static constexpr Duration patience_for_page = std::chrono::seconds(30);
  // One answer; then reload is pressed.
  static constexpr Duration patience_for_answer = std::chrono::seconds(15);
  // In waiting rooms, over the whole visit.
  static constexpr Duration patience_in_rooms = std::chrono::seconds(60);
  static constexpr int most_challenges = 6;       // for one click: then it is a loop
  static constexpr std::size_t most_assets = 12;  // of a page: what is seen without scrolling
  static constexpr std::size_t asset_connections = 4;
  static constexpr std::size_t most_idle = 6;  // connections, as browsers keep for one host

  Browser(World& world, const PlannedVisit& plan, rehearse::CookieJar& jar, VisitRecord& record, Random& random);

  struct Page {
    enum class Outcome : std::uint8_t { served, fed_up, kept_out, run_over } outcome = Outcome::run_over;
    std::string path;  // where redirects led to, also if the page there did not come
    std::string body;
  };
  // `step` is for the record; -1: not recorded.
  net::Task<Page> open(Request click, int step);
  net::Task<void> close();

 private:
  struct Loading;  // a page from the click to its end

  net::Task<Answer> ask(Request request, Body body, TimePoint deadline, net::CancelToken cancel);
  net::Task<Answer> follow(Request& request, TimePoint deadline);
  net::Task<void> get_past(Loading& loading, Answer answer);
  net::Task<void> meet_challenge(Loading& loading, Answer answer);
  net::Task<void> wait_in_room(Loading& loading, double seconds, std::string to);
  net::Task<void> reload(Loading& loading);
  void note_trouble(const Answer& answer);
  Page served(Loading& loading, Answer answer);
  net::Task<void> drop_assets();
  void load_assets(std::string_view page, const std::string& path);
  net::Task<void> load_some(std::string page_path);

  World& world_;
  const PlannedVisit& plan_;
  rehearse::CookieJar& jar_;
  VisitRecord& record_;
  Random& random_;
  std::vector<Line> idle_;
  std::string at_;  // the page shown
  Duration left_in_rooms_ = patience_in_rooms;
  std::set<std::string, std::less<>> cached_;
  std::deque<std::string> wanted_;      // assets not yet asked for
  std::vector<net::Stream*> carrying_;  // those under way
  net::CancelSource next_click_;
  net::Scope assets_;
};

}  // namespace tenfold::siege
