// Cache-Control, CDN-Cache-Control, Expires and Vary of any content: no crash, and what comes out keeps its bounds.
#include <cstdint>
#include <string_view>

#include "base/result.hpp"
#include "cache/key/vary.hpp"
#include "cache/policy/storing.hpp"
#include "http/date.hpp"

using namespace tenfold;
using namespace tenfold::cache;

namespace {

std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

void check_date(std::string_view text, http::HttpDate now) {
  const auto moment = http::parse_date(text, now);
  if (!moment) return;
  const auto again = http::format_date(*moment);
  TENFOLD_ASSERT(http::parse_date({again.data(), again.size()}, now) == moment);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const ManualClock clock;
  http::RequestHead request;
  http::ResponseHead response;
  request.headers.add(http::Field::cache_control, take_line(text));
  response.headers.add(http::Field::cache_control, take_line(text));
  for (const http::Field field : {http::Field::cdn_cache_control, http::Field::expires, http::Field::date,
                                  http::Field::last_modified, http::Field::age, http::Field::vary}) {
    const std::string_view line = take_line(text);
    if (!line.empty()) response.headers.add(field, line);
  }
  response.headers.add(http::Field::content_type, "image/png");
  response.headers.add(http::Field::etag, "\"a\"");

  const auto wishes = request_directives(request.headers);
  TENFOLD_ASSERT(!wishes.max_age || (*wishes.max_age >= 0 && *wishes.max_age <= max_delta_seconds));
  const auto result = storability(request, response, {clock.now(), clock.now(), clock.wall_now()}, {});
  for (const Seconds seconds : {result.terms.lifetime_s, result.terms.initial_age_s, result.terms.stale_if_error_s,
                                result.terms.stale_while_revalidate_s}) {
    TENFOLD_ASSERT(seconds >= 0 && seconds <= max_delta_seconds);
  }
  for (const http::Header& header : response.headers) {
    check_date(header.value, std::chrono::floor<std::chrono::seconds>(clock.wall_now()));
  }
  const auto reading = VarySpec::read(response.headers, {});
  Variant variant;
  if (reading.spec && variant.select(reading.spec.get(), request)) {
    TENFOLD_ASSERT(variant.text().size() <= Variant::max_bytes);
    TENFOLD_ASSERT(VarySpec::read(response.headers, reading.spec).spec == reading.spec);
  }
  return 0;
}
