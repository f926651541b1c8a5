#include "rehearse/learn/segments.hpp"

#include <algorithm>
#include <array>

#include "base/text/hex.hpp"
#include "base/text/letters.hpp"
#include "rehearse/learn/privacy.hpp"

namespace tenfold::rehearse {
namespace {

constexpr std::array asset_endings = std::to_array<std::string_view>(
    {".css",  ".js",   ".mjs", ".map", ".png",  ".jpg",   ".jpeg",        ".gif", ".webp",
     ".avif", ".svg",  ".ico", ".bmp", ".woff", ".woff2", ".ttf",         ".otf", ".eot",
     ".mp4",  ".webm", ".mp3", ".ogg", ".json", ".wasm",  ".webmanifest", ".cur"});
constexpr std::array page_endings = std::to_array<std::string_view>(
    {".html", ".htm", ".php", ".asp", ".aspx", ".jsp", ".do", ".txt", ".xml", ".pdf", ".rss", ".zip", ".gz", ".csv"});
constexpr std::array asset_folders = std::to_array<std::string_view>(
    {"image",      "images", "img", "imgs",  "static", "assets", "asset", "thumb", "thumbs",  "thumbnail",
     "thumbnails", "css",    "js",  "fonts", "font",   "icons",  "dist",  "_next", "favicon", "bundles"});

bool hexadecimal(char c) { return hex_value(c) >= 0; }

template <std::size_t N>
bool among(std::string_view text, const std::array<std::string_view, N>& all) {
  return std::ranges::any_of(all, [&](std::string_view each) {
    return std::ranges::equal(text, each, [](char a, char b) { return to_lower(a) == b; });
  });
}

std::string_view extension_of(std::string_view segment) {
  const auto dot = segment.rfind('.');
  if (dot == std::string_view::npos || segment.size() - dot > 12) return {};
  const std::string_view extension = segment.substr(dot);
  return among(extension, asset_endings) || among(extension, page_endings) ? extension : std::string_view();
}

}  // namespace

Segment segment_of(std::string_view text) {
  Segment result;
  result.extension = extension_of(text);
  const std::string_view stem = text.substr(0, text.size() - result.extension.size());
  if (stem.empty()) return result;
  const auto digits = static_cast<std::size_t>(std::ranges::count_if(stem, is_digit));
  const auto hex = std::ranges::all_of(stem, [](char c) { return hexadecimal(c) || c == '-'; });
  // "31", "2019-01-26", "150x150"
  const auto number = is_digit(stem.front()) && std::ranges::all_of(stem, [](char c) {
                        return is_digit(c) || c == '-' || c == '_' || c == '.' || c == ',' || to_lower(c) == 'x';
                      });
  if (number || (hex && digits > 0 && stem.size() >= 8))
    result.kind = Segment::Kind::id;
  else if (stem.size() > 64 || looks_private(stem, Secrecy::path_and_query))
    result.kind = Segment::Kind::name;
  return result;
}

std::string name_of(std::string_view text, Segment segment) {
  if (segment.kind == Segment::Kind::word) return std::string(text);
  std::string name = segment.kind == Segment::Kind::id ? "{id}" : "{name}";
  return name.append(segment.extension);
}

void query_shape(std::string_view query, QueryShape& into) {
  into.text.assign(1, '?');
  into.values.clear();
  int names = 0;
  while (!query.empty() && names < 8) {
    const auto end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    const auto equals = pair.find('=');
    const std::string_view name = pair.substr(0, std::min(equals, pair.size()));
    const bool good = !name.empty() && name.size() <= 32 && equals != std::string_view::npos &&
                      std::ranges::count_if(name, is_digit) < 3 && std::ranges::all_of(name, [](char c) {
                        return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'z') || c == '_' || c == '-' ||
                               c == '.' || c == '[' || c == ']';
                      });
    if (!good) continue;
    if (names++ > 0) into.text += '&';
    into.text.append(name).append("={}");
    into.values.push_back(pair.substr(equals + 1));
  }
  if (names == 0) into.text += "{}";
}

Hint hint_of(std::string_view target) {
  const auto question = std::min(target.find('?'), target.size());
  const std::string_view path = target.substr(0, question);
  const std::string_view last = path.substr(path.rfind('/') + 1);
  if (const auto extension = extension_of(last); !extension.empty())
    return among(extension, asset_endings) ? Hint::file : Hint::page;
  std::string_view query = target.substr(question);
  while (!query.empty()) {  // "?name=tb-7504x-4.jpg&wh=200x200"
    query.remove_prefix(1);
    const auto end = std::min(query.find('&'), query.size());
    const auto extension = extension_of(query.substr(0, end));
    if (extension != ".json" && extension != ".js" && among(extension, asset_endings)) return Hint::file;
    query.remove_prefix(end);
  }
  std::string_view rest = path;
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const auto end = std::min(rest.find('/'), rest.size());
    if (among(rest.substr(0, end), asset_folders)) return Hint::folder;
    rest.remove_prefix(end);
  }
  return Hint::none;
}

}  // namespace tenfold::rehearse
