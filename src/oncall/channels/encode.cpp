#include "oncall/channels/encode.hpp"

#include "base/text/percent.hpp"

namespace tenfold::oncall::channels {

std::string form_encoded(const Form& form) {
  std::string out;
  for (const auto& [name, value] : form) {
    if (!out.empty()) out += '&';
    out += percent_encoded(name);
    out += '=';
    out += percent_encoded(value);
  }
  return out;
}

std::optional<Form> form_decoded(std::string_view text, std::size_t most_fields) {
  Form form;
  while (!text.empty()) {
    const std::size_t end = text.find('&');
    const std::string_view field = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (field.empty()) continue;
    if (form.size() == most_fields) return std::nullopt;
    const std::size_t equals = field.find('=');
    auto name = percent_decoded(field.substr(0, equals), Plus::is_blank);
    auto value = percent_decoded(equals == std::string_view::npos ? std::string_view() : field.substr(equals + 1),
                                 Plus::is_blank);
    if (!name || !value) return std::nullopt;
    form.emplace_back(std::move(*name), std::move(*value));
  }
  return form;
}

std::string header_safe(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c > ' ' && c < 0x7f) {
      out += c;
    } else {
      append_percent(out, c);
    }
  }
  return out;
}

}  // namespace tenfold::oncall::channels
