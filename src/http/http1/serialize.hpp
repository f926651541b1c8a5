#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "http/message.hpp"
#include "net/buffer.hpp"
#include "net/loop.hpp"

// Writing of HTTP/1.1 heads into one contiguous piece of memory.
namespace tenfold::http::http1 {

enum class ConnectionOption : std::uint8_t { none, close, keep_alive, upgrade };

// What the connection itself says in a head; such fields in the head given are left out.
struct HeadAdditions {
  enum class Length : std::uint8_t { none, known, chunked } length = Length::none;
  std::uint64_t bytes = 0;  // if known
  ConnectionOption connection = ConnectionOption::none;
  std::string_view date = {};  // added when the head has none; empty: never
};

// Room that the written head needs at most.
std::size_t response_head_bound(const ResponseHead& head);
std::size_t request_head_bound(const RequestHead& head);

// Write the head with its empty line, always as HTTP/1.1 (RFC 9112, 2.3); return what is behind it. A field with a
// control byte in its name or value is left out: it would let its author write fields of his own.
char* write_response_head(char* at, const ResponseHead& head, const HeadAdditions& additions);
char* write_request_head(char* at, const RequestHead& head, const HeadAdditions& additions);
// Field lines and the closing empty line.
char* write_trailers(char* at, const Headers& trailers);
std::size_t trailers_bound(const Headers& trailers);

char* append(char* at, std::string_view text);
char* append_decimal(char* at, std::uint64_t number);

// Memory for one write: a block of the loop's when that is large enough, else from the heap.
class OutputBlock {
 public:
  OutputBlock(net::Loop& loop, std::size_t bytes);
  char* begin() { return begin_; }
  std::size_t capacity() const { return capacity_; }

 private:
  net::Buffer buffer_;
  std::unique_ptr<char[]> heap_;
  char* begin_;
  std::size_t capacity_;
};

}  // namespace tenfold::http::http1
