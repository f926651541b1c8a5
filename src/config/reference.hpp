#pragma once

#include <string>
#include <vector>

// What editors and people read about shop.yaml, made of the same declarations as the reader.
namespace tenfold::config {

// JSON Schema, draft 2020-12, indented; ends without a line end. Committed as docs/shop.schema.json.
std::string json_schema_text();

// Every key with its default, in Markdown; ends without a line end. Committed as docs/configuration.md.
std::string reference_text();

// The way to every key: "origins[].servers[].weight".
std::vector<std::string> all_keys();

}  // namespace tenfold::config
