#include "config/schema/section.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "config/text.hpp"

namespace tenfold::config {

const FieldInfo* SectionInfo::shorthand() const {
  const std::size_t at = shorthand_.empty() ? fields_.size() : index_of(shorthand_);
  return at == fields_.size() ? nullptr : &fields_[at];
}

std::vector<std::string_view> SectionInfo::keys() const {
  std::vector<std::string_view> keys;
  for (const FieldInfo& field : fields_) keys.push_back(field.key);
  return keys;
}

std::size_t SectionInfo::index_of(std::string_view key) const {
  return static_cast<std::size_t>(std::ranges::find(fields_, key, &FieldInfo::key) - fields_.begin());
}

void SectionInfo::declare(FieldInfo field, FieldReader reader) {
  fields_.push_back(std::move(field));
  readers_.push_back(std::move(reader));
}

bool SectionInfo::read_fields(const Node& node, Reader& reader, void* into) const {
  if (!reader.enter_value(node)) return false;
  if (shorthand() != nullptr && node.kind == Node::Kind::scalar) {
    readers_[index_of(shorthand_)](node, reader, into);
    return true;
  }
  if (node.kind != Node::Kind::map && node.kind != Node::Kind::null) {
    const std::string meant = key_of_word(node);
    reader.error(node, meant.empty()
                           ? fmt::format("found {}, expected {}", node.kind_text(), expected_text())
                           : fmt::format("found \"{0}\", expected a mapping; write {{ {1}: {0} }}", node.text, meant));
    return false;
  }
  const auto values = match(node, reader);
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    const FieldInfo& field = fields_[i];
    if (values[i] != nullptr) {
      const Reader::Step step(reader, std::string_view(field.key));
      readers_[i](*values[i], reader, into);
    } else if (field.required) {
      reader.error(node, fmt::format("\"{}\" is missing, expected {}", field.key, field.type->expected()));
    }
  }
  return true;
}

// "mode" for a bare `off`: the first key of which it is one of the words.
std::string SectionInfo::key_of_word(const Node& node) const {
  if (node.kind != Node::Kind::scalar) return {};
  for (const FieldInfo& field : fields_) {
    const Json schema = field.type->json_schema();
    const auto words = schema.find("oneOf");
    if (words == schema.end()) continue;
    const auto is_it = [&](const Json& word) { return word.contains("const") && word["const"] == node.text; };
    if (std::ranges::any_of(*words, is_it)) return field.key;
  }
  return {};
}

std::string SectionInfo::expected_text() const {
  const std::string keys_text = fmt::format("a mapping with the keys {}", joined(keys(), "and"));
  return shorthand() == nullptr ? keys_text : fmt::format("{}, or {}", shorthand()->type->expected(), keys_text);
}

Json SectionInfo::schema() const {
  if (shorthand() == nullptr) return object_schema();
  return {{"anyOf", {shorthand()->type->json_schema(), object_schema()}}};
}

std::vector<const Node*> SectionInfo::match(const Node& node, Reader& reader) const {
  std::vector<const Node*> values(fields_.size(), nullptr);
  std::vector<const Node*> first(fields_.size(), nullptr);
  for (const Node::Entry& entry : node.entries) {
    const std::string& key = entry.key->text;
    const std::size_t at = index_of(key);
    if (at == fields_.size()) {
      if (extensions_ == Extensions::allowed && key.starts_with("x-")) continue;
      const auto meant = nearest(key, keys());
      reader.error(*entry.key, meant.empty()
                                   ? fmt::format("unknown key \"{}\", expected {}", shortened(key), joined(keys()))
                                   : fmt::format("unknown key \"{}\"; did you mean \"{}\"?", shortened(key), meant));
      // What it holds is read as what was meant, so that its errors come out in the same run.
      if (!meant.empty() && node.find(meant) == nullptr) {
        values[index_of(meant)] = entry.value;
        first[index_of(meant)] = entry.key;
      }
    } else if (values[at] != nullptr) {
      reader.error(*entry.key,
                   fmt::format("\"{}\" is given twice; the first is in line {}", key, first[at]->mark.line));
    } else {
      values[at] = entry.value;
      first[at] = entry.key;
    }
  }
  return values;
}

Json SectionInfo::object_schema() const {
  Json properties = Json::object();
  Json required = Json::array();
  for (const FieldInfo& field : fields_) {
    Json property = field.type->json_schema();
    property["description"] = field.help;
    if (!field.default_value.is_null()) property["default"] = field.default_value;
    properties[field.key] = std::move(property);
    if (field.required) required.push_back(field.key);
  }
  Json schema{{"type", Json::array({"object", "null"})}, {"properties", std::move(properties)}};
  if (!required.empty()) schema["required"] = std::move(required), schema["type"] = "object";
  if (extensions_ == Extensions::allowed) schema["patternProperties"] = {{"^x-", Json::object()}};
  schema["additionalProperties"] = false;
  return schema;
}

}  // namespace tenfold::config
