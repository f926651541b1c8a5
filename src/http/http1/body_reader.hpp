#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "http/http1/chunked.hpp"
#include "net/buffer.hpp"
#include "net/loop.hpp"

namespace tenfold::http::http1 {

// Cuts one message's body out of the bytes received: for servers and clients alike. Holds no bytes itself.
class BodyReader {
 public:
  void begin_none() { begin(Kind::done); }
  void begin_known(std::uint64_t bytes) { begin(bytes == 0 ? Kind::done : Kind::known), left_ = bytes; }
  void begin_chunked(ChunkedDecoder::Of of);  // the same each time
  void begin_until_close() { begin(Kind::until_close); }

  bool done() const { return kind_ == Kind::done; }
  bool until_close() const { return kind_ == Kind::until_close; }
  bool chunked() const { return kind_ == Kind::chunked; }
  // What is still to come, if known.
  std::uint64_t left() const { return kind_ == Kind::known ? left_ : 0; }

  // Turns the non-empty `input` into payload in place; the payload may be empty although the body goes on. What follows
  // the body is left in `rest`, which must be empty before. Only then is something copied: the shorter of the two.
  // False when the body is malformed; refusal() tells why.
  bool take(net::Buffer& input, net::Buffer& rest, net::Loop& loop);
  // Whether the body ends within these bytes, which come next; they are only looked at.
  bool ends_within(std::string_view bytes) const;
  // The peer will send no more. True if that is the body's end.
  bool end_of_input();

  const Refusal& refusal() const { return decoder_->refusal(); }
  // Of this body: none unless it is chunked.
  const Headers& trailers() const;

 private:
  enum class Kind : std::uint8_t { done, known, chunked, until_close };

  void begin(Kind kind) { began_as_ = kind_ = kind; }

  Kind kind_ = Kind::done;
  Kind began_as_ = Kind::done;
  std::uint64_t left_ = 0;
  // Made for the first chunked body, and kept for the next.
  std::unique_ptr<ChunkedDecoder> decoder_;
};

// Splits a buffer after `bytes`, which are fewer than it holds: it keeps those, the result holds the others. Copies
// the shorter part.
net::Buffer split_after(net::Buffer& buffer, std::size_t bytes, net::Loop& loop);

}  // namespace tenfold::http::http1
