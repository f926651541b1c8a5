#pragma once

#include <array>
#include <memory>
#include <string_view>

#include "http/exchange.hpp"
#include "http/http1/chunked.hpp"

namespace tenfold::http::http1 {

// What goes around one part of a body in the chunked coding, so that the part itself need not be copied.
class ChunkFrame {
 public:
  static constexpr std::size_t max_bytes_without_trailers = max_chunk_head_bytes + 2 + last_chunk.size();

  ChunkFrame() = default;
  ChunkFrame(const ChunkFrame&) = delete;
  ChunkFrame& operator=(const ChunkFrame&) = delete;

  // Trailers count with BodyEnd::last only, and may be null.
  void wrap(std::size_t body_bytes, BodyEnd end, const Headers* trailers);

  std::string_view opening() const { return opening_; }
  std::string_view closing() const { return closing_; }

 private:
  std::array<char, max_chunk_head_bytes> opening_room_;
  std::unique_ptr<char[]> trailer_room_;
  std::string_view opening_;
  std::string_view closing_;
};

}  // namespace tenfold::http::http1
