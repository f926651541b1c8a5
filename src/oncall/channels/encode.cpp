#include "oncall/channels/encode.hpp"

#include <cstdint>

namespace tenfold::oncall::channels {
namespace {

constexpr std::string_view capital_digits = "0123456789ABCDEF";
constexpr std::string_view base64_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

int value_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> form_value(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = value_of(text[i + 1]);
    const int low = value_of(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

}  // namespace

std::string base64(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto at = [&](std::size_t j) -> std::uint32_t {
      return j < bytes.size() ? static_cast<unsigned char>(bytes[j]) : 0;
    };
    const std::uint32_t three = at(i) << 16 | at(i + 1) << 8 | at(i + 2);
    out += base64_alphabet[three >> 18];
    out += base64_alphabet[three >> 12 & 63];
    out += i + 1 < bytes.size() ? base64_alphabet[three >> 6 & 63] : '=';
    out += i + 2 < bytes.size() ? base64_alphabet[three & 63] : '=';
  }
  return out;
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += capital_digits[byte >> 4];
    out += capital_digits[byte & 15];
  }
  return out;
}

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
    auto name = form_value(field.substr(0, equals));
    auto value = form_value(equals == std::string_view::npos ? std::string_view() : field.substr(equals + 1));
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
      out += percent_encoded(std::string_view(&c, 1));
    }
  }
  return out;
}

}  // namespace tenfold::oncall::channels
