#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/problem.hpp"

// YAML text as a tree that remembers where everything stands. All that yaml-cpp throws ends here.
namespace tenfold::config {

inline constexpr std::size_t max_file_bytes = 1 << 20;  // more is an error before it is parsed
inline constexpr int max_nesting = 32;                  // deeper is an error; shop.yaml itself needs 7

struct Mark {
  int line = 1;    // from 1
  int column = 1;  // from 1, in characters
};

struct Node {
  enum class Kind : unsigned char { null, scalar, list, map };
  struct Entry {
    const Node* key;  // always a scalar
    const Node* value;
  };

  Kind kind = Kind::null;
  bool quoted = false;  // "off" in quotes is text, never a word of the language
  Mark mark;            // where it begins; an empty value stands at its key
  std::string text;
  std::vector<const Node*> items;
  std::vector<Entry> entries;  // in the file's order; a key that is given twice is there twice

  // The value of the first entry with that key, or null.
  const Node* find(std::string_view key) const;
  // As find(), or this node itself: a place for a message about the key.
  const Node& at(std::string_view key) const;
  // That item of the list with the key; at(key) without such an item.
  const Node& item(std::string_view key, std::size_t index) const;
  // What it is, for messages: "text", "a list", "a mapping", "nothing".
  std::string_view kind_text() const;
};

// An alias is the very node that it refers to: a tree may be reached by many ways, and even from itself.
struct Document {
  std::deque<Node> nodes;
  const Node* root = nullptr;
};

// Nothing if the text is not one well-formed YAML document in UTF-8; the reasons are then in `problems`. Text without
// content is a document with an empty root. Merge keys (`<<`) are resolved.
std::optional<Document> parse_yaml(std::string_view text, const std::string& file, std::vector<Problem>& problems);

}  // namespace tenfold::config
