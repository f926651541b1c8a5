#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rehearse/learn/distinct.hpp"
#include "rehearse/learn/segments.hpp"

namespace tenfold::rehearse {

// The shop's paths as a tree of segments, with the query's parameters as the last one. Where a node gets more children
// than a person would name, all further ones share a child "{name}"; which of the earlier ones join it is decided when
// names are given. Bounded: past most_nodes there are no new words.
class PathTree {
 public:
  static constexpr std::size_t most_nodes = 24'000;
  static constexpr std::uint32_t no_node = ~std::uint32_t{0};

  PathTree();
  // The node of a target; the same for targets that are alike.
  std::uint32_t node_of(std::string_view target);

  // What is known about a node when names are given.
  struct Fame {
    double requests = 0;
    FewVisitors<3> visitors;
    bool open_to_all = false;  // a crawler or a file for everyone: its words may be named though few asked for it
  };
  enum class Naming { final, provisional };  // provisional: words that may not be told are still there
  // The template's name for each node. `fame` by node, its own requests only.
  std::vector<std::string> names(std::vector<Fame> fame, Naming naming) const;
  std::size_t size() const { return nodes_.size(); }

  // Patterns for a target that is made up after a node's: "/search?q={word:3-9}".
  std::string made_up(std::uint32_t node, std::string_view name) const;
  // For a value of a query's node, by the number of its parameter: "{number:10-99}".
  std::string value_pattern(std::uint32_t node, std::size_t parameter) const;

 private:
  // How many digits the numbers seen in a place have.
  struct Values {
    int least = 99, most = 0;
    bool others = false;  // that are no numbers
    void add(std::string_view text);
    std::string pattern() const;  // "{number:10-999}", "{word:3-9}"
  };
  struct Node {
    std::uint32_t parent = no_node;
    std::uint16_t words = 0;  // children that are words
    std::uint16_t depth = 0;
    Segment::Kind kind = Segment::Kind::word;
    bool query = false;
    bool crowded = false;
    std::vector<Values> values;  // of an id: one; of a query: for each of its parameters
    std::string text;
  };
  struct Naming_;
  std::uint32_t child(std::uint32_t parent, std::string_view text, Segment segment);
  std::uint32_t child_named(std::uint32_t parent, std::string_view name, Segment::Kind kind);
  void name_below(const std::vector<std::uint32_t>& alike, const std::string& prefix, Naming_& naming) const;

  std::vector<Node> nodes_;
  absl::flat_hash_map<std::uint64_t, std::uint32_t> children_;  // by hash of the parent and the name
  QueryShape scratch_;
};

}  // namespace tenfold::rehearse
