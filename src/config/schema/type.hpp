#pragma once

#include <nlohmann/json.hpp>

#include <memory>
#include <string>
#include <string_view>

#include "config/schema/reader.hpp"
#include "config/yaml.hpp"

namespace tenfold::config {

// Keeps keys in the order of their declaration, so that the schema reads like the file.
using Json = nlohmann::ordered_json;

class SectionInfo;

// What is known of a type without the C++ type behind it: enough for the JSON Schema and the reference.
class AnyType {
 public:
  AnyType() = default;
  AnyType(const AnyType&) = delete;
  AnyType& operator=(const AnyType&) = delete;
  virtual ~AnyType() = default;

  // In words that follow "expected": "a duration such as 250ms, 2s, 10m".
  virtual std::string expected() const = 0;
  // JSON Schema, draft 2020-12.
  virtual Json json_schema() const = 0;
  // The section whose keys this type takes, itself or in each of its items; null if it takes none.
  virtual const SectionInfo* section() const { return nullptr; }
  // How the way to such a value goes on: "[]" into a list's items.
  virtual std::string_view way_on() const { return {}; }
};

// How a value of T is written in the file.
template <class T>
class Type : public AnyType {
 public:
  using Value = T;

  // Reads the value onto `into`, which holds the default. All that is wrong goes to the reader, and then `into` is
  // unspecified but valid.
  virtual void read(const Node& node, Reader& reader, T& into) const = 0;
  // As it would stand in the file; for defaults. Null: has none worth showing.
  virtual Json written(const T& value) const = 0;
};

template <class T>
using TypeOf = std::shared_ptr<const Type<T>>;

}  // namespace tenfold::config
