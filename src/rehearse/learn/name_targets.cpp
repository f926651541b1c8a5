#include "rehearse/learn/name_targets.hpp"

#include <absl/container/flat_hash_map.h>
#include <absl/hash/hash.h>

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "rehearse/learn/privacy.hpp"

namespace tenfold::rehearse {
namespace {

constexpr std::size_t most_values = 500'000;  // that are told apart; those past them are made up
constexpr std::size_t most_borrowed = 200;    // paths of a neighbour's
constexpr std::size_t longest = 2'048;        // target that is named

std::string_view path_before_query(std::string_view target) { return target.substr(0, target.find('?')); }

// Whether a target may stand in the model's file.
bool may_be_named(const KnownRequest& known, const Shape& shape) {
  const bool file = shape.hint == Hint::file;
  const bool asset =
      file || (shape.kind == Kind::asset && shape.hint == Hint::folder && known.target.find('?') == std::string::npos);
  return known.target.size() <= longest && (asset || known.crawled || known.visitors.enough()) &&
         !looks_private(known.target, file ? Secrecy::query_only : Secrecy::path_and_query);
}

// What may be kept of targets that may not be named whole.
class Public {
 public:
  explicit Public(const Shapes& shapes) : shapes_(shapes) {
    for (const auto& [hash, known] : shapes.known()) {
      Fame& fame = paths_[path_before_query(known.target)];
      fame.visitors.add(known.visitors);
      fame.open_to_all |= known.crawled || shapes.all()[known.shape].hint == Hint::file;
      add_values(known);
    }
  }

  bool path(const KnownRequest& known) const {
    const std::string_view path = path_before_query(known.target);
    const bool file = shapes_.all()[known.shape].hint == Hint::file;
    const auto found = paths_.find(path);
    return path.size() <= longest && found != paths_.end() &&
           (found->second.open_to_all || found->second.visitors.enough()) &&
           !looks_private(path, file ? Secrecy::query_only : Secrecy::path_and_query);
  }
  // Its path with its query, values that may not be named made up. Empty: the path may not be named.
  std::string pattern(const KnownRequest& known) {
    const auto question = known.target.find('?');
    if (question == std::string::npos || !path(known)) return {};
    std::string text(path_before_query(known.target));
    query_shape(std::string_view(known.target).substr(question + 1), shape_);
    if (shape_.values.empty()) return text + "?{word:3-9}";
    std::size_t at = 0;
    for (const std::string_view value : shape_.values) {
      const std::size_t hole = shape_.text.find("{}", at);
      text += std::string_view(shape_.text).substr(at, hole - at);
      at = hole + 2;
      const auto number = static_cast<std::size_t>(&value - shape_.values.data());
      text += is_public(known, number, value) ? std::string(value)
                                              : shapes_.paths().value_pattern(shapes_.all()[known.shape].node, number);
    }
    return text;
  }

 private:
  struct Fame {
    FewVisitors<3> visitors;
    bool open_to_all = false;
  };
  static std::uint64_t key_of(const KnownRequest& known, std::size_t number, std::string_view value) {
    return absl::HashOf(known.shape, number, value);
  }
  void add_values(const KnownRequest& known) {
    const auto question = known.target.find('?');
    if (question == std::string::npos) return;
    query_shape(std::string_view(known.target).substr(question + 1), shape_);
    for (std::size_t i = 0; i < shape_.values.size() && values_.size() < most_values; ++i)
      values_[key_of(known, i, shape_.values[i])].add(known.visitors);
  }
  bool is_public(const KnownRequest& known, std::size_t number, std::string_view value) const {
    if (value.empty()) return true;
    const auto found = values_.find(key_of(known, number, value));
    return found != values_.end() && found->second.enough() && value.find_first_of("{}") == std::string_view::npos &&
           !looks_private("/?v=" + std::string(value), Secrecy::path_and_query);
  }

