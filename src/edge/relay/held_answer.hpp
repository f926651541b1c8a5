#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "base/clock.hpp"
#include "edge/respond/watched.hpp"
#include "edge/visit.hpp"
#include "origin/fetch.hpp"

namespace tenfold::edge {

// While an answer holds its place at the origin for as long as the client pleases: ends it when others have more of a
// right to the place. The time in which the origin is waited for is not the client's.
class HeldAnswer final : public Watched {
 public:
  static constexpr std::string_view place_lost =
      "the client took it more slowly than others while no more connections to the origin may be held";

  HeldAnswer(Visit& its_visit, origin::Fetched& fetched)
      : Watched(its_visit), fetched_(fetched), began_(its_visit.now()) {
    fetched.call_when_hold_is_lost(&look_at_once, static_cast<Watched*>(this));
  }
  ~HeldAnswer() { fetched_.call_when_hold_is_lost(nullptr, nullptr); }

  // What is awaited from here on. The end comes at once either way.
  void wait_for_origin() { origin_since_ = visit().now(); }
  void wait_for_client() { origin_took_ += visit().now() - *std::exchange(origin_since_, std::nullopt); }

 private:
  using Places = origin::HeldPlaces;

  Duration client_took() const {
    const Duration origin_now = origin_since_ ? visit().now() - *origin_since_ : Duration(0);
    return visit().now() - began_ - origin_took_ - origin_now;
  }
  TimePoint own_time() const override { return TimePoint(client_took()); }
  void look(const Pace& pace) override {
    const bool lasts = client_took() >= Places::counts_after || visit().now() - began_ >= Places::counts_at_last;
    if (!lasts || cut() || fetched_.keep_hold(pace.so_far())) return;
    cut_off();
  }
  void break_off() override {
    if (!origin_since_) return Watched::break_off();
    fetched_.connection().stream().cancel();
  }

  origin::Fetched& fetched_;
  const TimePoint began_;
  std::optional<TimePoint> origin_since_;
  Duration origin_took_{};
};

}  // namespace tenfold::edge
