#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/result.hpp"
#include "http/http1/fuzz_cuts.hpp"
#include "http/http1/parser.hpp"
#include "http/rules/characters.hpp"

// However a response head is cut, it is judged the same; and what is accepted has the form that others rely on.
namespace tenfold::http::http1 {
namespace {

struct Outcome {
  Progress progress = Progress::incomplete;
  int status = 0;
  std::size_t head_bytes = 0;
  bool operator==(const Outcome&) const = default;
};

Outcome parse(std::string_view bytes, const HeadLimits& limits, Method method) {
  ResponseHead head;
  ResponseFraming framing;
  Refusal refusal;
  Outcome outcome;
  outcome.progress = parse_response_head(bytes, limits, method, head, framing, outcome.head_bytes, refusal);
  outcome.status = outcome.progress == Progress::refused ? refusal.status : 0;
  if (outcome.progress != Progress::complete) {
    outcome.head_bytes = 0;
    return outcome;
  }
  outcome.status = head.status;
  TENFOLD_ASSERT(bytes.substr(0, outcome.head_bytes).ends_with("\r\n\r\n"));
  TENFOLD_ASSERT(head.status >= 100 && head.status <= 999);
  TENFOLD_ASSERT(std::ranges::all_of(head.reason, is_value_char));
  for (const Header& header : head.headers) {
    TENFOLD_ASSERT(!header.name.empty() && std::ranges::all_of(header.name, is_token_char));
    TENFOLD_ASSERT(std::ranges::all_of(header.value, is_value_char));
  }
  if (has_no_body(method, head.status)) TENFOLD_ASSERT(framing.body == ResponseFraming::Body::none);
  if (framing.body == ResponseFraming::Body::until_close) TENFOLD_ASSERT(!framing.keep_alive);
  return outcome;
}

Outcome parse_in_pieces(std::string_view bytes, const HeadLimits& limits, Method method) {
  Cuts cuts(bytes);
  Cursor cursor;
  for (std::size_t size = 0; size < bytes.size();) {
    size += cuts.next(bytes.size() - size);
    Refusal refusal;
    const Progress progress = check_response_head(bytes.substr(0, size), limits, cursor, refusal);
    if (progress == Progress::complete) return parse(bytes.substr(0, size), limits, method);
    if (progress == Progress::refused) return {progress, refusal.status};
  }
  return {};
}

}  // namespace
}  // namespace tenfold::http::http1

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenfold::http::http1;
  using tenfold::http::Method;
  const std::string_view bytes = as_text(data, size);
  for (const HeadLimits& limits :
       {HeadLimits{}, HeadLimits{.first_line_bytes = 24, .header_bytes = 60, .header_count = 3}}) {
    for (const Method method : {Method::get, Method::head}) {
      TENFOLD_ASSERT(parse(bytes, limits, method) == parse_in_pieces(bytes, limits, method));
    }
  }
  return 0;
}
