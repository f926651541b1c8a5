#include "attack.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "creep.hpp"
#include "place.hpp"

namespace tenfold::siege {

using namespace std::chrono_literals;
using http::Method;

namespace {

constexpr Duration timer_tick = 1ms;

Duration seconds(double count) { return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(count)); }

struct Held {
  Line line;
  Place place;
};

}  // namespace

struct Attack::Source {
  net::IpAddress address;
  std::unique_ptr<rehearse::CookieJar> jar;
  std::optional<Held> idle;
  std::uint32_t step = 0;
  bool solves = false;
  bool solving = false;
  std::string product;
};

Attack::Attack(World& world, const Wave& wave, WaveRecord& record, Record& all, std::uint32_t& open_connections)
    : world_(world),
      wave_(wave),
      record_(record),
      all_(all),
      open_connections_(open_connections),
      random_(wave.seed),
      farmed_(wave.farmed),
      next_s_(wave.from_s) {
  if (wave.what == Vector::tls_handshake) tls_ = handshake_context();
  sources_.reserve(wave.sources.size());
  const auto solvers = static_cast<std::size_t>(wave.solving * static_cast<double>(wave.sources.size()));
  for (std::size_t i = 0; i < wave.sources.size(); ++i) {
    Source& source = sources_.emplace_back();
    source.address = wave.sources[i];
    source.solves = i < solvers;
    source.step = static_cast<std::uint32_t>(random_.below(7));
    const bool keeps = wave.cookies == Wave::Cookies::kept || source.solves;
    if (keeps) source.jar = std::make_unique<rehearse::CookieJar>();
  }
}

Attack::~Attack() = default;

// ---- When ----

double Attack::rate_at(double at_s) const {
  const double length = wave_.to_s - wave_.from_s;
  const double share = length <= 0 ? 0 : std::clamp((at_s - wave_.from_s) / length, 0.0, 1.0);
  return wave_.per_s + (wave_.per_s_at_end - wave_.per_s) * share;
}

net::Task<void> Attack::run() {
  if (wave_.farmed > 0) co_await farm();
  if (world_.at(wave_.from_s) > world_.loop.now()) {
    [[maybe_unused]] auto begun = co_await world_.loop.sleep_until(world_.at(wave_.from_s));
  }
  const double until_s = std::min(wave_.to_s, world_.scenario.end_s);
  // Draws the moments one after the other (a Poisson process), so that they are the same for every contender.
  while (true) {
    const double rate = std::max(rate_at(next_s_), 1e-3);
    next_s_ -= std::log(1 - random_.unit()) / rate;
    if (next_s_ >= until_s) break;
    const TimePoint due = world_.at(next_s_);
    if (due > world_.loop.now() + timer_tick / 2) {
      [[maybe_unused]] auto slept = co_await world_.loop.sleep_until(due);
    }
    begin_due(due);
  }
  while (!world_.over()) {
    [[maybe_unused]] auto slept = co_await world_.loop.sleep_until(world_.until(1s));
  }
}

void Attack::begin_due(TimePoint due) {
  all_.begun(world_.loop.clock().now() - due);
  ++record_.planned;
  const std::size_t source =
      wave_.order == Wave::Order::in_turn ? turn_++ % sources_.size() : random_.below(sources_.size());
  if (open_connections_ >= world_.scenario.most_connections) {
    ended({.failure = Answer::Failure::no_room});
    return;
  }
  const net::IpAddress address = sources_[source].address;
  switch (wave_.what) {
    case Vector::slow_head:
    case Vector::slow_body: world_.scope.spawn(drip(world_, wave_.what, address, open_connections_, record_)); return;
    case Vector::slow_read: world_.scope.spawn(read_slowly(world_, address, open_connections_, record_)); return;
    case Vector::tls_handshake:
      world_.scope.spawn(handshake(world_, tls_, address, open_connections_, record_));
      return;
    default: world_.scope.spawn(shoot(source));
  }
}

// ---- What ----

std::string Attack::hex(int digits) {
  constexpr std::string_view alphabet = "0123456789abcdef";
  std::string text;
  for (int i = 0; i < digits; ++i) text += alphabet[random_.below(alphabet.size())];
  return text;
}

Request Attack::walk_step(Source& source) {
  const Scenario& shop = world_.scenario;
  switch (source.step++ % 7) {
    case 0: return {.target = "/"};
    case 1: return {.target = shop.categories[random_.below(shop.categories.size())]};
    case 2: source.product = shop.products[random_.below(shop.products.size())]; return {.target = source.product};
    case 3: {
      if (source.product.empty()) source.product = shop.products.front();
      const std::string id = source.product.substr(3, source.product.find('/', 3) - 3);
      return {.method = Method::post, .target = "/cart", .form = "product=" + id + "&quantity=1"};
    }
    case 4: return {.target = "/cart"};
    case 5: return {.target = "/checkout"};
    default:
      return {
          .method = Method::post, .target = "/checkout", .form = "token=" + hex(16) + "&name=&email=&street=&city="};
  }
}

