#include "guard/pages/request.hpp"

#include <algorithm>
#include <array>

#include "base/text/letters.hpp"
#include "base/text/percent.hpp"

namespace tenfold::guard {
namespace {

constexpr std::array<std::string_view, 6> shown = {"document", "iframe", "frame", "embed", "object", "fencedframe"};

// "https://shop.example/cart?x=1" -> "/cart?x=1", if it is of that authority; else empty.
std::string_view path_of(std::string_view url, std::string_view authority) {
  const std::size_t scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return {};
  url.remove_prefix(scheme_end + 3);
  const std::size_t path = url.find('/');
  if (path == std::string_view::npos || !http::equals_ignoring_case(url.substr(0, path), authority)) return {};
  return url.substr(path);
}

// What no form of a page can send.
bool sends_json(const http::Headers& request) {
  const auto type = request.find(http::Field::content_type);
  return type && http::is_json(trimmed(type->substr(0, type->find(';'))));
}

// What a page's service worker passes on for a navigation says that it is for nothing (Sec-Fetch-Dest: empty), in
// Chromium: the mode stays where the request is passed on as it is, and the fields that were with it where the worker
// makes one of its own of it.
bool is_of_a_service_worker(const http::Headers& request) {
  const std::string_view mode = request.find("sec-fetch-mode").value_or("");
  if (mode == "navigate") return true;
  return mode == "same-origin" &&
         request.find(http::Field::accept).value_or("").find("text/html") != std::string_view::npos;
}

bool may_stand(char c) {
  constexpr std::string_view never = "\"<>\\^`{|}#";
  return c > ' ' && c < '\x7f' && never.find(c) == std::string_view::npos;
}

}  // namespace

http::PageFormat page_format(const http::Headers& request) {
  const http::PageFormat preferred = http::preferred_format(request);
  if (preferred != http::PageFormat::html) return preferred;
  const auto with = request.find("x-requested-with");
  if (with && http::equals_ignoring_case(*with, "XMLHttpRequest")) return http::PageFormat::json;
  const auto destination = request.find("sec-fetch-dest");
  if (!destination && sends_json(request)) return http::PageFormat::json;
  if (!destination || std::ranges::find(shown, *destination) != shown.end()) return http::PageFormat::html;
  if (*destination != "empty") return http::PageFormat::text;
  return is_of_a_service_worker(request) ? http::PageFormat::html : http::PageFormat::json;
}

Asked asked(http::Method method) {
  return method == http::Method::get || method == http::Method::head ? Asked::page : Asked::form;
}

std::string way_back(const http::RequestHead& request) {
  if (asked(request.method) == Asked::form) {
    const auto referer = request.headers.find(http::Field::referer);
    const std::string_view before = referer ? path_of(*referer, request.authority) : std::string_view();
    if (!before.empty()) return local_path(before);
  }
  return local_path(request.target);
}

std::string local_path(std::string_view target) {
  target = target.substr(0, target.find('#'));
  if (!target.starts_with('/') || target.starts_with("//") || target.starts_with("/\\")) return "/";
  if (target.starts_with("/.tenfold/")) return "/";  // where nothing can be seen
  std::string path;
  for (const char c : target) {
    if (may_stand(c)) {
      path += c;
    } else {
      append_percent(path, c);
    }
  }
  if (path.size() > longest_way_back) path.resize(std::min(path.find('?'), path.size()));
  return path.size() > longest_way_back ? "/" : path;
}

}  // namespace tenfold::guard
