#include "rehearse/learn/path_tree.hpp"

#include <absl/hash/hash.h>

#include <algorithm>
#include <map>

namespace tenfold::rehearse {
namespace {

constexpr int most_depth = 10;      // further segments are one
constexpr double big_share = 0.05;  // of its parent's requests: a word that keeps its name among too many

// More words than this under one node are values, not places.
std::size_t most_words(std::uint16_t depth) { return depth == 0 ? 100 : 24; }

bool plain_word(std::string_view text) {
  return !text.empty() && text.size() <= 24 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.';
  });
}

}  // namespace

PathTree::PathTree() { nodes_.emplace_back(); }

std::uint32_t PathTree::child_named(std::uint32_t parent, std::string_view name, Segment::Kind kind) {
  const std::uint64_t key = absl::HashOf(parent, name);
  if (const auto at = children_.find(key); at != children_.end()) return at->second;
  Node node;
  node.parent = parent;
  node.depth = static_cast<std::uint16_t>(nodes_[parent].depth + 1);
  node.kind = kind;
  node.query = name.starts_with('?');
  node.text = name;
  const auto index = static_cast<std::uint32_t>(nodes_.size());
  nodes_.push_back(std::move(node));
  children_.emplace(key, index);
  return index;
}

std::uint32_t PathTree::child(std::uint32_t parent, std::string_view text, Segment segment) {
  if (segment.kind == Segment::Kind::word) {
    if (const auto at = children_.find(absl::HashOf(parent, text)); at != children_.end()) return at->second;
    Node& above = nodes_[parent];
    if (above.words < most_words(above.depth) * 4 && nodes_.size() < most_nodes / 4 * 3) {
      ++above.words;
      return child_named(parent, text, segment.kind);
    }
    segment.kind = Segment::Kind::instead;
  }
  // Ids and common names need few nodes; when even those run out, the target is its parent.
  if (nodes_.size() >= most_nodes) return parent;
  return child_named(parent, text.starts_with('?') ? "?{}" : name_of(text, segment), segment.kind);
}

std::uint32_t PathTree::node_of(std::string_view target) {
  const auto question = std::min(target.find('?'), target.size());
  std::string_view path = target.substr(0, question);
  std::uint32_t node = 0;
  for (int depth = 0; !path.empty(); ++depth) {
    path.remove_prefix(1);  // "/"
    const auto end = depth == most_depth ? path.size() : std::min(path.find('/'), path.size());
    const std::string_view text = path.substr(0, end);
    const Segment segment = segment_of(text);
    node = child(node, text, segment);
    if (segment.kind == Segment::Kind::id) {
      if (nodes_[node].values.empty()) nodes_[node].values.resize(1);
      nodes_[node].values.front().add(text.substr(0, text.size() - segment.extension.size()));
    }
    path.remove_prefix(end);
  }
  if (question == target.size()) return node;
  query_shape(target.substr(question + 1), scratch_);
  node = child(node, scratch_.text, Segment{});
  if (nodes_[node].query && nodes_[node].text == scratch_.text) {
    nodes_[node].values.resize(scratch_.values.size());
    for (std::size_t i = 0; i < scratch_.values.size(); ++i) nodes_[node].values[i].add(scratch_.values[i]);
  }
  return node;
}

struct PathTree::Naming_ {
  std::vector<Fame> fame;  // with all below
  std::vector<std::vector<std::uint32_t>> below;
  std::vector<std::string> names;
  Naming naming = Naming::final;
};

std::vector<std::string> PathTree::names(std::vector<Fame> fame, Naming naming) const {
  Naming_ all{std::move(fame), {}, {}, naming};
  all.fame.resize(nodes_.size());
  all.below.resize(nodes_.size());
  all.names.resize(nodes_.size());
  for (std::size_t i = nodes_.size(); i-- > 1;) {  // children come after their parents
    Fame& above = all.fame[nodes_[i].parent];
    above.requests += all.fame[i].requests;
    above.visitors.add(all.fame[i].visitors);
    above.open_to_all |= all.fame[i].open_to_all;
    all.below[nodes_[i].parent].push_back(static_cast<std::uint32_t>(i));
  }
  name_below({0}, "", all);
  return std::move(all.names);
}

