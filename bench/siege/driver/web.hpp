#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/client.hpp"
#include "net/loop.hpp"
#include "net/scope.hpp"
#include "rehearse/drive/visitor/cookies.hpp"
#include "scenario.hpp"
#include "solver.hpp"

namespace tenfold::siege {

// What everybody of a run shares. One thread.
struct World {
  net::Loop& loop;
  const Scenario& scenario;
  Solver& solver;
  net::Scope& scope;
  std::string authority;  // for Host
  TimePoint begin;

  TimePoint at(double seconds) const {
    return begin + std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
  }
  TimePoint end() const { return at(scenario.end_s); }
  bool over() const { return loop.now() >= end(); }
  // A deadline for a wait: no wait outlasts the run.
  TimePoint until(Duration wait) const { return std::min(loop.now() + wait, end()); }
  double seconds(TimePoint moment) const { return std::chrono::duration<double>(moment - begin).count(); }
  http::HttpDate wall() const { return std::chrono::floor<std::chrono::seconds>(loop.clock().wall_now()); }
};

// Fields that each sort of client always sends.
struct Habit {
  std::string_view user_agent;
  std::string_view accept;
  std::string_view language;
};
inline constexpr Habit browser_habit{
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8", "de-DE,de;q=0.9,en;q=0.8"};
inline constexpr Habit app_habit{"CornerShop/4.2 (Android 15)", "application/json", "de-DE"};
inline constexpr Habit crawler_habit{"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
                                     "text/html,*/*;q=0.8", ""};

struct Request {
  http::Method method = http::Method::get;
  std::string target;
  std::string form;     // of a POST
  std::string referer;  // a path; empty: none
  std::string cookies;  // instead of a jar's
  bool websocket = false;
  Habit habit = browser_habit;
};

struct Answer {
  enum class Failure : std::uint8_t { none, connect, closed, timed_out, invalid, no_room } failure = Failure::none;
  int status = 0;          // 0: none came
  bool from_shop = false;  // the shop made it, now or earlier (a cache); else whoever stands before it
  bool stale = false;      // the server closed a kept connection just then: to be asked again
  int retry_after_s = -1;  // negative: not said
  std::string challenge;   // the field's value
  std::string queue;
  std::string location;
  std::string body;  // if it was wanted
};

using Line = std::unique_ptr<http::ClientConnection>;
net::Task<Result<Line>> dial(World& world, net::IpAddress source, TimePoint deadline, net::CancelToken cancel);

enum class Body : std::uint8_t { kept, thrown_away };
// One request and its answer. Cookies are sent and taken if there is a jar. `line`, `request` and `jar` must stay.
net::Task<Answer> exchange(World& world, http::ClientConnection& line, const Request& request, rehearse::CookieJar* jar,
                           Body body, TimePoint deadline);
Answer::Failure failure_of(const Error& error);

// ---- What a browser finds in a page ----

// The paths of its own style sheets, scripts and pictures, in order, each once; at most `most`.
std::vector<std::string> assets_of(std::string_view page, std::size_t most);
// The first value of an attribute behind a text, as in `after="name="token" value="`; empty: not there.
std::string value_behind(std::string_view page, std::string_view text);
// <meta http-equiv="refresh" content="5; url=/x">.
struct Refresh {
  double after_s = 0;
  std::string to;  // empty: the same page
};
std::optional<Refresh> refresh_of(std::string_view page);

}  // namespace tenfold::siege
