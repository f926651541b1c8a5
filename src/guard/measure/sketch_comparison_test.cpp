// Space-Saving beside two others that could count clients in as much memory, on the same streams
// (docs/decisions/0022-counting-clients.md). The others are small versions of their papers' and live only here.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "base/random.hpp"
#include "base/siphash.hpp"
#include "guard/measure/space_saving.hpp"
#include "guard/measure/test_traffic.hpp"
#include "guard/measure/usage.hpp"

namespace tenfold::guard::measure_test {
namespace {

// A request of a client and the milliseconds that it took of an origin.
struct Request {
  std::uint64_t client;
  std::uint32_t ms;
};
using Requests = std::vector<Request>;

// As in a meter: 2,048 clients with nine counters each, of which the weight alone is compared.
class Ours {
 public:
  void add(const Request& request) { table_.add(request.client, request.ms); }
  double estimate(std::uint64_t client) const {  // at least
    const auto* const entry = table_.find(client);
    return entry == nullptr ? 0 : static_cast<double>(entry->sure());
  }
  std::size_t bytes() const { return table_.bytes(); }

 private:
  SpaceSaving<std::uint64_t, Usage> table_{2048, secret};
};

// Count-Min (Cormode and Muthukrishnan, 2005) of four rows, with conservative update (Estan and Varghese, 2002). Each
// of the nine counters needs its own cells.
class CountMin {
 public:
  void add(const Request& request) {
    const auto places = places_of(request.client);
    const double most = estimate(request.client) + request.ms;
    for (std::size_t row = 0; row < rows; ++row) cells_[row][places[row]] = std::max(cells_[row][places[row]], most);
  }
  double estimate(std::uint64_t client) const {
    const auto places = places_of(client);
    double least = cells_[0][places[0]];
    for (std::size_t row = 1; row < rows; ++row) least = std::min(least, cells_[row][places[row]]);
    return least;
  }
  std::size_t bytes() const { return rows * columns * sizeof(Usage); }

 private:
  static constexpr std::size_t rows = 4;
  static constexpr std::size_t columns = 2048;

  static std::array<std::size_t, rows> places_of(std::uint64_t client) {
    const std::uint64_t hash = siphash(secret, client);
    std::array<std::size_t, rows> places;
    for (std::size_t row = 0; row < rows; ++row) places[row] = (hash >> (16 * row)) % columns;
    return places;
  }

  std::array<std::vector<double>, rows> cells_{std::vector<double>(columns), std::vector<double>(columns),
                                               std::vector<double>(columns), std::vector<double>(columns)};
};

// HeavyKeeper (Gong et al., 2018) of two arrays: a bucket is its first comer's; each millisecond of another's takes one
// from it with the probability 1.08^-count, and at zero it changes hands.
class HeavyKeeper {
 public:
  HeavyKeeper() {
    for (std::size_t count = 0; count < chance_.size(); ++count) {
      chance_[count] = std::pow(1.08, -static_cast<double>(count));
    }
  }
  void add(const Request& request) {
    for (const std::size_t place : places_of(request.client)) add(buckets_[place], request);
  }
  double estimate(std::uint64_t client) const {
    std::uint64_t most = 0;
    for (const std::size_t place : places_of(client)) {
      if (buckets_[place].client == client) most = std::max(most, buckets_[place].count);
    }
    return static_cast<double>(most);
  }
  std::size_t bytes() const { return buckets_.size() * (sizeof(Bucket) + sizeof(Usage)); }

 private:
  static constexpr std::size_t columns = 3072;

  struct Bucket {
    std::uint64_t client = 0;
    std::uint64_t count = 0;
  };

  static std::array<std::size_t, 2> places_of(std::uint64_t client) {
    const std::uint64_t hash = siphash(secret, client);
    return {(hash & UINT32_MAX) % columns, columns + (hash >> 32) % columns};
  }

  void add(Bucket& bucket, const Request& request) {
    for (std::uint32_t i = 0; i < request.ms; ++i) {
      if (bucket.count == 0) bucket.client = request.client;
      if (bucket.client == request.client) {
        ++bucket.count;
      } else if (random_.unit() < chance_[std::min(bucket.count, chance_.size() - 1)]) {
        --bucket.count;
      }
    }
  }