  const Shapes& shapes_;
  absl::flat_hash_map<std::string_view, Fame> paths_;          // texts are the known requests'
  absl::flat_hash_map<std::uint64_t, FewVisitors<3>> values_;  // by shape, parameter and value
  QueryShape shape_;
};

using Weights = std::map<std::string, double>;

std::vector<KnownTarget> most_popular(const Weights& weights, std::size_t most) {
  std::vector<KnownTarget> result;
  for (const auto& [target, weight] : weights) result.push_back({target, weight});
  std::ranges::stable_sort(result, std::greater(), &KnownTarget::weight);
  if (result.size() > most) result.resize(most);
  return result;
}

double sum_of(const std::vector<KnownTarget>& targets) {
  double sum = 0;
  for (const KnownTarget& each : targets) sum += each.weight;
  return sum;
}

constexpr std::size_t most_neighbours = 20'000;
// Where a path may be borrowed: a page is no picture, and what is asked for by HEAD alone is asked for by nobody's GET.
using Neighbourhood = std::pair<std::string, Template::Kind>;

// Whether a path is one of those that a template's path with holes stands for ("/product/{name}").
bool stands_for(std::string_view holes, std::string_view path) {
  while (!holes.empty() && !path.empty()) {
    const std::string_view wanted = holes.substr(0, holes.find('/', 1));
    const std::string_view found = path.substr(0, path.find('/', 1));
    if (wanted.find('{') == std::string_view::npos ? wanted != found : found.size() < 2) return false;
    holes.remove_prefix(wanted.size());
    path.remove_prefix(found.size());
  }
  return holes.empty() && path.empty();
}

// What no pattern of its own stands for yet. An invented path would not be found by the shop, and is a last resort;
// invented search words are as good as any.
void make_up_the_rest(Template& each, const PatternSource& source, const std::vector<KnownTarget>& neighbours,
                      const Shapes& shapes) {
  const double rest = each.rare_share * each.requests - sum_of(each.rare_like);
  if (rest <= 1e-9 * each.requests) return;
  const std::string& path = source.path;
  const std::string made_up = shapes.paths().made_up(source.node, path);
  const bool in_query_only = path.find("={}") != std::string::npos && path.find('{') > path.find('?');
  const auto add = [&](const std::string& pattern, double weight) {
    const auto same = std::ranges::find(each.rare_like, pattern, &KnownTarget::target);
    if (same != each.rare_like.end()) {
      same->weight += weight;
    } else {
      each.rare_like.push_back({pattern, weight});
    }
  };
  if (in_query_only) return add(made_up, rest);
  if (!each.targets.empty() || !each.rare_like.empty()) return;
  const std::string query = made_up.substr(std::min(made_up.find('?'), made_up.size()));
  std::vector<KnownTarget> borrowed;
  for (const KnownTarget& each : neighbours) {
    if (borrowed.size() < most_borrowed && stands_for(path_before_query(path), each.target)) borrowed.push_back(each);
  }
  if (borrowed.empty()) return add(made_up, rest);
  const double all = sum_of(borrowed);
  for (const KnownTarget& target : borrowed) add(target.target + query, rest * target.weight / all);
}

}  // namespace

namespace {

std::size_t bytes_of(const std::vector<KnownTarget>& targets) {
  constexpr std::size_t around_each = 64;  // of brackets, weight and indent
  std::size_t bytes = 0;
  for (const KnownTarget& target : targets) bytes += target.target.size() + around_each;
  return bytes;
}

// A model is read back only up to 64 MiB. The rarest targets go first, of each template by its half.
void keep_file_small(Templates& templates) {
  constexpr std::size_t most_bytes = 24u << 20;
  while (true) {
    std::size_t bytes = 0, most = 0;
    for (const auto& each : templates.all) {
      most = std::max({most, each.targets.size(), each.rare_like.size()});
      bytes += bytes_of(each.targets) + bytes_of(each.rare_like);
    }
    if (bytes <= most_bytes || most == 0) return;
    for (auto& each : templates.all) {
      each.targets.resize(std::min(each.targets.size(), most / 2));
      each.rare_like.resize(std::min(each.rare_like.size(), most / 2));
    }
  }
}

}  // namespace

void name_targets(Templates& templates, const std::vector<PatternSource>& sources, const Shapes& shapes,
                  const LearnOptions& options) {
  Public what(shapes);
  std::vector<Weights> patterns(templates.all.size());
  std::map<Neighbourhood, Weights> paths;  // known ones, under whatever query
  for (const auto& [hash, known] : shapes.known()) {
    const std::uint32_t index = templates.of_shape[known.shape];
    Template& into = templates.all[index];
    if (!shapes.forgot()) ++into.distinct_targets;
    const auto requests = static_cast<double>(known.requests);
    if (what.path(known)) paths[{into.method, into.kind}][std::string(path_before_query(known.target))] += requests;
    if (may_be_named(known, shapes.all()[known.shape])) {
      into.targets.push_back({known.target, requests});
    } else if (const std::string pattern = what.pattern(known); !pattern.empty()) {
      patterns[index][pattern] += requests;
    }
  }
  std::map<Neighbourhood, std::vector<KnownTarget>> neighbours;
  for (const auto& [where, weights] : paths) neighbours[where] = most_popular(weights, most_neighbours);
  for (std::size_t i = 0; i < templates.all.size(); ++i) {
    Template& each = templates.all[i];
    std::ranges::sort(each.targets, [](const KnownTarget& a, const KnownTarget& b) {
      return a.weight != b.weight ? a.weight > b.weight : a.target < b.target;
    });
    if (each.targets.size() > options.most_targets) each.targets.resize(options.most_targets);
    each.rare_like = most_popular(patterns[i], options.most_targets);
  }
  keep_file_small(templates);
  for (std::size_t i = 0; i < templates.all.size(); ++i) {
    Template& each = templates.all[i];
    each.rare_share = each.requests > 0 ? std::max(0.0, 1 - sum_of(each.targets) / each.requests) : 0;
    if (each.rare_share < 1e-9) each.rare_share = 0;
    make_up_the_rest(each, sources[i], neighbours[{each.method, each.kind}], shapes);
  }
}

}  // namespace tenfold::rehearse
