#include "browser.hpp"

#include <algorithm>
#include <cmath>

#include "base/text/percent.hpp"
#include "rehearse/drive/visitor/redirect.hpp"

namespace tenfold::siege {

using namespace std::chrono_literals;

namespace {

constexpr Duration patience_for_asset = 10s;
constexpr double most_wait_s = 60;  // whatever a waiting room says
constexpr double usual_refresh_s = 5;
constexpr std::string_view our_paths = "/.tenfold/";

double milliseconds(Duration duration) { return std::chrono::duration<double, std::milli>(duration).count(); }

Duration seconds(double count) { return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(count)); }

// The path and query of a Location; empty: it leads elsewhere.
std::string path_of_location(const std::string& location) {
  if (location.starts_with('/') && !location.starts_with("//")) return location;
  const std::size_t scheme = location.find("://");
  if (scheme == std::string::npos) return {};
  const std::size_t path = location.find('/', scheme + 3);
  return path == std::string::npos ? "/" : location.substr(path);
}

bool is_page(const Answer& answer) { return answer.from_shop && answer.status >= 200 && answer.status < 500; }

}  // namespace

struct Browser::Loading {
  Request click;    // what was clicked
  Request request;  // what is asked for now
  int step = 0;
  TimePoint clicked;
  TimePoint patience;  // ends then
  TimePoint asked;     // the request under way
  Duration solving{};
  Duration waiting{};
  int challenges = 0;
  bool send_again = false;  // a form that a challenge or a waiting room came in the way of
  std::optional<Page::Outcome> given_up;
};

Browser::Browser(World& world, const PlannedVisit& plan, rehearse::CookieJar& jar, VisitRecord& record, Random& random)
    : world_(world), plan_(plan), jar_(jar), record_(record), random_(random) {}

net::Task<void> Browser::close() {
  co_await drop_assets();
  idle_.clear();
}

net::Task<Browser::Page> Browser::open(Request click, int step) {
  co_await drop_assets();
  click.habit = plan_.kind == Kind::app ? app_habit : browser_habit;
  click.referer = at_;
  Loading loading{.click = click, .request = click, .step = step};
  loading.clicked = world_.loop.now();
  loading.patience = loading.clicked + patience_for_page;
  while (!world_.over()) {
    if (world_.loop.now() >= loading.patience) loading.given_up = Page::Outcome::fed_up;
    if (loading.given_up) co_return Page{.outcome = *loading.given_up, .path = loading.request.target};
    loading.asked = world_.loop.now();
    const TimePoint deadline = std::min(world_.until(patience_for_answer), loading.patience);
    Answer answer = co_await follow(loading.request, deadline);
    if (world_.over()) break;
    if (!is_page(answer)) {
      co_await get_past(loading, std::move(answer));
    } else if (loading.send_again) {
      loading.send_again = false;
      loading.request = loading.click;
      [[maybe_unused]] auto pressed = co_await world_.loop.sleep_until(world_.until(500ms));
    } else {
      co_return served(loading, std::move(answer));
    }
  }
  co_return Page{.path = loading.request.target};
}

Browser::Page Browser::served(Loading& loading, Answer answer) {
  const TimePoint now = world_.loop.now();
  at_ = loading.request.target;
  if (loading.step >= 0) {
    record_.pages.push_back({.step = loading.step,
                             .clicked_s = world_.seconds(loading.clicked),
                             .felt_ms = milliseconds(now - loading.clicked),
                             .answer_ms = milliseconds(now - loading.asked),
                             .solving_ms = milliseconds(loading.solving),
                             .waiting_ms = milliseconds(loading.waiting)});
  }
  if (plan_.kind != Kind::app) load_assets(answer.body, at_);
  return {.outcome = Page::Outcome::served, .path = at_, .body = std::move(answer.body)};
}

// ---- What comes instead of a page ----

net::Task<void> Browser::get_past(Loading& loading, Answer answer) {
  note_trouble(answer);
  if (!answer.challenge.empty()) {
    ++record_.challenged;
    co_await meet_challenge(loading, std::move(answer));
  } else if (!answer.queue.empty()) {
    ++record_.queued;
    const auto refresh = refresh_of(answer.body);
    const double after_s = answer.retry_after_s >= 0 ? answer.retry_after_s
                           : refresh                 ? refresh->after_s
                                                     : usual_refresh_s;
    std::string to = refresh ? refresh->to : std::string();
    co_await wait_in_room(loading, after_s, std::move(to));
  } else {
    co_await reload(loading);
  }
}

void Browser::note_trouble(const Answer& answer) {
  if (record_.first_trouble_s < 0) record_.first_trouble_s = world_.seconds(world_.loop.now());
  if (!answer.challenge.empty() || !answer.queue.empty()) return;
  const bool gateway = answer.status == 502 || answer.status == 504;
  const bool late = answer.failure == Answer::Failure::timed_out;
  ++(late               ? record_.timed_out
     : answer.from_shop ? record_.shop_refused
     : gateway          ? record_.gateway_errors
                        : record_.refused);
  constexpr std::string_view failures[] = {"", "not connected", "closed", "no answer in time", "not HTTP", "no room"};
  const std::string status = std::to_string(answer.status) + (answer.from_shop ? " of the shop" : "");
  record_.last_trouble = answer.status != 0 ? status : failures[static_cast<std::size_t>(answer.failure)];
}

