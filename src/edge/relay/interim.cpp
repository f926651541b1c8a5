#include "edge/relay/interim.hpp"

#include <utility>

#include "edge/forward/forwarding.hpp"
#include "edge/kept_head.hpp"

namespace tenfold::edge {

namespace {

std::size_t text_bytes(const http::Headers& headers) {
  std::size_t bytes = 0;
  for (const http::Header& header : headers) bytes += header.name.size() + header.value.size();
  return bytes;
}

}  // namespace

net::Task<void> ForwardInterim::interim(const http::ResponseHead& from_origin) {
  const std::size_t bytes = text_bytes(from_origin.headers);
  if (sending() && waiting_bytes_ + bytes > most_waiting_bytes) co_return;
  auto answer = std::make_unique<KeptAnswer>();
  answer->bytes = bytes;
  make_client_head(from_origin, answer->head);
  keep_texts(answer->head, answer->arena);
  waiting_bytes_ += bytes;
  waiting_.push_back(std::move(answer));
  if (!sending()) sending_.spawn(send_waiting());
}

net::Task<void> ForwardInterim::send_waiting() {
  while (!waiting_.empty()) {
    const std::unique_ptr<KeptAnswer> answer = std::move(waiting_.front());
    waiting_.pop_front();
    waiting_bytes_ -= answer->bytes;
    auto sent = co_await visit_.exchange.send_interim(answer->head, visit_.write_deadline());
    if (!sent) break;  // the final answer has begun, or the client is gone, as will show there
  }
  waiting_.clear();
  waiting_bytes_ = 0;
  all_sent_.notify_all();
}

net::Task<void> ForwardInterim::catch_up() {
  auto caught_up = co_await all_sent_.wait(visit_.site.loop, visit_.now() + client_patience);
  static_cast<void>(caught_up);  // else the client is slow, and its answer is worth more than its hints
}

}  // namespace tenfold::edge
