#include "config/reference.hpp"

#include <fmt/format.h>

#include <functional>

#include "config/schema/section.hpp"
#include "config/sections.hpp"

namespace tenfold::config {
namespace {

struct ListedKey {
  std::string way;
  const SectionInfo* section;
};

// Visits the section and all below it, each before those below, in the order of their declaration.
void walk(const ListedKey& place, const std::function<void(const ListedKey&)>& visit) {
  visit(place);
  for (const FieldInfo& field : place.section->fields()) {
    if (field.type->section() == nullptr) continue;
    const std::string way =
        fmt::format("{}{}{}{}", place.way, place.way.empty() ? "" : ".", field.key, field.type->way_on());
    walk({way, field.type->section()}, visit);
  }
}

std::string in_cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

std::string default_cell(const FieldInfo& field) {
  if (field.required) return "**required**";
  if (!field.default_text.empty()) return in_cell(field.default_text);
  const Json& value = field.default_value;
  if (value.is_null()) return field.type->section() != nullptr ? "see below" : "";
  if (value.is_array() && value.empty()) return "none";
  return fmt::format("`{}`", value.is_string() ? value.get<std::string>() : value.dump());
}

std::string type_cell(const FieldInfo& field) {
  if (field.type->section() == nullptr) return in_cell(field.type->expected());
  const std::string_view kind = field.type->way_on().empty() ? "a mapping" : "a list of mappings";
  const std::string word = field.default_value.is_string() ? ", or `on` or `off`" : "";
  return fmt::format("{}{}, see below", kind, word);
}

// What the words of a choice mean.
std::string choices(const FieldInfo& field) {
  const Json schema = field.type->json_schema();
  if (!schema.contains("oneOf")) return {};
  std::string out;
  for (const Json& word : schema["oneOf"]) {
    if (!word.contains("const") || !word.contains("description")) return {};
    const Json& value = word["const"];
    out +=
        fmt::format("{}`{}`: {}", out.empty() ? " " : "; ", value.is_string() ? value.get<std::string>() : value.dump(),
                    word["description"].get<std::string>());
  }
  return out + ".";
}

void write_section(std::string& out, const ListedKey& place) {
  out += place.way.empty() ? "## The file\n\n" : fmt::format("## `{}`\n\n", place.way);
  out += place.section->help() + "\n";
  if (const FieldInfo* shorthand = place.section->shorthand()) {
    out += fmt::format("\nA bare value stands for `{}`.\n", shorthand->key);
  }
  out += "\n| key | is | default | what it does |\n| --- | --- | --- | --- |\n";
  for (const FieldInfo& field : place.section->fields()) {
    out += fmt::format("| `{}` | {} | {} | {} |\n", field.key, type_cell(field), default_cell(field),
                       in_cell(field.help + choices(field)));
  }
  out += "\n";
}

constexpr std::string_view introduction = R"(# Configuration

<!-- Made by `tenfold check --reference`; do not edit. -->

Tenfold reads one YAML file, `shop.yaml`. A complete one with comments is [examples/shop.yaml](../examples/shop.yaml).
`tenfold check -c shop.yaml` says everything that is wrong with a file, each with its line and column. For completion
and checks in an editor, put this line first (it works with every editor that uses yaml-language-server):

```yaml
# yaml-language-server: $schema=https://raw.githubusercontent.com/tenfold/tenfold/main/docs/shop.schema.json
```

or name the file that `tenfold check --schema > shop.schema.json` writes.

What changes on SIGHUP: everything but the keys that say "fixed at start". A file with errors is refused, and the old
configuration goes on.

| kind of value | written | notes |
| --- | --- | --- |
| duration | `250ms` `2s` `10m` `1h` `7d` | a number alone is an error |
| size | `512B` `64KiB` `256MiB` `1GiB` | powers of 1024; `0` needs no unit |
| rate | `10/s` `30/m` `5/h` | |
| share | `20%` | |
| path of a file | `tls/shop.pem` | relative to the folder of the configuration |
| request | `/cart*` `POST /checkout` | `*` is any run of characters; the query does not count |
| secret | text, `{ file: path }`, `{ env: NAME }` | never printed |

[forwarding.md](forwarding.md) says which fields of a request reach the origins, and how paths are compared with patterns.

Bounds: a file has at most 1 MiB, 32 levels of nesting and 256 keys in a mapping.

)";

}  // namespace

std::string json_schema_text() {
  Json schema{{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", "Tenfold's shop.yaml"}};
  const auto file = whole_file();
  schema["description"] = file->help();
  schema.update(file->json_schema());
  return schema.dump(1);
}

std::string reference_text() {
  std::string out(introduction);
  const auto file = whole_file();
  walk({"", file.get()}, [&](const ListedKey& place) { write_section(out, place); });
  while (out.ends_with('\n')) out.pop_back();
  return out;
}

std::vector<std::string> all_keys() {
  std::vector<std::string> out;
  const auto file = whole_file();
  walk({"", file.get()}, [&](const ListedKey& place) {
    for (const FieldInfo& field : place.section->fields()) {
      out.push_back(fmt::format("{}{}{}", place.way, place.way.empty() ? "" : ".", field.key));
    }
  });
  return out;
}

}  // namespace tenfold::config
