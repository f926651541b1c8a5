#include "http/http1/chunk_frame.hpp"

#include "base/result.hpp"
#include "http/http1/serialize.hpp"

namespace tenfold::http::http1 {

void ChunkFrame::wrap(std::size_t body_bytes, BodyEnd end, const Headers* trailers) {
  constexpr std::string_view chunk_end_and_last = "\r\n0\r\n\r\n";
  constexpr std::size_t last_line_end = 5;  // behind "\r\n0\r\n"
  if (body_bytes > 0) {
    const char* const opening_end = write_chunk_head(opening_room_.data(), body_bytes);
    opening_ = {opening_room_.data(), static_cast<std::size_t>(opening_end - opening_room_.data())};
  }
  const std::size_t skipped = body_bytes > 0 ? 0 : chunk_end.size();
  if (end == BodyEnd::more) {
    closing_ = body_bytes > 0 ? chunk_end : std::string_view();
  } else if (trailers == nullptr || trailers->empty()) {
    closing_ = chunk_end_and_last.substr(skipped);
  } else {
    trailer_room_ = std::make_unique_for_overwrite<char[]>(last_line_end + trailers_bound(*trailers));
    char* at = append(trailer_room_.get(), chunk_end_and_last.substr(skipped, last_line_end - skipped));
    at = write_trailers(at, *trailers);
    closing_ = {trailer_room_.get(), static_cast<std::size_t>(at - trailer_room_.get())};
  }
}

FramedParts::FramedParts(std::string_view before, std::span<const std::string_view> body, Coding coding, BodyEnd end,
                         const Headers* trailers) {
  TENFOLD_ASSERT(body.size() <= ServerExchange::most_parts);
  if (coding == Coding::chunked) {
    std::size_t body_bytes = 0;
    for (const std::string_view part : body) body_bytes += part.size();
    frame_.wrap(body_bytes, end, trailers);
  }
  add(before);
  add(frame_.opening());
  for (const std::string_view part : body) add(part);
  add(frame_.closing());
}

void FramedParts::add(std::string_view text) {
  if (text.empty()) return;
  parts_[count_++] = {.iov_base = const_cast<char*>(text.data()), .iov_len = text.size()};
}

}  // namespace tenfold::http::http1
