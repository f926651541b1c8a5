#include "rehearse/drive/connection/answer_reader.hpp"

#include <algorithm>

namespace tenfold::rehearse {

using http::http1::ResponseFraming;

void AnswerReader::begin(http::Method request_method) {
  part_ = Part::head;
  head_now_ = false;
  interim_ = 0;
  status_ = 0;
  body_bytes_ = 0;
  method_ = request_method;
  partial_.clear();
}

AnswerReader::Progress AnswerReader::take(net::Buffer& input, http::ResponseHead& head) {
  // The buffer is ours alone, so its bytes may be changed.
  char* at = const_cast<char*>(input.data());
  char* const end = at + input.size();
  head_now_ = false;
  if (part_ == Part::head) {
    const Progress progress = take_head(at, end, head);
    if (progress != Progress::complete) return progress;
  }
  const Progress progress = part_ == Part::end ? Progress::complete : take_body(at, end);
  if (progress == Progress::complete) {
    part_ = Part::end;
    if (at != end) framing_.keep_alive = false;
  }
  return progress;
}

// Complete: the final head is there, and `at` behind it.
AnswerReader::Progress AnswerReader::take_head(char*& at, char* end, http::ResponseHead& head) {
  using http::http1::Progress;
  http::Refusal refusal;
  while (true) {
    const std::string_view here(at, static_cast<std::size_t>(end - at));
    const bool in_pieces = !partial_.empty();
    if (in_pieces) {
      const auto taken = partial_.take(here, limits, refusal);
      if (taken.progress == Progress::refused) return AnswerReader::Progress::broken;
      if (taken.progress == Progress::incomplete) return AnswerReader::Progress::more;
      at += taken.bytes;
    }
    const std::string_view text = in_pieces ? std::string_view(partial_.text()) : here;
    std::size_t head_bytes = 0;
    const Progress parsed =
        http::http1::parse_response_head(text, limits, method_, head, framing_, head_bytes, refusal);
    if (parsed == Progress::refused) return AnswerReader::Progress::broken;
    if (parsed == Progress::incomplete) {
      const bool refused = partial_.take(here, limits, refusal).progress == Progress::refused;
      return refused ? AnswerReader::Progress::broken : AnswerReader::Progress::more;
    }
    if (!in_pieces) at += head_bytes;
    if (head.status >= 200) break;
    if (head.status == 101 || ++interim_ > http::most_interims) return AnswerReader::Progress::broken;
    partial_.clear();
    if (at == end) return AnswerReader::Progress::more;
  }
  status_ = head.status;
  by_shield_ = status_ == 503 &&
               (head.headers.find("Tenfold-Challenge").has_value() || head.headers.find("Tenfold-Queue").has_value());
  encoded_ = head.headers.find(http::Field::content_encoding).has_value();
  head_now_ = true;
  part_ = Part::body;
  switch (framing_.body) {
    case ResponseFraming::Body::none: part_ = Part::end; break;
    case ResponseFraming::Body::known:
      left_ = framing_.bytes;
      if (left_ == 0) part_ = Part::end;
      break;
    case ResponseFraming::Body::chunked:
      if (!chunked_)
        chunked_ = std::make_unique<http::http1::ChunkedDecoder>(http::http1::ChunkedDecoder::Of::response);
      chunked_->reset();
      break;
    case ResponseFraming::Body::until_close: break;
  }
  return AnswerReader::Progress::complete;
}

AnswerReader::Progress AnswerReader::take_body(char*& at, char* end) {
  const auto here = static_cast<std::size_t>(end - at);
  if (framing_.body == ResponseFraming::Body::until_close) {
    body_bytes_ += here;
    return Progress::more;
  }
  if (framing_.body == ResponseFraming::Body::known) {
    const auto taken = std::min<std::uint64_t>(left_, here);
    left_ -= taken;
    at += taken;
    body_bytes_ += taken;
    return left_ == 0 ? Progress::complete : Progress::more;
  }
  if (here == 0) return Progress::more;
  const auto decoded = chunked_->decode(at, here);
  at += decoded.consumed;
  body_bytes_ += decoded.consumed;
  switch (decoded.progress) {
    case http::http1::Progress::complete: return Progress::complete;
    case http::http1::Progress::incomplete: return Progress::more;
    case http::http1::Progress::refused: break;
  }
  return Progress::broken;
}

AnswerReader::Progress AnswerReader::end_of_input() {
  const bool whole = part_ == Part::body && framing_.body == ResponseFraming::Body::until_close;
  if (whole) part_ = Part::end;
  return whole ? Progress::complete : Progress::broken;
}

}  // namespace tenfold::rehearse