net::Task<void> Browser::meet_challenge(Loading& loading, Answer answer) {
  if (++loading.challenges > most_challenges) {
    loading.given_up = Page::Outcome::kept_out;
    co_return;
  }
  if (plan_.kind == Kind::no_script) {
    const auto refresh = refresh_of(answer.body);
    const double after_s = refresh                     ? refresh->after_s
                           : answer.retry_after_s >= 0 ? answer.retry_after_s
                                                       : usual_refresh_s;
    --loading.challenges;  // each turn of the wait is one more
    std::string to = refresh ? refresh->to : std::string();
    co_await wait_in_room(loading, after_s, std::move(to));
    co_return;
  }
  const auto challenge = parse_challenge(answer.challenge);
  if (!challenge) {
    loading.given_up = Page::Outcome::kept_out;
    co_return;
  }
  const TimePoint began = world_.loop.now();
  const auto solution = co_await world_.solver.run(*challenge, Solver::For::customer, world_.until(patience_for_page));
  if (!solution) co_return;
  const TimePoint solved = began + seconds(static_cast<double>(solution->hashes) / plan_.hashes_per_s);
  [[maybe_unused]] auto slept = co_await world_.loop.sleep_until(std::min(solved, world_.end()));
  ++record_.solved;
  const Duration spent = world_.loop.now() - began;
  loading.solving += spent;
  loading.patience += spent;
  loading.send_again = loading.click.method == http::Method::post;
  // A form cannot be sent by a redirect: the page leads back to where it was filled in.
  const bool back_to_form = loading.send_again && !loading.click.referer.empty();
  const std::string to = back_to_form ? loading.click.referer : loading.request.target;
  loading.request = loading.click;
  loading.request.method = http::Method::get;
  loading.request.form.clear();
  loading.request.target = challenge->path + "?seed=" + challenge->seed + "&nonce=" + std::to_string(solution->nonce) +
                           "&to=" + percent_encoded(to);
}

net::Task<void> Browser::wait_in_room(Loading& loading, double wait_s, std::string to) {
  const Duration wait = seconds(std::clamp(wait_s, 0.2, most_wait_s));
  if (wait > left_in_rooms_) {
    loading.given_up = Page::Outcome::kept_out;
    co_return;
  }
  left_in_rooms_ -= wait;
  loading.waiting += wait;
  loading.patience += wait;
  [[maybe_unused]] auto slept = co_await world_.loop.sleep_until(world_.until(wait));
  // The room's page comes anew by itself, without the form.
  loading.send_again = loading.click.method == http::Method::post;
  if (to.starts_with('/')) loading.request.target = std::move(to);
  loading.request.method = http::Method::get;
  loading.request.form.clear();
}

net::Task<void> Browser::reload(Loading& loading) {
  ++record_.reloads;
  const Duration pause = 1s + seconds(-1.5 * std::log(1 - random_.unit()));
  [[maybe_unused]] auto slept = co_await world_.loop.sleep_until(world_.until(pause));
  // What is reloaded is what was asked for last: behind a redirect not the form again. A seed is good only once.
  if (loading.request.target.starts_with(our_paths) && !loading.send_again) loading.request = loading.click;
}

// ---- Requests ----

// Leaves in `request` what the last answer is to.
net::Task<Answer> Browser::follow(Request& request, TimePoint deadline) {
  for (int redirects = 0;; ++redirects) {
    Answer answer = co_await ask(request, Body::kept, deadline, {});
    if (!rehearse::is_redirect(answer.status) || redirects == rehearse::most_redirects) co_return answer;
    std::string to = path_of_location(answer.location);
    if (to.empty()) co_return answer;
    request.target = std::move(to);
    if (answer.status != 307 && answer.status != 308) {
      request.method = http::Method::get;
      request.form.clear();
    }
  }
}

net::Task<Answer> Browser::ask(Request request, Body body, TimePoint deadline, net::CancelToken cancel) {
  while (true) {
    Line line;
    while (!line && !idle_.empty()) {
      if (idle_.back()->alive()) line = std::move(idle_.back());
      idle_.pop_back();
    }
    const bool kept = line != nullptr;
    if (!kept) {
      auto dialled = co_await dial(world_, plan_.address, deadline, cancel);
      if (!dialled) co_return Answer{.failure = failure_of(dialled.error())};
      line = std::move(*dialled);
    }
    net::Stream* const stream = &line->stream();
    if (body == Body::thrown_away) carrying_.push_back(stream);
    Answer answer = co_await exchange(world_, *line, request, &jar_, body, deadline);
    if (body == Body::thrown_away) std::erase(carrying_, stream);
    if (answer.status != 0 && line->reusable() && idle_.size() < most_idle) idle_.push_back(std::move(line));
    if (!kept || !answer.stale) co_return answer;
  }
}

// ---- What a page consists of ----

void Browser::load_assets(std::string_view page, const std::string& path) {
  for (std::string& each : assets_of(page, most_assets)) {
    if (cached_.insert(each).second) wanted_.push_back(std::move(each));
  }
  for (std::size_t i = 0; i < asset_connections && !wanted_.empty(); ++i) assets_.spawn(load_some(path));
}

net::Task<void> Browser::load_some(std::string page_path) {
  while (!wanted_.empty() && !next_click_.cancelled()) {
    Request request{.target = std::move(wanted_.front()), .referer = page_path};
    wanted_.pop_front();
    ++record_.assets;
    const TimePoint deadline = world_.until(patience_for_asset);
    Answer answer = co_await ask(request, Body::thrown_away, deadline, next_click_.token());
    if (answer.status == 200 || next_click_.cancelled()) continue;
    ++record_.assets_failed;
    cached_.erase(request.target);
  }
}

// What is still under way when the next page is asked for is given up, as browsers do.
net::Task<void> Browser::drop_assets() {
  wanted_.clear();
  next_click_.cancel();
  const std::vector<net::Stream*> carrying = carrying_;
  for (net::Stream* const stream : carrying) {
    if (std::ranges::find(carrying_, stream) != carrying_.end()) stream->cancel();
  }
  co_await assets_.drain();
  next_click_.renew();
}

}  // namespace tenfold::siege
