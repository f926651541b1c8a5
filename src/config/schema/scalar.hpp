#pragma once

#include <fmt/format.h>

#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "config/schema/type.hpp"
#include "config/text.hpp"
#include "config/units.hpp"

// What the types of single values are made of; used by their definitions only.
namespace tenfold::config {

inline std::string in_quotes(std::string_view found) { return fmt::format("\"{}\"", shortened(found)); }

// A value that is one text in the file: parsed by a function, then checked against bounds.
template <class T>
class ScalarType final : public Type<T> {
 public:
  struct Rules {
    std::string expected;
    std::function<Parsed<T>(std::string_view)> parse;
    std::function<Json(const T&)> written;
    Json schema;
    // What is wrong with a value that parses; empty: nothing.
    std::function<std::string(const T&)> objection = nullptr;
    // Looks further, e.g. at the disk.
    std::function<void(const Node&, Reader&, T&)> settle = nullptr;
  };

  explicit ScalarType(Rules rules) : rules_(std::move(rules)) {}

  void read(const Node& node, Reader& reader, T& into) const override {
    if (node.kind != Node::Kind::scalar) {
      reader.error(node, fmt::format("found {}, expected {}", node.kind_text(), rules_.expected));
      return;
    }
    auto value = rules_.parse(node.text);
    if (!value) {
      refuse(node, reader, value.error());
      return;
    }
    if (rules_.objection) {
      if (const std::string objection = rules_.objection(*value); !objection.empty()) {
        reader.error(node, fmt::format("found {}, {}", in_quotes(node.text), objection));
        return;
      }
    }
    into = std::move(*value);
    if (rules_.settle) rules_.settle(node, reader, into);
  }

  std::string expected() const override { return rules_.expected; }
  Json json_schema() const override { return rules_.schema; }
  Json written(const T& value) const override { return rules_.written(value); }

 private:
  void refuse(const Node& node, Reader& reader, const Mismatch& mismatch) const {
    const bool show = mismatch.echo == Mismatch::Echo::show;
    reader.error(node, fmt::format("found {}{}{}, expected {}{}{}", show ? in_quotes(node.text) : "text",
                                   separator(mismatch.why), mismatch.why, rules_.expected,
                                   mismatch.hint.empty() ? "" : "; ", mismatch.hint));
  }

  static std::string_view separator(std::string_view why) {
    return why.empty() ? "" : why.starts_with("which") ? ", " : " ";
  }

  Rules rules_;
};

template <class T>
TypeOf<T> scalar(typename ScalarType<T>::Rules rules) {
  return std::make_shared<ScalarType<T>>(std::move(rules));
}

inline Json string_schema(std::string pattern) { return {{"type", "string"}, {"pattern", std::move(pattern)}}; }
inline Json written_text(const std::string& value) { return value.empty() ? Json() : Json(value); }

using TextParser = std::function<Parsed<std::string>(std::string_view)>;

inline TypeOf<std::string> checked_text(std::string expected, TextParser parse, Json schema) {
  return scalar<std::string>({.expected = std::move(expected),
                              .parse = std::move(parse),
                              .written = written_text,
                              .schema = std::move(schema)});
}

}  // namespace tenfold::config
