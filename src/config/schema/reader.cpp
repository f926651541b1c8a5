#include "config/schema/reader.hpp"

#include <fmt/format.h>

#include <filesystem>

namespace tenfold::config {

std::string Reader::way() const {
  std::string out;
  for (const auto& step : way_) {
    if (const auto* key = std::get_if<std::string_view>(&step)) {
      out += fmt::format("{}{}", out.empty() ? "" : ".", *key);
    } else {
      out += fmt::format("[{}]", std::get<std::size_t>(step));
    }
  }
  return out;
}

void Reader::add(Severity severity, const Node& at, std::string_view message) {
  errors_ += severity == Severity::error ? 1 : 0;
  if (problems_.size() > max_problems) return;
  if (problems_.size() == max_problems) {
    problems_.push_back({Severity::error, file_, at.mark.line, at.mark.column, "and more; correct those above first"});
    return;
  }
  const std::string where = way();
  problems_.push_back({severity, file_, at.mark.line, at.mark.column,
                       where.empty() ? std::string(message) : fmt::format("{}: {}", where, message)});
}

bool Reader::enter_value(const Node& at) {
  if (++values_ < max_values) return true;
  if (values_ == max_values) {
    error(at, fmt::format("more than {} values; aliases of aliases make a file this large", max_values));
  }
  return false;
}

std::string Reader::absolute(const std::string& path) const {
  const std::filesystem::path given(path);
  return (given.is_absolute() ? given : std::filesystem::path(folder_) / given).lexically_normal().string();
}

}  // namespace tenfold::config
