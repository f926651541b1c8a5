#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "http/exchange.hpp"
#include "net/cancel.hpp"
#include "net/scope.hpp"
#include "shop/storefront.hpp"
#include "shop/troubles.hpp"
#include "shop/worker_queue.hpp"

namespace tenfold::shop {

// How long each sort of work takes a worker.
struct ServiceTimes {
  std::array<Duration, kinds> of{std::chrono::milliseconds(2),  std::chrono::milliseconds(3),
                                 std::chrono::milliseconds(40), std::chrono::milliseconds(120),
                                 std::chrono::milliseconds(60), std::chrono::milliseconds(250)};

  Duration& operator[](Kind kind) { return of[static_cast<std::size_t>(kind)]; }
  Duration operator[](Kind kind) const { return of[static_cast<std::size_t>(kind)]; }
};

// "page=40ms,search=0.2s": replaces those that are named. Units ms and s; 0 to 60 s.
// Errors: invalid, with the part that is wrong and what was expected.
Result<ServiceTimes> parse_service_times(std::string_view text, ServiceTimes start = {});

// The demo shop behind HTTP: the storefront, served at the pace of its workers, with its control endpoint. One thread.
//
// Each request waits for its turn and then for its service time on the loop's timers, so that the capacity is a matter
// of arithmetic and not of the machine. /healthz and /control/ take no worker.
class Shop final : public http::Handler {
 public:
  enum class Control : std::uint8_t { on, off };

  struct Options {
    Storefront::Options storefront;
    std::size_t workers = 20;
    std::size_t line_limit = 1000;  // requests waiting for a worker; past it 503
    ServiceTimes times = {};
    Control control = Control::on;  // off: /control/ is not found
  };

  // `loop` and `random` must outlive the shop.
  Shop(net::Loop& loop, Random& random, Options options);

  net::Task<void> handle(http::ServerExchange& exchange) override;

  // Ends what was made to hang, so that it is answered: for the beginning of a drain.
  void let_go();
  // Lets every waiting request fail now; for the end of a drain.
  void stop() { stopping_.cancel(); }

  // The state as one JSON object: what GET /control/status answers.
  std::string status_json();

  static constexpr std::size_t most_form_bytes = 16 * 1024;  // of a POST; past it 413

 private:
  net::Task<void> serve(http::ServerExchange& exchange, Visit visit, Kind kind);
  net::Task<void> health(http::ServerExchange& exchange);
  net::Task<void> control(http::ServerExchange& exchange);
  net::Task<void> hang(std::string_view path);
  net::Task<Result<std::string>> read_form(http::ServerExchange& exchange);
  net::Task<void> send(http::ServerExchange& exchange, Reply reply);
  Reply refuse_control(const http::ServerExchange& exchange) const;
  Visit visit_of(http::ServerExchange& exchange) const;
  void count(Kind kind, int status) { ++counts_[{kind, status}]; }

  net::Loop& loop_;
  Random& random_;
  Options options_;
  Storefront storefront_;
  WorkerQueue queue_;
  Troubles troubles_;
  net::Event released_;
  net::CancelSource stopping_;
  std::map<std::pair<Kind, int>, std::uint64_t> counts_;  // as many as the shop has statuses
  std::size_t hanging_ = 0;
  std::uint64_t refused_ = 0;  // the line was full
};

}  // namespace tenfold::shop
