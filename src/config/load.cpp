#include "config/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <system_error>
#include <tuple>

#include "config/schema/reader.hpp"
#include "config/sections.hpp"
#include "config/yaml.hpp"

namespace tenfold::config {
namespace {

Loaded failed(const std::string& file, std::string message) {
  Loaded loaded;
  loaded.problems.push_back({Severity::error, file, 1, 1, std::move(message)});
  return loaded;
}

std::string absolute_folder(const std::string& path) {
  std::error_code failure;
  const auto whole = std::filesystem::absolute(path, failure);
  return failure ? std::string(".") : whole.parent_path().string();
}

// A default path stands in the file's folder, like one that the file names.
void settle_defaults(Config& config, const Reader& reader) { config.fixed.store = reader.absolute(config.fixed.store); }

}  // namespace

Loaded load_text(std::string_view text, const std::string& name, const std::string& folder,
                 const Surroundings& surroundings) {
  Loaded loaded;
  auto document = parse_yaml(text, name, loaded.problems);
  if (!document) return loaded;
  if (document->root->kind == Node::Kind::null) {
    return failed(name, "the file is empty, expected at least \"shop\", \"listen\" and \"origins\"");
  }
  Reader reader(name, folder, surroundings, loaded.problems);
  // Declared once: making the declarations takes longer than reading a file by them.
  static const SectionOf<Config> file = whole_file();
  Config config;
  file->read(*document->root, reader, config);
  settle_defaults(config, reader);
  std::ranges::stable_sort(loaded.problems, [](const Problem& a, const Problem& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
  });
  if (!reader.has_errors()) loaded.config = std::move(config);
  loaded.document = std::make_shared<const Document>(std::move(*document));  // its nodes stay where they are
  return loaded;
}

Loaded load_file(const std::string& path, const Surroundings& surroundings) {
  std::error_code failure;
  const auto status = std::filesystem::status(path, failure);
  if (std::filesystem::is_directory(status)) return failed(path, "cannot be read: it is a folder");
  std::ifstream in(path, std::ios::binary);
  if (!in) return failed(path, fmt::format("cannot be read: {}", std::generic_category().message(errno)));
  // One byte past the bound, so that parse_yaml() sees that there is more.
  std::string text(max_file_bytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad()) return failed(path, "cannot be read to its end");
  text.resize(static_cast<std::size_t>(in.gcount()));
  return load_text(text, path, absolute_folder(path), surroundings);
}

}  // namespace tenfold::config
