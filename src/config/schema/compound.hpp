#pragma once

#include <fmt/format.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/schema/section.hpp"
#include "config/text.hpp"

// Types made of others: lists, what may be absent, what a word switches, what is kept as something else.
namespace tenfold::config {

struct ListBounds {
  std::size_t least = 0;
  std::size_t most = 1000;
};

// Items keep their places even when one is wrong, so that item n is item n of the file.
template <class T>
class ListType final : public Type<std::vector<T>> {
 public:
  ListType(TypeOf<T> item, ListBounds bounds) : item_(std::move(item)), bounds_(bounds) {}

  void read(const Node& node, Reader& reader, std::vector<T>& into) const override {
    if (!reader.enter_value(node)) return;
    if (node.kind != Node::Kind::list && node.kind != Node::Kind::null) {
      reader.error(node, fmt::format("found {}, expected {}; write [ ] around one item or \"- \" before it",
                                     node.kind_text(), expected()));
      return;
    }
    if (node.items.size() < bounds_.least) {
      reader.error(node, fmt::format("found an empty list, expected at least {}", bounds_.least));
    }
    if (node.items.size() > bounds_.most) {
      reader.error(node, fmt::format("found {} items, expected at most {}", node.items.size(), bounds_.most));
      return;
    }
    into.clear();
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      const Reader::Step step(reader, i);
      if (!reader.enter_value(*node.items[i])) return;
      item_->read(*node.items[i], reader, into.emplace_back());
    }
  }

  std::string expected() const override { return "a list, each item " + item_->expected(); }

  Json json_schema() const override {
    Json schema{{"type", bounds_.least == 0 ? Json::array({"array", "null"}) : Json("array")},
                {"items", item_->json_schema()},
                {"maxItems", bounds_.most}};
    if (bounds_.least > 0) schema["minItems"] = bounds_.least;
    return schema;
  }

  Json written(const std::vector<T>& values) const override {
    Json out = Json::array();
    for (const T& value : values) out.push_back(item_->written(value));
    return out;
  }

  const SectionInfo* section() const override { return item_->section(); }
  std::string_view way_on() const override { return "[]"; }

 private:
  TypeOf<T> item_;
  ListBounds bounds_;
};

template <class T>
std::shared_ptr<const ListType<typename T::Value>> list(std::shared_ptr<T> item, ListBounds bounds = {}) {
  return std::make_shared<ListType<typename T::Value>>(std::move(item), bounds);
}

// May be left out.
template <class T>
class OptionalType final : public Type<std::optional<T>> {
 public:
  explicit OptionalType(TypeOf<T> inner) : inner_(std::move(inner)) {}

  void read(const Node& node, Reader& reader, std::optional<T>& into) const override {
    inner_->read(node, reader, into.emplace());
  }
  std::string expected() const override { return inner_->expected(); }
  Json json_schema() const override { return inner_->json_schema(); }
  Json written(const std::optional<T>& value) const override { return value ? inner_->written(*value) : Json(); }
  const SectionInfo* section() const override { return inner_->section(); }

 private:
  TypeOf<T> inner_;
};

template <class T>
std::shared_ptr<const OptionalType<typename T::Value>> optional(std::shared_ptr<T> inner) {
  return std::make_shared<OptionalType<typename T::Value>>(std::move(inner));
}

// `off`, `on` (with every default), or a mapping.
template <class T>
class SwitchType final : public Type<std::optional<T>> {
 public:
  explicit SwitchType(TypeOf<T> inner) : inner_(std::move(inner)) {}

  void read(const Node& node, Reader& reader, std::optional<T>& into) const override {
    const bool word = node.kind == Node::Kind::scalar;
    if (word && (node.text == "off" || node.text == "false")) {
      into.reset();
    } else if (word && (node.text == "on" || node.text == "true")) {
      into.emplace();
    } else if (word) {
      reader.error(node, fmt::format("found \"{}\", expected {}", shortened(node.text), expected()));
    } else {
      inner_->read(node, reader, into.emplace());
    }
  }
  std::string expected() const override { return "on, off, or " + inner_->expected(); }
  Json json_schema() const override {
    return {{"anyOf", {{{"enum", {"on", "off", true, false}}}, inner_->json_schema()}}};
  }
  Json written(const std::optional<T>& value) const override { return value ? Json("on") : Json("off"); }
  const SectionInfo* section() const override { return inner_->section(); }

 private:
  TypeOf<T> inner_;
};

template <class T>
std::shared_ptr<const SwitchType<typename T::Value>> on_off_or(std::shared_ptr<T> inner) {
  return std::make_shared<SwitchType<typename T::Value>>(std::move(inner));
}

// Read as one thing and kept as another: "200-399" as two numbers, on and off as two words of an enum. `put` gets what
// `get` gave if nothing could be read.
template <class T, class V>
class KeptType final : public Type<T> {
 public:
  using Get = std::function<V(const T&)>;
  using Put = std::function<void(T&, const V&)>;

  KeptType(TypeOf<V> inner, Get get, Put put) : inner_(std::move(inner)), get_(std::move(get)), put_(std::move(put)) {}

  void read(const Node& node, Reader& reader, T& into) const override {
    V value = get_(into);
    inner_->read(node, reader, value);
    put_(into, value);
  }
  std::string expected() const override { return inner_->expected(); }
  Json json_schema() const override { return inner_->json_schema(); }
  Json written(const T& value) const override { return inner_->written(get_(value)); }

 private:
  TypeOf<V> inner_;
  Get get_;
  Put put_;
};

template <class T, class V>
TypeOf<T> kept(std::shared_ptr<const Type<V>> inner, typename KeptType<T, V>::Get get,
               typename KeptType<T, V>::Put put) {
  return std::make_shared<KeptType<T, V>>(std::move(inner), std::move(get), std::move(put));
}

}  // namespace tenfold::config
