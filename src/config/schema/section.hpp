#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/schema/type.hpp"

// Sections are declared once, and from the declaration come the reading, the JSON Schema and the reference:
//
//   auto health = section<Health>("health", "How it is found out whether a server can serve.");
//   health->field("every", &Health::every, duration({.least = 100ms}), "Time between two checks of a server.");
//
// The default is what the struct's initialiser says; it is not typed a second time.
namespace tenfold::config {

// A key as the schema and the reference show it.
struct FieldInfo {
  std::string key;
  std::string help;
  std::string default_text = {};  // in words; empty: as default_value, if that is not null
  Json default_value;
  bool required = false;
  std::shared_ptr<const AnyType> type;
};

class SectionInfo {
 public:
  SectionInfo(std::string title, std::string help) : title_(std::move(title)), help_(std::move(help)) {}

  const std::string& title() const { return title_; }
  const std::string& help() const { return help_; }
  const std::vector<FieldInfo>& fields() const { return fields_; }
  // The key for which a bare value stands, as in `servers: [127.0.0.1:9001]`; null if there is none.
  const FieldInfo* shorthand() const;
  std::vector<std::string_view> keys() const;
  Json object_schema() const;

 protected:
  // The section's own type is erased here, so that reading is compiled once and not for each section.
  using FieldReader = std::function<void(const Node&, Reader&, void* into)>;

  void declare(FieldInfo field, FieldReader reader);
  // All of it but the checks; false if the node is nothing that has keys.
  bool read_fields(const Node& node, Reader& reader, void* into) const;

  std::string expected_text() const;
  Json schema() const;

  std::string title_;
  std::string help_;
  std::vector<FieldInfo> fields_;
  std::string shorthand_;
  enum class Extensions : unsigned char { refused, allowed } extensions_ = Extensions::refused;

 private:
  // What the keys of a mapping are in it: for each field its value or null. Unknown and repeated keys are errors.
  std::vector<const Node*> match(const Node& node, Reader& reader) const;
  std::size_t index_of(std::string_view key) const;
  std::string key_of_word(const Node& node) const;

  std::vector<FieldReader> readers_;  // one for each field
};

enum class Need : unsigned char { optional, required };

template <class T>
class Section final : public Type<T>, public SectionInfo {
 public:
  using SectionInfo::SectionInfo;

  // `member` is a pointer to a member, or a function from T& to M&.
  template <class Member, class M>
  Section& field(std::string key, Member member, std::shared_ptr<M> type, std::string help,
                 Need need = Need::optional) {
    T defaults{};
    declare({.key = std::move(key),
             .help = std::move(help),
             .default_value = need == Need::required ? Json() : type->written(std::invoke(member, defaults)),
             .required = need == Need::required,
             .type = type},
            [member, type](const Node& node, Reader& reader, void* into) {
              type->read(node, reader, std::invoke(member, *static_cast<T*>(into)));
            });
    return *this;
  }

  // What follows when the field declared last is left out, in words.
  Section& otherwise(std::string words) {
    fields_.back().default_text = std::move(words);
    return *this;
  }

  // A bare value is taken as this field's.
  Section& shorthand_for(std::string key) {
    shorthand_ = std::move(key);
    return *this;
  }

  // Keys that begin with "x-" are left alone: a place for anchors.
  Section& allow_extensions() {
    extensions_ = Extensions::allowed;
    return *this;
  }

  // Looks at the section as a whole, after its fields, also when some of them were wrong and hold their defaults.
  Section& check(std::function<void(T&, const Node&, Reader&)> look) {
    checks_.push_back(std::move(look));
    return *this;
  }

  void read(const Node& node, Reader& reader, T& into) const override {
    if (!read_fields(node, reader, &into)) return;
    for (const auto& look : checks_) look(into, node, reader);
  }

  std::string expected() const override { return expected_text(); }
  Json json_schema() const override { return schema(); }
  Json written(const T&) const override { return nullptr; }
  const SectionInfo* section() const override { return this; }

 private:
  std::vector<std::function<void(T&, const Node&, Reader&)>> checks_;
};

template <class T>
std::shared_ptr<Section<T>> section(std::string title, std::string help) {
  return std::make_shared<Section<T>>(std::move(title), std::move(help));
}

}  // namespace tenfold::config
