#include "base/metrics.hpp"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

namespace tenfold {

void MetricsText::begin(std::string_view name, std::string_view help, std::string_view type) {
  if (family_ == name) return;
  family_ = name;
  fmt::format_to(std::back_inserter(text_), "# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

namespace {

void append_escaped(std::string& out, std::string_view value) {
  for (const char c : value) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
}

}  // namespace

void MetricsText::sample(std::string_view name, std::string_view suffix, Labels labels, std::string_view extra_label,
                         double value) {
  text_.append(name).append(suffix);
  if (labels.size() > 0 || !extra_label.empty()) {
    char separator = '{';
    for (const auto& [key, text] : labels) {
      text_ += separator;
      text_.append(key).append("=\"");
      append_escaped(text_, text);
      text_ += '"';
      separator = ',';
    }
    if (!extra_label.empty()) (text_ += separator).append(extra_label);
    text_ += '}';
  }
  fmt::format_to(std::back_inserter(text_), " {}\n", value);
}

void MetricsText::counter(std::string_view name, std::string_view help, double value, Labels labels) {
  begin(name, help, "counter");
  sample(name, "", labels, "", value);
}

void MetricsText::gauge(std::string_view name, std::string_view help, double value, Labels labels) {
  begin(name, help, "gauge");
  sample(name, "", labels, "", value);
}

void MetricsText::histogram_bucket(std::string_view name, std::string_view help, double upper_bound,
                                   std::uint64_t cumulative, Labels labels) {
  begin(name, help, "histogram");
  const std::string bound =
      std::isinf(upper_bound) ? std::string("le=\"+Inf\"") : fmt::format("le=\"{}\"", upper_bound);
  sample(name, "_bucket", labels, bound, static_cast<double>(cumulative));
}

void MetricsText::histogram_total(std::string_view name, double sum, std::uint64_t count, Labels labels) {
  sample(name, "_sum", labels, "", sum);
  sample(name, "_count", labels, "", static_cast<double>(count));
}

}  // namespace tenfold
