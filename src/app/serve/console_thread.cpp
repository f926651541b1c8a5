#include "app/serve/console_thread.hpp"

namespace tenfold::app {

using namespace std::chrono_literals;

namespace {

console::Console::Options console_options(const config::Console& from) {
  console::Console::Options options;
  options.gate.token = from.token.reveal();
  using Guarded = console::GateOptions::Guarded;
  options.gate.guarded = from.address.is_loopback() ? Guarded::changes : Guarded::everything;
  return options;
}

}  // namespace

ConsoleThread::ConsoleThread(std::unique_ptr<net::Loop> loop, std::unique_ptr<http::PlainServer> server,
                             console::Sources sources, console::Console::Options options)
    : loop_(std::move(loop)), console_(*loop_, std::move(sources), std::move(options)), server_(std::move(server)) {}

Result<std::unique_ptr<ConsoleThread>> ConsoleThread::make(const Clock& clock, const config::Console& options,
                                                           console::Sources sources) {
  const auto address = net::IpAddress::parse(options.address.host == "localhost" ? "127.0.0.1" : options.address.host);
  if (!address) return fail(Errc::invalid, "console.address must be an address: " + options.address.text());
  auto loop = net::make_loop(clock);
  if (!loop) return std::unexpected(loop.error());
  http::PlainServer::Options limits;
  limits.most_connections = 256;
  auto server = http::PlainServer::listen(**loop, {*address, options.address.port}, limits);
  if (!server) return std::unexpected(server.error());
  return std::unique_ptr<ConsoleThread>(
      new ConsoleThread(std::move(*loop), std::move(*server), std::move(sources), console_options(options)));
}

ConsoleThread::~ConsoleThread() { stop(); }

void ConsoleThread::start() {
  thread_ = std::thread([this] {
    console_.start();
    server_->serve(console_);
    loop_->run();
  });
}

net::Task<void> ConsoleThread::end() {
  co_await console_.stop();
  auto finished = co_await server_->finish(loop_->now() + 1s);
  if (finished == http::PlainServer::Finished::some_left) co_await server_->abort();
  loop_->stop();
}

void ConsoleThread::stop() {
  if (!thread_.joinable()) return;
  loop_->post([this] { scope_.spawn(end()); });
  thread_.join();
}

}  // namespace tenfold::app
