#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/random.hpp"
#include "rehearse/model/traffic_model.hpp"

// Chance with little variance: what is drawn comes in any order, but a run of draws has the shares that it should have.
namespace tenfold::rehearse {

// Uniform numbers in [0,1): of every `Block` in a row one falls into each of Block equal strata.
template <std::size_t Block>
class Strata {
 public:
  double next(Random& random) {
    if (at_ == Block) {
      for (std::size_t i = 0; i < Block; ++i) order_[i] = static_cast<std::uint16_t>(i);
      for (std::size_t i = Block - 1; i > 0; --i) std::swap(order_[i], order_[random.below(i + 1)]);
      at_ = 0;
    }
    return (order_[at_++] + random.unit()) / static_cast<double>(Block);
  }

 private:
  std::array<std::uint16_t, Block> order_;
  std::size_t at_ = Block;
};

// Yes for a share of the asks, spread evenly.
class Portion {
 public:
  explicit Portion(double share = 0) : share_(share) {}
  bool next() {
    due_ += share_;
    if (due_ < 0.5) return false;
    due_ -= 1;
    return true;
  }

 private:
  double share_;
  double due_ = 0;
};

// One of several by weight; each is drawn as often as it should have been by now, give or take little: what is behind
// is likelier (error diffusion).
class Shares {
 public:
  Shares() = default;
  explicit Shares(std::span<const double> weights);
  bool empty() const { return share_.empty(); }
  std::size_t next(Random& random);

 private:
  std::vector<double> share_;
  std::vector<double> behind_;
};

// Values of a distribution: with its exact mean (stretched by as much as the table's mean is off), or its exact
// quantiles.
class Values {
 public:
  enum class Exact : std::uint8_t { mean, quantiles };
  Values() = default;
  explicit Values(const Distribution& values, Exact exact = Exact::mean);
  double next(Random& random) { return at(strata_.next(random)); }
  double at(double share) const { return empty_ ? 0 : values_->at(share) * stretch_; }
  // Rounded up or down by chance, so that the mean stays.
  std::uint32_t next_whole(Random& random) { return static_cast<std::uint32_t>(next(random) + random.unit()); }

 private:
  const Distribution* values_ = nullptr;
  bool empty_ = true;
  double stretch_ = 1;
  Strata<256> strata_;
};

// Gamma-distributed with this shape and mean shape (Marsaglia and Tsang 2000). shape > 0.
double gamma(double shape, Random& random);

}  // namespace tenfold::rehearse
