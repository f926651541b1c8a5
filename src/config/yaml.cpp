#include "config/yaml.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <array>
#include <exception>
#include <span>
#include <sstream>
#include <unordered_map>
#include <utility>

#include "config/text.hpp"

namespace tenfold::config {

const Node* Node::find(std::string_view key) const {
  for (const Entry& entry : entries) {
    if (entry.key->text == key) return entry.value;
  }
  return nullptr;
}

const Node& Node::at(std::string_view key) const {
  const Node* found = find(key);
  return found != nullptr ? *found : *this;
}

const Node& Node::item(std::string_view key, std::size_t index) const {
  const Node* list = find(key);
  return list != nullptr && index < list->items.size() ? *list->items[index] : at(key);
}

std::string_view Node::kind_text() const {
  switch (kind) {
    case Kind::null: return "nothing";
    case Kind::scalar: return "text";
    case Kind::list: return "a list";
    case Kind::map: return "a mapping";
  }
  return "";
}

namespace {

struct Refused {
  Mark mark;
  std::string message;
};

// Builds the tree from the parser's events. Throws Refused, which crosses yaml-cpp and ends in parse_yaml().
class Builder final : public YAML::EventHandler {
 public:
  Builder(const Lines& lines, Document& document) : lines_(lines), document_(document) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& at, YAML::anchor_t anchor) override {
    Node& node = make(Node::Kind::null, at, "", anchor);
    if (key_ != nullptr) node.mark = key_->mark;
    place(node);
  }

  void OnAlias(const YAML::Mark& at, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) throw Refused{mark(at), "this alias refers to no anchor above it"};
    if (document_.root == nullptr || open_.empty()) throw Refused{mark(at), "an alias cannot be the whole file"};
    if (open_.back().node->kind == Node::Kind::map && key_ == nullptr) {
      throw Refused{mark(at), "an alias cannot be a key"};
    }
    place(*found->second);
  }

  void OnScalar(const YAML::Mark& at, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Node& node = make(Node::Kind::scalar, at, tag, anchor);
    node.text = value;
    node.quoted = tag != "?";
    if (node.quoted && lines_.unclosed_quote(at.line, at.column)) {
      throw Refused{node.mark, "the quote that opens here is never closed"};
    }
    place(node);
  }