// Nodes that have become alike share their children, too.
void PathTree::name_below(const std::vector<std::uint32_t>& alike, const std::string& prefix, Naming_& all) const {
  std::map<std::string, std::vector<std::uint32_t>> groups;
  std::map<std::string, Fame> fame;
  double requests = 0;
  std::size_t words = 0, queries = 0;
  for (const auto node : alike) {
    all.names[node] = prefix.empty() ? "/" : prefix;
    for (const auto below : all.below[node]) {
      auto& group = groups[nodes_[below].text];
      if (group.empty() && nodes_[below].kind == Segment::Kind::word) ++(nodes_[below].query ? queries : words);
      group.push_back(below);
      Fame& sum = fame[nodes_[below].text];
      sum.requests += all.fame[below].requests;
      sum.visitors.add(all.fame[below].visitors);
      sum.open_to_all |= all.fame[below].open_to_all;
      requests += all.fame[below].requests;
    }
  }
  const std::uint16_t depth = nodes_[alike.front()].depth;
  std::map<std::string, std::vector<std::uint32_t>> named;
  for (auto& [text, group] : groups) {
    std::string name = text;
    const Node& node = nodes_[group.front()];
    if (node.kind == Segment::Kind::word) {
      const Fame& known = fame[text];
      const bool crowd = (node.query ? queries : words) > most_words(depth);
      const bool hidden = all.naming == Naming::final && !known.visitors.enough() && !known.open_to_all;
      const bool keeps = !hidden && (!crowd || (known.requests >= big_share * requests && plain_word(text)));
      if (!keeps && !text.empty() && !(node.query && text == "?{}"))
        name = node.query ? "?{}" : name_of(text, {Segment::Kind::name, segment_of(text).extension});
    }
    auto& into = named[name];
    into.insert(into.end(), group.begin(), group.end());
  }
  for (const auto& [name, group] : named)
    name_below(group, name.starts_with('?') ? (prefix.empty() ? "/" : prefix) + name : prefix + "/" + name, all);
}

void PathTree::Values::add(std::string_view text) {
  const bool number = !text.empty() && text.size() <= 9 && text.front() != '0' &&
                      std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  if (!number) {
    others = true;
    return;
  }
  least = std::min(least, static_cast<int>(text.size()));
  most = std::max(most, static_cast<int>(text.size()));
}

// The numbers' lengths only: the least and the greatest themselves may be somebody's.
std::string PathTree::Values::pattern() const {
  if (others || most == 0) return "{word:3-9}";
  return "{number:1" + std::string(static_cast<std::size_t>(least) - 1, '0') + "-" +
         std::string(static_cast<std::size_t>(most), '9') + "}";
}

std::string PathTree::value_pattern(std::uint32_t node, std::size_t parameter) const {
  const Node& query = nodes_[node];
  return query.query && parameter < query.values.size() ? query.values[parameter].pattern() : "{word:3-9}";
}

std::string PathTree::made_up(std::uint32_t node, std::string_view name) const {
  const std::uint32_t last_node = node;
  std::vector<const Node*> path;  // by depth, from the root's child
  for (; node != 0 && node != no_node; node = nodes_[node].parent) path.insert(path.begin(), &nodes_[node]);
  const auto question = std::min(name.find('?'), name.size());
  std::string result;
  std::size_t segment = 0, parameter = 0;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '/' && i < question) ++segment;
    const std::string_view rest = name.substr(i);
    if (rest.starts_with("{id}")) {
      const bool known = segment >= 1 && segment <= path.size() && !path[segment - 1]->values.empty();
      result += known && !path[segment - 1]->values.front().others ? path[segment - 1]->values.front().pattern()
                                                                   : std::string("{number:1000-99999}");
      i += 3;
    } else if (rest.starts_with("{name}")) {
      result += "{word:3-9}";
      i += 5;
    } else if (rest.starts_with("{}")) {
      result += value_pattern(last_node, parameter++);
      i += 1;
    } else {
      result += name[i];
    }
  }
  return result;
}

}  // namespace tenfold::rehearse
