#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/http1/parser.hpp"
#include "http/rules/refusal.hpp"

namespace tenfold::http::http1 {

// A head, or a section of trailers, that comes in pieces: its text so far, and how far that has been examined, so that
// no byte is looked at twice however small the pieces are. Nothing behind the head is kept, and of one that is too long
// no more than the limits allow, which is enough to refuse it.
class PartialHead {
 public:
  enum class Kind : std::uint8_t { request, response, trailers };

  explicit PartialHead(Kind kind) : kind_(kind) { clear(); }

  struct Taken {
    Progress progress = Progress::incomplete;
    std::size_t bytes = 0;  // of the piece: all of it, except when complete: what follows is not of this head
  };
  // Takes the next piece. Complete: text() is the whole head, which the parser of its kind may still refuse. Once
  // complete or refused, nothing more may be given before clear().
  Taken take(std::string_view piece, const HeadLimits& limits, Refusal& refusal);

  bool empty() const { return text_.empty(); }
  const std::string& text() const { return text_; }
  // Gives the text away; as after clear().
  std::string release();
  // Back to the beginning, for the next head.
  void clear();

 private:
  Progress check(const HeadLimits& limits, Refusal& refusal);

  std::string text_;
  Cursor cursor_;
  Kind kind_;
};

}  // namespace tenfold::http::http1
