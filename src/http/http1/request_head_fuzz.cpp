#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/result.hpp"
#include "http/http1/fuzz_cuts.hpp"
#include "http/http1/parser.hpp"
#include "http/rules/characters.hpp"

// However a request head is cut, it is judged the same; and what is accepted has the form that others rely on.
namespace tenfold::http::http1 {
namespace {

struct Outcome {
  Progress progress = Progress::incomplete;
  int status = 0;
  std::size_t head_bytes = 0;
  bool operator==(const Outcome&) const = default;
};

void check_head(std::string_view bytes, const RequestHead& head, std::size_t head_bytes, const HeadLimits& limits) {
  const std::string_view text = bytes.substr(0, head_bytes);
  TENFOLD_ASSERT(text.ends_with("\r\n\r\n"));
  TENFOLD_ASSERT(!head.target.empty() && std::ranges::all_of(head.target, is_target_char));
  TENFOLD_ASSERT(head.target.front() == '/' || head.target.front() == '?' || head.target == "*" ||
                 head.method == Method::connect);
  TENFOLD_ASSERT(head.version == Version::http_1_0 || !head.authority.empty());
  TENFOLD_ASSERT(head.headers.size() <= limits.header_count + 1);
  for (const Header& header : head.headers) {
    TENFOLD_ASSERT(!header.name.empty() && std::ranges::all_of(header.name, is_token_char));
    TENFOLD_ASSERT(std::ranges::all_of(header.value, is_value_char));
    TENFOLD_ASSERT(header.field == field_of(header.name));
  }
  TENFOLD_ASSERT(!(head.headers.has(Field::content_length) && head.headers.has(Field::transfer_encoding)));
}

Outcome parse(std::string_view bytes, const HeadLimits& limits) {
  RequestHead head;
  RequestFraming framing;
  Refusal refusal;
  Outcome outcome;
  outcome.progress = parse_request_head(bytes, limits, head, framing, outcome.head_bytes, refusal);
  if (outcome.progress == Progress::refused) {
    TENFOLD_ASSERT(refusal.status >= 400 && !refusal.reason.empty());
    outcome.status = refusal.status;
  }
  if (outcome.progress == Progress::complete) {
    check_head(bytes, head, outcome.head_bytes, limits);
  } else {
    outcome.head_bytes = 0;
  }
  return outcome;
}

Outcome parse_in_pieces(std::string_view bytes, const HeadLimits& limits) {
  Cuts cuts(bytes);
  Cursor cursor;
  for (std::size_t size = 0; size < bytes.size();) {
    size += cuts.next(bytes.size() - size);
    Refusal refusal;
    const Progress progress = check_request_head(bytes.substr(0, size), limits, cursor, refusal);
    if (progress == Progress::complete) return parse(bytes.substr(0, size), limits);
    if (progress == Progress::refused) return {progress, refusal.status};
  }
  return {};
}

}  // namespace
}  // namespace tenfold::http::http1

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenfold::http::http1;
  const std::string_view bytes = as_text(data, size);
  for (const HeadLimits& limits :
       {HeadLimits{}, HeadLimits{.first_line_bytes = 24, .header_bytes = 60, .header_count = 3}}) {
    TENFOLD_ASSERT(parse(bytes, limits) == parse_in_pieces(bytes, limits));
  }
  return 0;
}
