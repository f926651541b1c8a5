#include "http/http1/body_reader.hpp"

#include <cstring>
#include <string>

namespace tenfold::http::http1 {
namespace {

net::Buffer copy_of(std::string_view bytes, net::Loop& loop) {
  net::Buffer copy = loop.allocate();
  TENFOLD_ASSERT(copy.room().size() >= bytes.size());
  std::memcpy(copy.room().data(), bytes.data(), bytes.size());
  copy.grow(bytes.size());
  return copy;
}

}  // namespace

net::Buffer split_after(net::Buffer& buffer, std::size_t bytes, net::Loop& loop) {
  const std::size_t behind = buffer.size() - bytes;
  if (behind <= bytes) {
    net::Buffer rest = copy_of(buffer.view().substr(bytes), loop);
    buffer.remove_suffix(behind);
    return rest;
  }
  net::Buffer front = copy_of(buffer.view().substr(0, bytes), loop);
  buffer.remove_prefix(bytes);
  std::swap(front, buffer);
  return front;
}

void BodyReader::begin_chunked(ChunkedDecoder::Of of) {
  begin(Kind::chunked);
  if (decoder_ == nullptr) {
    decoder_ = std::make_unique<ChunkedDecoder>(of);
  } else {
    decoder_->reset();
  }
}

bool BodyReader::take(net::Buffer& input, net::Buffer& rest, net::Loop& loop) {
  switch (kind_) {
    case Kind::done: rest = std::move(input); return true;
    case Kind::until_close: return true;
    case Kind::known:
      if (input.size() > left_) rest = split_after(input, static_cast<std::size_t>(left_), loop);
      left_ -= input.size();
      if (left_ == 0) kind_ = Kind::done;
      return true;
    case Kind::chunked: break;
  }
  // The buffer is ours alone, so its bytes may be changed.
  const auto decoded = decoder_->decode(const_cast<char*>(input.data()), input.size());
  if (decoded.progress == Progress::refused) return false;
  if (decoded.progress == Progress::complete) kind_ = Kind::done;
  if (decoded.consumed < input.size()) {
    if (decoded.payload_size == 0) {
      input.remove_prefix(decoded.consumed);
      rest = std::move(input);
      return true;
    }
    rest = split_after(input, decoded.consumed, loop);
  }
  input.remove_suffix(input.size() - decoded.payload_begin - decoded.payload_size);
  input.remove_prefix(decoded.payload_begin);
  return true;
}

bool BodyReader::ends_within(std::string_view bytes) const {
  switch (kind_) {
    case Kind::done: return true;
    case Kind::known: return bytes.size() >= left_;
    case Kind::until_close: return false;
    case Kind::chunked: break;
  }
  std::string copy(bytes);
  ChunkedDecoder decoder = *decoder_;
  return decoder.decode(copy.data(), copy.size()).progress == Progress::complete;
}

bool BodyReader::end_of_input() {
  if (kind_ == Kind::until_close) kind_ = Kind::done;
  return kind_ == Kind::done;
}

const Headers& BodyReader::trailers() const {
  static const Headers none;
  return began_as_ == Kind::chunked ? decoder_->trailers() : none;
}

}  // namespace tenfold::http::http1