Request Attack::next_request(Source& source) {
  const Scenario& shop = world_.scenario;
  switch (wave_.what) {
    case Vector::search: return {.target = "/search?q=" + shop.words[random_.below(shop.words.size())] + "+" + hex(6)};
    case Vector::random_query: return {.target = "/?" + hex(4) + "=" + hex(8)};
    case Vector::walk: return walk_step(source);
    case Vector::cart: {
      const std::string& product = shop.products[random_.below(shop.products.size())];
      const std::string id = product.substr(3, product.find('/', 3) - 3);
      return {.method = Method::post, .target = "/cart", .form = "product=" + id + "&quantity=9"};
    }
    case Vector::login:
      return {
          .method = Method::post, .target = "/login", .form = "email=" + hex(8) + "%40shop.example&password=" + hex(8)};
    case Vector::checkout:
      return {
          .method = Method::post, .target = "/checkout", .form = "token=" + hex(16) + "&name=&email=&street=&city="};
    case Vector::picture: {
      const std::string& product = shop.products[random_.below(shop.products.size())];
      const std::string id = product.substr(3, product.find('/', 3) - 3);
      return {.target = "/pictures/" + id + ".svg?w=" + std::to_string(random_.below(4000)) + "&v=" + hex(4)};
    }
    case Vector::page: return {.target = shop.categories[random_.below(shop.categories.size())]};
    case Vector::crawler: {
      Request request{.target = shop.products[random_.below(shop.products.size())] + "?ref=" + hex(6)};
      request.habit = crawler_habit;
      return request;
    }
    case Vector::clear_wrong:
      return {.target =
                  "/.tenfold/clear?seed=" + hex(64) + "&nonce=" + std::to_string(random_.below(100'000)) + "&to=%2F"};
    case Vector::clear_replay: return {.target = replayed_.empty() ? "/?" + hex(8) + "=1" : replayed_};
    case Vector::upgrade: return {.target = "/socket", .websocket = true};
    case Vector::place: {
      Request request{.target = "/?" + hex(8) + "=1"};
      request.cookies = "tenfold_place=" + hex(64);
      return request;
    }
    default: return {.target = "/"};
  }
}

rehearse::CookieJar* Attack::jar_of(Source& source) {
  if (!farmed_.empty()) return &farmed_[static_cast<std::size_t>(&source - sources_.data()) % farmed_.size()];
  return source.jar.get();
}

// ---- Shooting ----

void Attack::ended(const Answer& answer) { record_.count(answer, fate_of(answer), world_.seconds(world_.loop.now())); }

net::Task<void> Attack::shoot(std::size_t source_index) {
  Source& source = sources_[source_index];
  const Request request = next_request(source);
  const Answer answer = co_await ask(source, request);
  if (wave_.what == Vector::clear_replay && answer.status == 303) {
    record_.count(answer, Fate::cleared, world_.seconds(world_.loop.now()));
  } else {
    ended(answer);
  }
  const bool wants = source.solves || (wave_.what == Vector::clear_replay && replayed_.empty());
  if (answer.challenge.empty() || !wants || source.solving) co_return;
  source.solving = true;
  co_await solve(source, answer);
  source.solving = false;
}

net::Task<Answer> Attack::ask(Source& source, const Request& request) {
  const TimePoint deadline = world_.until(seconds(wave_.timeout_s));
  while (true) {
    std::optional<Held> held = std::exchange(source.idle, std::nullopt);
    if (held && !held->line->alive()) held.reset();
    const bool kept = held.has_value();
    if (!kept) {
      Place place(open_connections_);
      all_.most_connections = std::max(all_.most_connections, open_connections_);
      auto line = co_await dial(world_, source.address, deadline, {});
      if (!line) co_return Answer{.failure = failure_of(line.error())};
      held.emplace(Held{std::move(*line), std::move(place)});
    }
    Answer answer = co_await exchange(world_, *held->line, request, jar_of(source), Body::thrown_away, deadline);
    const bool keep = wave_.keep_alive && answer.status != 0 && held->line->reusable() && !world_.over();
    if (keep && !source.idle) source.idle = std::move(held);
    // Bots do not close politely: a reset leaves no connection behind that waits for its end.
    if (held && held->line) held->line->stream().reset_on_close();
    if (!kept || !answer.stale) co_return answer;
  }
}

net::Task<void> Attack::solve(Source& source, const Answer& answer) {
  const auto challenge = parse_challenge(answer.challenge);
  if (!challenge) co_return;
  const auto solution = co_await world_.solver.run(*challenge, Solver::For::attacker, world_.until(30s));
  if (!solution || world_.over()) co_return;
  ++record_.solutions;
  Request clear{.target = challenge->path + "?seed=" + challenge->seed + "&nonce=" + std::to_string(solution->nonce) +
                          "&to=%2F"};
  if (wave_.what == Vector::clear_replay) replayed_ = clear.target;
  [[maybe_unused]] const Answer cleared = co_await ask(source, clear);
}

// ---- Before the siege ----

net::Task<void> Attack::farm() {
  net::Scope farming;
  for (std::size_t i = 0; i < farmed_.size(); ++i) farming.spawn(farm_one(i));
  co_await farming.drain();
}

// A look at the shop and a thing in the cart, as a customer's, from a source of the wave; spread over the time before
// the siege.
net::Task<void> Attack::farm_one(std::size_t index) {
  const double share = static_cast<double>(index) / static_cast<double>(farmed_.size());
  [[maybe_unused]] auto slept = co_await world_.loop.sleep_until(world_.at(world_.scenario.siege_at_s * 0.8 * share));
  Source& source = sources_[index % sources_.size()];
  source.step = 0;
  for (int step = 0; step < 5; ++step) {
    const Request request = walk_step(source);
    const TimePoint deadline = world_.until(10s);
    auto line = co_await dial(world_, source.address, deadline, {});
    if (!line) co_return;
    const Answer answer = co_await exchange(world_, **line, request, &farmed_[index], Body::thrown_away, deadline);
    if (answer.status == 0) co_return;
    if (!answer.challenge.empty()) co_await solve(source, answer);
  }
  ++record_.farmed;
}

}  // namespace tenfold::siege
