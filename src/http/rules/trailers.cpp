#include "http/rules/trailers.hpp"

#include <algorithm>
#include <array>

namespace tenfold::http {

bool may_be_trailer(Field field) {
  constexpr std::array forbidden = {
      Field::age,
      Field::authorization,
      Field::cache_control,
      Field::connection,
      Field::content_encoding,
      Field::content_length,
      Field::content_range,
      Field::content_type,
      Field::cookie,
      Field::date,
      Field::expect,
      Field::expires,
      Field::forwarded,
      Field::host,
      Field::if_match,
      Field::if_modified_since,
      Field::if_none_match,
      Field::if_range,
      Field::if_unmodified_since,
      Field::keep_alive,
      Field::location,
      Field::max_forwards,
      Field::pragma,
      Field::proxy_authenticate,
      Field::proxy_authorization,
      Field::proxy_connection,
      Field::range,
      Field::retry_after,
      Field::set_cookie,
      Field::te,
      Field::tenfold_rehearsal,
      Field::trailer,
      Field::transfer_encoding,
      Field::upgrade,
      Field::vary,
      Field::warning,
      Field::www_authenticate,
      Field::x_forwarded_for,
      Field::x_forwarded_host,
      Field::x_forwarded_port,
      Field::x_forwarded_proto,
      Field::x_real_ip,
  };
  return std::ranges::find(forbidden, field) == forbidden.end();
}

Refusal settle_trailers(Headers& trailers, Misplaced misplaced) {
  const auto is_misplaced = [](const Header& header) { return !may_be_trailer(header.field); };
  if (misplaced == Misplaced::left_out) {
    trailers.remove_if(is_misplaced);
  } else if (std::ranges::any_of(trailers, is_misplaced)) {
    return {400, "A trailer has a field that belongs in the head."};
  }
  return {};
}

}  // namespace tenfold::http
