#include "cache/reply.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>

#include "cache/policy/conditions.hpp"
#include "cache/range/range.hpp"

namespace tenfold::cache {

namespace {

using http::Field;

std::string_view number_text(std::uint64_t number, Arena& arena) {
  char* const at = arena.allocate(20);
  return {at, static_cast<std::size_t>(std::to_chars(at, at + 20, number).ptr - at)};
}

// What a 304 carries (RFC 9110, 15.4.5): what the client needs to update its own copy.
bool belongs_to_304(const http::Header& header) {
  switch (header.field) {
    case Field::cache_control:
    case Field::cdn_cache_control:
    case Field::date:
    case Field::etag:
    case Field::expires:
    case Field::last_modified:
    case Field::vary: return true;
    default: return http::equals_ignoring_case(header.name, "content-location");
  }
}

bool describes_body(const http::Header& header) {
  return header.name.size() > 8 && http::equals_ignoring_case(header.name.substr(0, 8), "content-");
}

struct Wishes {
  std::optional<std::string_view> range;
  bool conditional = false;
};

Wishes wishes_of(const http::Headers& request) {
  Wishes wishes;
  for (const http::Header& header : request) {
    if (header.field == Field::if_none_match || header.field == Field::if_modified_since) wishes.conditional = true;
    if (header.field == Field::range && !wishes.range) wishes.range = header.value;
  }
  return wishes;
}

RangeWish range_wish(const Entry& entry, const http::RequestHead& request, const Wishes& wishes) {
  if (!wishes.range || entry.status() != 200 || request.method != http::Method::get) return {};
  if (!range_applies(request.headers, entry.validators())) return {};
  return parse_range(*wishes.range, entry.body().size());
}

void make_part(const RangeWish& wish, std::size_t size, Reply& reply, Arena& arena) {
  reply.head.status = 206;
  reply.body = reply.body.substr(wish.first, wish.last - wish.first + 1);
  reply.head.headers.add(Field::content_range,
                         arena.join("bytes ", number_text(wish.first, arena), "-", number_text(wish.last, arena), "/",
                                    number_text(size, arena)));
}

void make_unsatisfiable(std::size_t size, Reply& reply, Arena& arena) {
  reply.head.status = 416;
  reply.body = {};
  reply.head.headers.remove_if([](const http::Header& header) {
    return describes_body(header) || header.field == Field::etag || header.field == Field::last_modified ||
           header.field == Field::cache_control || header.field == Field::expires || header.field == Field::date;
  });
  reply.head.headers.add(Field::content_range, arena.join("bytes */", number_text(size, arena)));
}

}  // namespace

Reply reply_from(const Entry& entry, const http::RequestHead& request, Seconds age_s, const CacheStatus& status,
                 WallTime wall_now, Arena& arena) {
  Reply reply;
  http::Headers& headers = reply.head.headers;
  const Wishes wishes = wishes_of(request.headers);
  const bool is_304 =
      wishes.conditional && entry.status() == 200 &&
      not_modified(request.headers, entry.validators(), std::chrono::floor<std::chrono::seconds>(wall_now));
  reply.head.status = is_304 ? 304 : entry.status();
  for (const http::Header& field : entry.fields()) {
    if (!is_304 || belongs_to_304(field)) headers.add(field);
  }
  if (!is_304) {
    reply.body = entry.body();
    const RangeWish wish = range_wish(entry, request, wishes);
    if (wish.kind == RangeWish::Kind::part) make_part(wish, entry.body().size(), reply, arena);
    if (wish.kind == RangeWish::Kind::unsatisfiable) make_unsatisfiable(entry.body().size(), reply, arena);
    if (!http::has_no_body(http::Method::get, entry.status())) {
      headers.add(Field::content_length, number_text(reply.body.size(), arena));
    }
    if (request.method == http::Method::head) reply.body = {};
  }
  if (reply.head.status != 416)
    headers.add(Field::age, number_text(static_cast<std::uint64_t>(std::max<Seconds>(age_s, 0)), arena));
  headers.add(Field::cache_status, cache_status_value(status, arena));
  return reply;
}

}  // namespace tenfold::cache
