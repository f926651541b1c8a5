#include "cache/cache_status.hpp"

#include <charconv>
#include <cstring>

namespace tenfold::cache {

namespace {

std::string_view token(Forward forward) {
  switch (forward) {
    case Forward::none: return "";
    case Forward::bypass: return "bypass";
    case Forward::method: return "method";
    case Forward::uri_miss: return "uri-miss";
    case Forward::vary_miss: return "vary-miss";
    case Forward::miss: return "miss";
    case Forward::request: return "request";
    case Forward::stale: return "stale";
    case Forward::partial: return "partial";
  }
  return "";
}

// Everything but the detail fits: the longest parameters together are under 100 bytes.
constexpr std::size_t room_bytes = 128;

}  // namespace

std::string_view name(CacheWord word) {
  switch (word) {
    case CacheWord::none: return "-";
    case CacheWord::hit: return "HIT";
    case CacheWord::stale: return "STALE";
    case CacheWord::revalidated: return "REVALIDATED";
    case CacheWord::miss: return "MISS";
    case CacheWord::bypass: return "BYPASS";
  }
  return "-";
}

std::string_view cache_status_value(const CacheStatus& status, Arena& arena) {
  char* const start = arena.allocate(room_bytes + status.detail.size());
  char* at = start;
  const auto put = [&](std::string_view text) {
    if (!text.empty()) std::memcpy(at, text.data(), text.size());
    at += text.size();
  };
  const auto put_number = [&](std::int64_t number) { at = std::to_chars(at, at + 20, number).ptr; };
  put("Tenfold");
  if (status.forward == Forward::none) {
    put("; hit");
  } else {
    put("; fwd=");
    put(token(status.forward));
  }
  if (status.forward_status != 0) {
    put("; fwd-status=");
    put_number(status.forward_status);
  }
  if (status.ttl_s) {
    put("; ttl=");
    put_number(*status.ttl_s);
  }
  if (status.stored) put("; stored");
  if (status.collapsed) put("; collapsed");
  if (!status.detail.empty()) {
    put("; detail=");
    put(status.detail);
  }
  return {start, static_cast<std::size_t>(at - start)};
}

}  // namespace tenfold::cache
