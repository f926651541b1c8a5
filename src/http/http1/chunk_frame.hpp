#pragma once

#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
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

// What goes out in one write: a head or nothing, parts of a body, and around them the chunked coding where that frames
// the body. Nothing is copied: all that it is given must stay until it is written.
class FramedParts {
 public:
  enum class Coding : std::uint8_t { as_is, chunked };

  // At most ServerExchange::most_parts of the body. Trailers count with BodyEnd::last and the chunked coding only, and
  // may be null.
  FramedParts(std::string_view before, std::span<const std::string_view> body, Coding coding, BodyEnd end,
              const Headers* trailers);

  // Nothing is to be written.
  bool empty() const { return count_ == 0; }
  std::span<const iovec> all() const { return {parts_.data(), count_}; }

 private:
  void add(std::string_view text);

  ChunkFrame frame_;
  std::array<iovec, ServerExchange::most_parts + 3> parts_;
  std::size_t count_ = 0;
};

}  // namespace tenfold::http::http1
