#include "rehearse/drive/connection/route.hpp"

#include "rehearse/drive/connection/connection.hpp"

namespace tenfold::rehearse {

namespace {

Failure failure_of(Errc code) {
  switch (code) {
    case Errc::exhausted:
    case Errc::busy: return Failure::none;
    case Errc::timed_out: return Failure::timed_out;
    default: return Failure::connect;
  }
}

}  // namespace

const ProvenAddress* Route::next_address() {
  if (!addresses_) return nullptr;
  for (std::size_t i = 0; i < addresses_->size(); ++i) {
    const ProvenAddress& address = (*addresses_)[turn_++ % addresses_->size()];
    if (address.good_until() > loop_.now()) return &address;
  }
  return nullptr;
}

net::Task<Route::Opened> Route::open(std::optional<net::IpAddress> source, TimePoint deadline) {
  const ProvenAddress* const address = next_address();
  if (address == nullptr) co_return std::unexpected(NotOpened{Failure::none, "no address is proven any more"});
  net::ConnectOptions options;
  options.source = source;
  auto stream = co_await loop_.connect(address->endpoint(), options, deadline);
  if (!stream) co_return std::unexpected(NotOpened{failure_of(stream.error().code), stream.error().text()});
  ++recorder_.counts().connections;
  if (!tls_) co_return std::move(*stream);
  auto secured = co_await net::connect_tls(std::move(*stream), tls_, target_.host, deadline);
  if (!secured) {
    const bool late = secured.error().code == Errc::timed_out;
    co_return std::unexpected(NotOpened{late ? Failure::timed_out : Failure::tls, secured.error().text()});
  }
  ++recorder_.counts().tls_handshakes;
  if ((*secured)->tls() != nullptr && (*secured)->tls()->resumed) ++recorder_.counts().tls_resumed;
  co_return std::move(*secured);
}

void Route::close_all() {
  // One at a time: closing one may end others.
  while (!all_.empty()) {
    Entry& entry = all_.front();
    entry.unlink();
    entry.connection.close();
  }
}

}  // namespace tenfold::rehearse
