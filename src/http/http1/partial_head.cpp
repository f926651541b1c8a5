#include "http/http1/partial_head.hpp"

#include <algorithm>
#include <utility>

#include "base/result.hpp"

namespace tenfold::http::http1 {
namespace {

// An empty line before the first, and the ends of the first line and of the head: what the limits do not count.
constexpr std::size_t line_ends_bytes = 6;

}  // namespace

PartialHead::Taken PartialHead::take(std::string_view piece, const HeadLimits& limits, Refusal& refusal) {
  const std::size_t before = text_.size();
  const std::size_t most = limits.first_line_bytes + limits.header_bytes + line_ends_bytes;
  text_.append(piece.substr(0, most - std::min(before, most)));
  const Progress progress = check(limits, refusal);
  if (progress != Progress::complete) {
    // The limits are reached before the room is.
    TENFOLD_ASSERT(progress == Progress::refused || text_.size() == before + piece.size());
    return {progress, piece.size()};
  }
  text_.resize(cursor_.at);
  return {progress, cursor_.at - before};
}

Progress PartialHead::check(const HeadLimits& limits, Refusal& refusal) {
  switch (kind_) {
    case Kind::request: return check_request_head(text_, limits, cursor_, refusal);
    case Kind::response: return check_response_head(text_, limits, cursor_, refusal);
    case Kind::trailers: break;
  }
  return check_trailers(text_, limits, cursor_, refusal);
}

std::string PartialHead::release() {
  std::string text = std::move(text_);
  clear();
  return text;
}

void PartialHead::clear() {
  text_.clear();
  cursor_ = kind_ == Kind::trailers ? trailer_cursor() : Cursor();
}

}  // namespace tenfold::http::http1
