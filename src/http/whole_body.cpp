#include "http/whole_body.hpp"

namespace tenfold::http {

net::Task<Result<std::string>> read_whole_body(ServerExchange& exchange, std::size_t most_bytes, TimePoint deadline) {
  std::string body;
  while (true) {
    auto part = co_await exchange.read_body(deadline);
    if (!part) co_return std::unexpected(part.error());
    if (part->empty()) co_return body;
    if (body.size() + part->size() > most_bytes) co_return fail(Errc::too_large);
    body.append(part->view());
  }
}

}  // namespace tenfold::http
