#include "app/serve/server_thread.hpp"

#include <fmt/format.h>

#include "base/thread.hpp"

namespace tenfold::app {

using namespace std::chrono_literals;

Result<std::unique_ptr<ServerThread>> ServerThread::make(const Clock& clock, const config::HostPort& at,
                                                         std::string_view what) {
  const auto address = net::IpAddress::parse(at.host == "localhost" ? "127.0.0.1" : at.host);
  if (!address) return fail(Errc::invalid, fmt::format("{} must be an address: {}", what, at.text()));
  auto loop = net::make_loop(clock);
  if (!loop) return std::unexpected(loop.error());
  http::PlainServer::Options limits;
  limits.most_connections = 256;
  auto server = http::PlainServer::listen(**loop, {*address, at.port}, limits);
  if (!server) return std::unexpected(server.error());
  return std::unique_ptr<ServerThread>(new ServerThread(std::move(*loop), std::move(*server)));
}

ServerThread::~ServerThread() { TENFOLD_ASSERT(!thread_.joinable()); }

Result<void> ServerThread::start(http::Handler& handler, std::function<void()> first) {
  auto thread = start_thread("a server's thread", [this, &handler, first = std::move(first)] {
    first();
    server_->serve(handler);
    loop_->run();
  });
  if (!thread) return std::unexpected(thread.error());
  thread_ = std::move(*thread);
  return {};
}

net::Task<void> ServerThread::end(Ending before, void* self) {
  co_await before(self);
  auto finished = co_await server_->finish(loop_->now() + 1s);
  if (finished == http::PlainServer::Finished::some_left) co_await server_->abort();
  loop_->stop();
}

void ServerThread::stop(Ending before, void* self) {
  if (!thread_.joinable()) return;
  loop_->post([this, before, self] { scope_.spawn(end(before, self)); });
  thread_.join();
}

}  // namespace tenfold::app
