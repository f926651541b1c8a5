#pragma once

#include <cstdint>
#include <memory>

#include "http/http1/chunked.hpp"
#include "http/http1/parser.hpp"
#include "http/http1/partial_head.hpp"
#include "net/buffer.hpp"

namespace tenfold::rehearse {

// Reads one answer out of the bytes received, in place, and throws its body away.
class AnswerReader {
 public:
  enum class Progress : std::uint8_t { more, complete, broken };

  void begin(http::Method request_method);

  // Takes a piece of input. `head` is overwritten; it is whole, and its text there, only while head_now() is true: in
  // the call that brought its end. What follows a complete answer makes keep_alive() false: nobody asked for it.
  Progress take(net::Buffer& input, http::ResponseHead& head);
  // The server will send no more.
  Progress end_of_input();

  bool head_now() const { return head_now_; }
  int status() const { return status_; }
  // It is not the shop's, but a challenge or a place in a waiting room (Tenfold-Challenge, Tenfold-Queue).
  bool by_shield() const { return by_shield_; }
  bool encoded() const { return encoded_; }
  std::uint64_t body_bytes() const { return body_bytes_; }
  bool keep_alive() const { return framing_.keep_alive; }
  bool untouched() const { return part_ == Part::head && partial_.empty() && interim_ == 0; }

 private:
  enum class Part : std::uint8_t { head, body, end };
  static constexpr http::http1::HeadLimits limits = {.header_bytes = 64 * 1024, .header_count = 200};

  Progress take_head(char*& at, char* end, http::ResponseHead& head);
  Progress take_body(char*& at, char* end);

  Part part_ = Part::head;
  bool head_now_ = false;
  int interim_ = 0;
  int status_ = 0;
  bool by_shield_ = false;
  bool encoded_ = false;
  std::uint64_t body_bytes_ = 0;
  http::Method method_ = http::Method::get;
  http::http1::ResponseFraming framing_;
  std::uint64_t left_ = 0;
  http::http1::PartialHead partial_{http::http1::PartialHead::Kind::response};
  std::unique_ptr<http::http1::ChunkedDecoder> chunked_;
};

}  // namespace tenfold::rehearse