  void OnSequenceStart(const YAML::Mark& at, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(Node::Kind::list, at, tag, anchor);
  }
  void OnMapStart(const YAML::Mark& at, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(Node::Kind::map, at, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  static constexpr std::size_t max_keys = 256;       // in one mapping
  static constexpr std::size_t max_merged = 10'000;  // entries taken from other mappings, in all

  struct Open {
    Node* node;
    const Node* outer_key;
  };

  Mark mark(const YAML::Mark& at) const { return {at.line + 1, lines_.characters(at.line, at.column) + 1}; }

  Node& make(Node::Kind kind, const YAML::Mark& at, const std::string& tag, YAML::anchor_t anchor) {
    Node& node = document_.nodes.emplace_back();
    node.kind = kind;
    node.mark = mark(at);
    if (!tag.empty() && tag != "?" && tag != "!" && !tag.starts_with("tag:yaml.org,2002:")) {
      throw Refused{node.mark, fmt::format("the tag {} has no meaning here; remove it", shortened(tag))};
    }
    if (anchor != 0) anchors_[anchor] = &node;
    return node;
  }

  void open(Node::Kind kind, const YAML::Mark& at, const std::string& tag, YAML::anchor_t anchor) {
    if (open_.size() >= max_nesting) {
      throw Refused{mark(at), fmt::format("nested more than {} levels deep", max_nesting)};
    }
    Node& node = make(kind, at, tag, anchor);
    if (!open_.empty() && open_.back().node->kind == Node::Kind::map && key_ == nullptr) {
      throw Refused{node.mark, fmt::format("{} cannot be a key; a key is a plain word", node.kind_text())};
    }
    if (document_.root == nullptr) document_.root = &node;
    open_.push_back({&node, std::exchange(key_, nullptr)});
  }

  void close() {
    const Open done = open_.back();
    open_.pop_back();
    resolve_merges(*done.node);
    key_ = done.outer_key;
    if (!open_.empty()) place(*done.node);
  }

  void place(const Node& node) {
    if (open_.empty()) {
      if (document_.root == nullptr) document_.root = &node;
      return;
    }
    Node& in = *open_.back().node;
    if (in.kind == Node::Kind::list) {
      in.items.push_back(&node);
    } else if (key_ != nullptr) {
      if (in.entries.size() == max_keys) throw Refused{node.mark, fmt::format("more than {} keys", max_keys)};
      in.entries.push_back({std::exchange(key_, nullptr), &node});
    } else if (node.kind == Node::Kind::scalar) {
      key_ = &node;
    } else {
      throw Refused{node.mark, "this mapping has a value without a key"};
    }
  }

  // Puts the entries of `<<` mappings beside the map's own, which win. What an alias refers to was closed, and so
  // resolved, before; a mapping that is still open gives what it has so far.
  void resolve_merges(Node& map) {
    const Node* from = map.find("<<");
    if (from == nullptr) return;
    std::erase_if(map.entries, [](const Node::Entry& entry) { return entry.key->text == "<<"; });
    const auto add = [&](const Node& source) {
      if (source.kind != Node::Kind::map || &source == &map) {
        throw Refused{source.mark, "\"<<\" takes an alias of a mapping, or a list of such aliases"};
      }
      for (const Node::Entry& entry : source.entries) {
        if (entry.key->text == "<<" || map.find(entry.key->text) != nullptr) continue;
        if (++merged_ > max_merged) throw Refused{map.mark, "merges more than this file could need"};
        map.entries.push_back(entry);
      }
    };
    if (from->kind != Node::Kind::list) return add(*from);
    for (const Node* source : from->items) add(*source);
  }

  const Lines& lines_;
  Document& document_;
  std::vector<Open> open_;
  std::size_t merged_ = 0;
  const Node* key_ = nullptr;  // of the innermost mapping: read, and its value not yet
  std::unordered_map<YAML::anchor_t, const Node*> anchors_;
};

// yaml-cpp's words, and what they mean to somebody who edits a file.
struct Saying {
  std::string_view parser;
  std::string_view plain;
};
constexpr std::array<Saying, 15> sayings{{
    {"illegal map value",
     "a \": \" where none can be; check the indentation, and put text that holds \": \" in quotes"},
    {"illegal map key", "a key where none can be; check the indentation"},
    {"illegal block entry", "a \"- \" where none can be; check the indentation"},
    {"illegal tab when looking for indentation", "a tab in the indentation; YAML takes spaces only"},
    {"end of map not found", "this line fits no mapping above it; check the indentation"},
    {"end of sequence not found", "this line fits no list above it; check the indentation"},
    {"end of map flow not found", "a mapping that opens with { before this place is not closed; expected , or }"},
    {"end of sequence flow not found", "a list that opens with [ before this place is not closed; expected , or ]"},
    {"illegal flow end", "a closing bracket that nothing opens"},
    {"unknown token", "a character that cannot begin a value (@ ` %); put the value in quotes"},
    {"the referenced anchor is not defined", "this alias refers to no anchor above it"},
    {"alias not found after *", "a value that begins with * must be in quotes"},
    {"anchor not found after &", "a value that begins with & must be in quotes"},
    {"illegal EOF in scalar", "the quote that opens here is never closed"},
    {"bad file", "nested too deeply"},
}};

// yaml-cpp 0.8 adds to some what they are about: "the referenced anchor is not defined: nope".
std::string plain_words(const std::string& said) {
  for (const Saying& saying : sayings) {
    const bool begins = said.starts_with(saying.parser);
    if (begins && (said.size() == saying.parser.size() || said[saying.parser.size()] == ':')) {
      return std::string(saying.plain);
    }
  }
  return said;
}

}  // namespace

std::optional<Document> parse_yaml(std::string_view text, const std::string& file, std::vector<Problem>& problems) {
  const auto refuse = [&](Mark at, std::string message) {
    problems.push_back({Severity::error, file, at.line, at.column, std::move(message)});
    return std::nullopt;
  };
  if (text.size() > max_file_bytes) {
    return refuse({}, fmt::format("the file has {} bytes; at most 1MiB is read", text.size()));
  }
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  const Lines lines(text);
  if (const auto bad = lines.find_bad_text()) return refuse({bad->line, bad->column}, bad->message);

  Document document;
  Builder builder(lines, document);
  const auto place = [&](const YAML::Mark& at) {
    return at.is_null() ? Mark{} : Mark{at.line + 1, lines.characters(at.line, at.column) + 1};
  };
  try {
    std::istringstream in{std::string(text)};
    YAML::Parser parser(in);
    parser.HandleNextDocument(builder);
    Document second;
    Builder second_builder(lines, second);
    if (document.root != nullptr && parser.HandleNextDocument(second_builder) && second.root != nullptr) {
      return refuse(second.root->mark,
                    "this belongs to nothing above it, as a second document would; check the indentation");
    }
  } catch (const Refused& refused) {
    return refuse(refused.mark, refused.message);
  } catch (const YAML::Exception& error) {
    if (const auto tab = lines.tab_in_indentation(error.mark.line)) {
      return refuse({*tab + 1, 1}, "a tab in the indentation; YAML takes spaces only");
    }
    if (const auto six = lines.unquoted_ipv6(error.mark.line)) return refuse({six->line, six->column}, six->message);
    return refuse(place(error.mark), fmt::format("this is not YAML: {}", plain_words(error.msg)));
  } catch (const std::exception& error) {
    return refuse({}, fmt::format("this is not YAML: {}", error.what()));
  }
  if (document.root == nullptr) document.root = &document.nodes.emplace_back();
  return document;
}

}  // namespace tenfold::config
