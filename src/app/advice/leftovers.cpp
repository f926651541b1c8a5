#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/advice/advice.hpp"
#include "config/text.hpp"
#include "oncall/people/oversights.hpp"

namespace tenfold::app {
namespace {

constexpr std::size_t most_leftovers = 30;

// Keys whose values are a page's words, or files: a name of examples in them means nothing.
constexpr std::array<std::string_view, 18> other_keys{"text",  "no_text", "matches", "body",  "equals",      "chain",
                                                      "key",   "file",    "path",    "paths", "authorities", "store",
                                                      "spool", "shop",    "name",    "is",    "pointer",     "help"};

bool is_in_host(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

// The first name of examples in a host, an address with a port, a URL or a mail address; empty: none.
std::string_view example_host_in(std::string_view text) {
  while (!text.empty()) {
    const auto begin = std::ranges::find_if(text, is_in_host);
    const auto end = std::find_if_not(begin, text.end(), is_in_host);
    const std::string_view word(begin, end);
    if (oncall::is_example_host(word)) return word;
    text = std::string_view(end, text.end());
  }
  return {};
}

// Walks all that the file says; an alias is looked at where it is first met.
class Leftovers {
 public:
  Leftovers(const std::vector<config::Problem>& said, Warnings& warnings) : warnings_(warnings) {
    for (const config::Problem& problem : said) said_.emplace(problem.line, problem.column);
  }

  void walk(const config::Node& node, const std::string& way, std::string_view key) {
    if (!seen_.insert(&node).second) return;
    for (std::size_t i = 0; i < node.items.size(); ++i) walk(*node.items[i], fmt::format("{}[{}]", way, i), key);
    for (const config::Node::Entry& entry : node.entries) {
      if (way.empty() && entry.key->text.starts_with("x-")) continue;
      walk(*entry.value, fmt::format("{}{}{}", way, way.empty() ? "" : ".", entry.key->text), entry.key->text);
    }
    if (node.kind == config::Node::Kind::scalar) judge(node, way, key);
  }
  // How many there were, past those that are told one by one.
  std::size_t untold() const { return found_ - std::min(found_, most_leftovers); }

 private:
  void judge(const config::Node& node, const std::string& way, std::string_view key) {
    if (oncall::is_placeholder(node.text)) {
      return add(node, way, fmt::format("\"{}\" stands where yours belongs", config::shortened(node.text)));
    }
    if (node.text.starts_with('+') && oncall::is_example_number(node.text)) {
      return add(node, way, fmt::format("{} is a number of examples: write your own", node.text));
    }
    if (std::ranges::find(other_keys, key) != other_keys.end()) return;
    const std::string_view host = example_host_in(node.text);
    if (!host.empty()) {
      add(node, way, fmt::format("{} is a name of examples: write your own", config::shortened(host)));
    }
  }

  void add(const config::Node& node, const std::string& way, const std::string& what) {
    if (said_.contains({node.mark.line, node.mark.column})) return;
    if (++found_ <= most_leftovers) warnings_.add(node, fmt::format("{}: {}", way, what));
  }

  Warnings& warnings_;
  std::set<std::pair<int, int>> said_;  // line and column of what the file's reader has said something about
  std::set<const config::Node*> seen_;
  std::size_t found_ = 0;
};

}  // namespace

void advise_leftovers(const config::Node& root, const std::vector<config::Problem>& said, Warnings& warnings) {
  Leftovers leftovers(said, warnings);
  leftovers.walk(root, "", "");
  if (leftovers.untold() > 0) {
    warnings.add(
        root, fmt::format("and {} more value{} of examples", leftovers.untold(), leftovers.untold() == 1 ? "" : "s"));
  }
}

}  // namespace tenfold::app
