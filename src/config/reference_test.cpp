#include "config/reference.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <set>
#include <sstream>

#include "config/load.hpp"
#include "config/testing.hpp"

namespace tenfold::config {
namespace {

std::string read(const std::string& path) {
  std::ifstream in(std::string(TENFOLD_SOURCE_DIR) + "/" + path);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

TEST(Reference, IsCommittedAsItIs) {
  EXPECT_TRUE(read("docs/configuration.md") == reference_text() + "\n")
      << "do: tenfold check --reference > docs/configuration.md";
  EXPECT_TRUE(read("docs/shop.schema.json") == json_schema_text() + "\n")
      << "do: tenfold check --schema > docs/shop.schema.json";
}

TEST(Reference, NamesEveryKeyOnce) {
  const auto keys = all_keys();
  EXPECT_EQ(std::set(keys.begin(), keys.end()).size(), keys.size());
  EXPECT_GT(keys.size(), 100u);
  const std::string text = reference_text();
  for (const std::string& way : keys) {
    const std::size_t dot = way.rfind('.');
    const std::string heading = dot == std::string::npos ? "## The file\n" : "## `" + way.substr(0, dot) + "`\n";
    const std::size_t section = text.find(heading);
    ASSERT_NE(section, std::string::npos) << way;
    const std::string body = text.substr(section, text.find("\n## ", section) - section);
    EXPECT_THAT(body, ::testing::HasSubstr("| `" + way.substr(dot + 1) + "` |")) << way;
  }
}

// Every default that the schema states is one that the reader takes, and gives what leaving the key out gives.
TEST(JsonSchema, StatesDefaultsThatAreValid) {
  const auto schema = nlohmann::json::parse(json_schema_text());
  const testing::Folder folder;
  const std::string head = "shop: S\nlisten: [{ address: 127.0.0.1:80 }]\norigins: [{ name: a, servers: [b:1] }]\n";
  const auto plain = load_text(head, "f", folder.path(), testing::surroundings());
  ASSERT_TRUE(plain.ok());
  int defaults = 0;
  for (const auto& [section, property] : schema["properties"].items()) {
    const auto& inner = property.contains("anyOf") ? property["anyOf"].back() : property;
    if (!inner.contains("properties") || inner.contains("required")) continue;
    for (const auto& [key, field] : inner["properties"].items()) {
      if (!field.contains("default")) continue;
      const std::string line = section + ": { " + key + ": " + field["default"].dump() + " }\n";
      const auto loaded = load_text(head + line, "f", folder.path(), testing::surroundings());
      ASSERT_TRUE(loaded.ok()) << line << testing::all_text(loaded.problems);
      EXPECT_EQ(*loaded.config, *plain.config) << line;
      ++defaults;
    }
  }
  EXPECT_GT(defaults, 40);
}

TEST(Example, IsGoodAndNamesEverySection) {
  const std::string path = std::string(TENFOLD_SOURCE_DIR) + "/examples/shop.yaml";
  auto with = testing::surroundings();
  with.now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 23);
  const auto loaded = load_file(path, with);
  EXPECT_TRUE(loaded.ok()) << testing::all_text(loaded.problems);
  // The placeholder in its one secret is warned of.
  EXPECT_EQ(loaded.problems.size(), 1u);
  EXPECT_NE(testing::all_text(loaded.problems).find("sip.password: found the placeholder"), std::string::npos)
      << testing::all_text(loaded.problems);
  const std::string text = read("examples/shop.yaml");
  for (const std::string& way : all_keys()) {
    if (way.find('.') != std::string::npos) continue;
    EXPECT_THAT(text, ::testing::HasSubstr(way + ":"));
  }
}

}  // namespace
}  // namespace tenfold::config
