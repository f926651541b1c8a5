#include "edge/relay/interim.hpp"

#include <utility>

#include "edge/forward/forwarding.hpp"
#include "edge/kept_head.hpp"

namespace tenfold::edge {

net::Task<void> ForwardInterim::interim(const http::ResponseHead& from_origin) {
  if (sending_.running() > 0) co_return;
  auto head = std::make_unique<KeptAnswer>();
  make_client_head(from_origin, head->head);
  keep_texts(head->head, head->arena);
  sending_.spawn(send(visit_, std::move(head)));
}

net::Task<void> ForwardInterim::send(Visit& visit, std::unique_ptr<KeptAnswer> answer) {
  auto sent = co_await visit.exchange.send_interim(answer->head, visit.write_deadline());
  static_cast<void>(sent);  // a client that is gone shows at the final answer
}

}  // namespace tenfold::edge
