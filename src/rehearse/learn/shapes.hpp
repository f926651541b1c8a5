#pragma once

#include <absl/container/flat_hash_map.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rehearse/learn/distinct.hpp"
#include "rehearse/learn/path_tree.hpp"
#include "rehearse/log/entry.hpp"

namespace tenfold::rehearse {

enum class Method : std::uint8_t { get, head, post, put, remove, options, patch, none };
Method method_of(std::string_view text);
std::string_view text_of(Method method);  // "DELETE"

enum class Kind : std::uint8_t { unsettled, page, asset };

// Requests that are alike as they are found while reading; several of them may come to one template in the end.
struct Shape {
  std::uint32_t node = 0;  // in the PathTree
  Method method = Method::get;
  Kind kind = Kind::unsettled;
  Hint hint = Hint::none;
  bool robots = false;   // "/robots.txt"
  bool crawled = false;  // asked for by a crawler
  FewVisitors<3> visitors;
  double requests = 0;
  double conditional = 0;
  double bytes = 0, bodies = 0;
  std::array<std::uint32_t, 33> sizes{};  // of 200 answers, by the number of bits that their bytes take
  // Evidence for what it is.
  double quick = 0;                              // requests with a referer, within 2 s of the visitor's last one
  double led_from = 0;                           // times that a visitor's referer became it
  std::vector<std::pair<int, double>> statuses;  // at most 12
  std::unique_ptr<DistinctSketch<8>> distinct = std::make_unique<DistinctSketch<8>>();
};

struct KnownRequest {
  std::uint32_t shape = 0;
  std::uint32_t requests = 0;
  FewVisitors<3> visitors;
  bool crawled = false;
  std::string target;
};

// Interns targets and the shapes they have. Bounded: past most_known targets the rarest are forgotten (their requests
// stay counted with their shape), past most_shapes all new ones are shape 0, "others".
class Shapes {
 public:
  static constexpr std::size_t most_known = 250'000;
  static constexpr std::size_t most_shapes = 16'000;

  struct Found {
    std::uint32_t shape = 0;
    std::uint64_t hash = 0;
  };
  static std::uint64_t hash_of(std::string_view target, Method method);
  Shapes();
  // Counts a request. `visitor` is a hash; crawler: the agent says that it is one.
  Found count(const Entry& entry, Method method, std::uint32_t visitor, bool crawler);
  // The shape of a target (GET) seen before; -1: none.
  std::int64_t find(std::uint64_t hash) const;

  // A request's kind, for good: what has been used once does not change.
  Kind kind(std::uint32_t shape);
  Shape& operator[](std::uint32_t shape) { return shapes_[shape]; }
  const std::vector<Shape>& all() const { return shapes_; }
  const absl::flat_hash_map<std::uint64_t, KnownRequest>& known() const { return known_; }
  const PathTree& paths() const { return paths_; }
  // By node; `kinds` settled.
  std::vector<PathTree::Fame> fame() const;
  double folded() const { return folded_; }
  bool forgot() const { return forgot_; }

 private:
  std::uint32_t shape_of(std::string_view target, Method method);
  void forget_rarest();
  void settle_all();

  PathTree paths_;
  std::vector<Shape> shapes_;
  absl::flat_hash_map<std::uint64_t, std::uint32_t> by_node_;  // node and method
  absl::flat_hash_map<std::uint64_t, KnownRequest> known_;
  double folded_ = 0;
  bool settled_ = false;
  bool forgot_ = false;
};

}  // namespace tenfold::rehearse
