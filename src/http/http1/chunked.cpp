#include "http/http1/chunked.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/text/hex.hpp"
#include "http/rules/characters.hpp"

namespace tenfold::http::http1 {

bool ChunkedDecoder::refuse(std::string_view reason) {
  refusal_ = {400, reason};
  return false;
}

// Also the byte behind the digits.
bool ChunkedDecoder::take_size_digit(char c) {
  const int value = hex_value(c);
  if (value >= 0) {
    if (++digits_ > 16 || left_ > (static_cast<std::uint64_t>(INT64_MAX) >> 4)) {
      return refuse("A chunk's size is too great.");
    }
    left_ = left_ << 4 | static_cast<std::uint64_t>(value);
    return true;
  }
  if (digits_ == 0) return refuse("A chunk's size is not a number.");
  return take_size_end(c);
}

bool ChunkedDecoder::take_size_end(char c) {
  if (c == '\r') {
    part_ = Part::size_lf;
  } else if (c == ';') {
    part_ = Part::extension;
  } else if ((c == ' ' || c == '\t') && of_ == Of::response) {
    part_ = Part::blanks;
    if (++extension_bytes_ > max_extension_bytes) return refuse("The chunk extensions are too long.");
  } else {
    return refuse("A chunk's size is not a number.");
  }
  return true;
}

// Extensions mean nothing to us and are passed over. Null when refused.
const char* ChunkedDecoder::take_extension(const char* at, const char* end) {
  const char* const stop = skip_value(at, end);
  extension_bytes_ += static_cast<std::size_t>(stop - at);
  if (extension_bytes_ > max_extension_bytes) return refuse("The chunk extensions are too long."), nullptr;
  if (stop == end) return stop;
  if (*stop != '\r') return refuse("A chunk extension has a control byte."), nullptr;
  part_ = Part::size_lf;
  return stop + 1;
}

// Null when refused.
const char* ChunkedDecoder::take_trailers(const char* at, const char* end) {
  const PartialHead::Taken taken = section_.take({at, static_cast<std::size_t>(end - at)}, trailer_limits, refusal_);
  if (taken.progress == Progress::refused) return nullptr;
  if (taken.progress == Progress::incomplete) return end;
  part_ = Part::end;
  const Misplaced misplaced = of_ == Of::request ? Misplaced::refused : Misplaced::left_out;
  const Progress parsed = parse_trailers(section_.text(), trailer_limits, misplaced, trailers_, refusal_);
  return parsed == Progress::complete ? at + taken.bytes : nullptr;
}

ChunkedDecoder::Decoded ChunkedDecoder::decode(char* input, std::size_t size) {
  const char* at = input;
  const char* const end = input + size;
  char* payload = nullptr;
  char* payload_end = nullptr;
  const auto decoded = [&](Progress progress) {
    const auto offset = [&](const char* place) { return static_cast<std::size_t>(place - input); };
    return Decoded{progress, payload ? offset(payload) : 0, static_cast<std::size_t>(payload_end - payload),
                   offset(at)};
  };
  while (at != end && part_ != Part::end) {
    switch (part_) {
      case Part::size:
        if (!take_size_digit(*at++)) return decoded(Progress::refused);
        break;
      case Part::blanks:
        if (!take_size_end(*at++)) return decoded(Progress::refused);
        break;
      case Part::extension:
        at = take_extension(at, end);
        if (at == nullptr) return {Progress::refused, 0, 0, size};
        break;
      case Part::size_lf:
        if (*at++ != '\n') return refuse("A chunk's size line does not end in CRLF."), decoded(Progress::refused);
        part_ = left_ == 0 ? Part::trailers : Part::data;
        break;
      case Part::data: {
        const auto take =
            static_cast<std::size_t>(std::min<std::uint64_t>(left_, static_cast<std::uint64_t>(end - at)));
        if (payload == nullptr) payload = payload_end = input + (at - input);
        if (payload_end != at) std::memmove(payload_end, at, take);
        payload_end += take;
        at += take;
        left_ -= take;
        if (left_ == 0) part_ = Part::data_cr;
        break;
      }
      case Part::data_cr:
        if (*at++ != '\r') return refuse("A chunk does not end in CRLF."), decoded(Progress::refused);
        part_ = Part::data_lf;
        break;
      case Part::data_lf:
        if (*at++ != '\n') return refuse("A chunk does not end in CRLF."), decoded(Progress::refused);
        part_ = Part::size;
        digits_ = 0;
        break;
      case Part::trailers:
        at = take_trailers(at, end);
        if (at == nullptr) return {Progress::refused, 0, 0, size};
        break;
      case Part::end: break;
    }
  }
  return decoded(part_ == Part::end ? Progress::complete : Progress::incomplete);
}

char* write_chunk_head(char* at, std::uint64_t bytes) {
  for (int shift = (63 - std::countl_zero(bytes)) / 4 * 4; shift >= 0; shift -= 4)
    *at++ = hex_digits[bytes >> shift & 15];
  *at++ = '\r';
  *at++ = '\n';
  return at;
}

}  // namespace tenfold::http::http1