  std::array<double, 512> chance_;
  FastRandom random_{1};
  std::vector<Bucket> buckets_ = std::vector<Bucket>(2 * columns);
};

// Of those whose true share is over a 400th and what a table of 2,048 may not see, how many are not found to be; and of
// those under half of a 400th, how many are taken to be over.
struct Verdict {
  int heavy = 0;
  int missed = 0;
  int framed = 0;
};

struct Verdicts {
  Verdict ours, count_min, heavy_keeper;
};

Verdicts judge(const Requests& stream) {
  Ours ours;
  CountMin count_min;
  HeavyKeeper heavy_keeper;
  std::unordered_map<std::uint64_t, double> truth;
  double all = 0;
  for (const Request& request : stream) {
    ours.add(request);
    count_min.add(request);
    heavy_keeper.add(request);
    truth[request.client] += request.ms;
    all += request.ms;
  }
  const double threshold = all / 400;
  const auto count = [&](Verdict& verdict, double weight, double told) {
    const bool is_heavy = weight >= threshold + all / 2048;
    verdict.heavy += is_heavy ? 1 : 0;
    verdict.missed += is_heavy && told < threshold ? 1 : 0;
    verdict.framed += weight < threshold / 2 && told >= threshold ? 1 : 0;
  };
  Verdicts verdicts;
  for (const auto& [client, weight] : truth) {
    count(verdicts.ours, weight, ours.estimate(client));
    count(verdicts.count_min, weight, count_min.estimate(client));
    count(verdicts.heavy_keeper, weight, heavy_keeper.estimate(client));
  }
  return verdicts;
}

void append(Requests& stream, std::uint64_t first_client, std::uint64_t clients, int times, std::uint32_t ms) {
  for (int i = 0; i < times; ++i) {
    for (std::uint64_t client = 0; client < clients; ++client) stream.push_back({first_client + client, ms});
  }
}

TEST(SketchComparisonTest, HaveAboutAsMuchMemory) {
  EXPECT_LE(Ours().bytes(), CountMin().bytes());
  EXPECT_LE(Ours().bytes(), HeavyKeeper().bytes());
}

TEST(SketchComparisonTest, AllFindTheHeavyOfASkewedStream) {
  // Given a hundred thousand clients of whom the n-th comes 1/n as often as the first
  std::vector<double> chances;
  double sum = 0;
  for (int rank = 1; rank <= 100'000; ++rank) chances.push_back(sum += 1.0 / rank);
  FastRandom random(7);
  Requests stream;
  for (int i = 0; i < 100'000; ++i) {
    const auto found = std::lower_bound(chances.begin(), chances.end(), random.unit() * sum);
    stream.push_back(
        {static_cast<std::uint64_t>(found - chances.begin()), static_cast<std::uint32_t>(random.below(80))});
  }
  const Verdicts verdicts = judge(stream);
  EXPECT_GT(verdicts.ours.heavy, 20);
  for (const Verdict& verdict : {verdicts.ours, verdicts.count_min, verdicts.heavy_keeper}) {
    EXPECT_EQ(verdict.missed, 0);
    EXPECT_EQ(verdict.framed, 0);
  }
}

TEST(SketchComparisonTest, AFloodOfOnceSeenHidesNobody) {
  FastRandom random(7);
  Requests stream;
  append(stream, 1'000, 50, 500, 20);
  append(stream, 100'000, 100'000, 1, 20);
  shuffle(stream, random);
  const Verdicts verdicts = judge(stream);
  EXPECT_EQ(verdicts.ours.heavy, 50);
  EXPECT_EQ(verdicts.ours.missed, 0);
  EXPECT_EQ(verdicts.ours.framed, 0);
}

// A customer who shares a cell with an attacker in each row has the least of their counts.
TEST(SketchComparisonTest, CountMinFramesCustomersBesideManyAttackers) {
  FastRandom random(7);
  Requests stream;
  append(stream, 1'000, 320, 250, 80);
  append(stream, 100'000, 10'000, 1, 20);
  shuffle(stream, random);
  const Verdicts verdicts = judge(stream);
  EXPECT_EQ(verdicts.ours.heavy, 320);
  EXPECT_EQ(verdicts.ours.missed, 0);
  EXPECT_EQ(verdicts.ours.framed, 0);
  EXPECT_GT(verdicts.count_min.framed, 0);
}

// Two costly requests each of many addresses take all buckets: who comes later takes one from a count of 160 ms with
// the probability 1.08^-160.
TEST(SketchComparisonTest, HeavyKeeperCanBeMadeToHideTheHeavy) {
  Requests stream;
  append(stream, 100'000, 20'000, 2, 80);
  append(stream, 1'000, 50, 200, 80);
  const Verdicts verdicts = judge(stream);
  EXPECT_EQ(verdicts.ours.heavy, 50);
  EXPECT_EQ(verdicts.ours.missed, 0);
  EXPECT_EQ(verdicts.ours.framed, 0);
  EXPECT_EQ(verdicts.heavy_keeper.missed, 50);
}

}  // namespace
}  // namespace tenfold::guard::measure_test
