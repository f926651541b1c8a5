#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "http/http1/parser.hpp"
#include "http/http1/partial_head.hpp"

// The chunked coding (RFC 9112, 7.1).
namespace tenfold::http::http1 {

// Takes the coding off in the memory where it was received: the first chunk's bytes stay where they are, and those of
// later chunks move up to them, so that one piece of input gives one piece of payload.
// Refused: chunk sizes that are not 1 to 16 hexadecimal digits or exceed 63 bits, bare LF, control bytes in extensions,
// extensions past their bound, trailers past theirs; and of requests blanks behind the size, which some read and some
// do not. Servers that pad it are many: of responses they are passed over (RFC 9112, 7.1.1: "BWS").
class ChunkedDecoder {
 public:
  enum class Of : std::uint8_t { request, response };
  explicit ChunkedDecoder(Of of) : of_(of) {}

  struct Decoded {
    Progress progress = Progress::incomplete;
    std::size_t payload_begin = 0;  // offset into the input
    std::size_t payload_size = 0;
    std::size_t consumed = 0;  // all of the input, except when complete: what follows is not of this body
  };

  // Decodes input in place. Incomplete: more input is needed (the payload so far counts); complete: the body and its
  // trailers have ended. After refused, refusal() tells why and nothing more may be given.
  Decoded decode(char* input, std::size_t size);

  const Refusal& refusal() const { return refusal_; }
  // Valid once complete; the text stays with the decoder.
  const Headers& trailers() const { return trailers_; }
  // Back to the beginning, for the next body. Frees what the trailers held.
  void reset() { *this = ChunkedDecoder(of_); }

  static constexpr std::size_t max_extension_bytes = 4 * 1024;  // of all chunks of a body together, and blanks
  static constexpr HeadLimits trailer_limits = {.first_line_bytes = 0, .header_bytes = 8 * 1024, .header_count = 32};

 private:
  enum class Part : std::uint8_t { size, blanks, extension, size_lf, data, data_cr, data_lf, trailers, end };

  bool take_size_digit(char c);
  bool take_size_end(char c);
  const char* take_extension(const char* at, const char* end);
  const char* take_trailers(const char* at, const char* end);
  bool refuse(std::string_view reason);

  Of of_;
  Part part_ = Part::size;
  std::uint8_t digits_ = 0;
  std::uint64_t left_ = 0;  // of the chunk under way
  std::size_t extension_bytes_ = 0;
  PartialHead section_{PartialHead::Kind::trailers};
  Headers trailers_;  // views of the section
  Refusal refusal_;
};

inline constexpr std::size_t max_chunk_head_bytes = 18;  // sixteen digits and the line's end
inline constexpr std::string_view chunk_end = "\r\n";
inline constexpr std::string_view last_chunk = "0\r\n\r\n";

// Writes the line that opens a chunk of that many bytes; returns what is behind it. `bytes` > 0.
char* write_chunk_head(char* at, std::uint64_t bytes);

}  // namespace tenfold::http::http1
