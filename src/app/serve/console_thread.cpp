#include "app/serve/console_thread.hpp"

#include "base/text/letters.hpp"

namespace tenfold::app {
namespace {

// "console.shop.example" of "https://console.shop.example:8443/x".
std::string host_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  std::string_view rest = scheme == std::string_view::npos ? url : url.substr(scheme + 3);
  rest = rest.substr(0, rest.find_first_of("/?#"));
  if (rest.starts_with('[')) return std::string(rest.substr(1, rest.find(']') - 1));
  return lower_case(rest.substr(0, rest.find(':')));
}

console::Console::Options console_options(const config::Replaceable& live) {
  console::Console::Options options;
  options.gate.token = live.console->token.reveal();
  using Guarded = console::GateOptions::Guarded;
  options.gate.guarded = live.console->address.is_loopback() ? Guarded::changes : Guarded::everything;
  // Links in messages lead to the console by this name.
  if (live.oncall && !live.oncall->link_url.empty()) options.gate.host_names = {host_of(live.oncall->link_url)};
  return options;
}

net::Task<void> end_console(void* console) { return static_cast<console::Console*>(console)->stop(); }

}  // namespace

ConsoleThread::ConsoleThread(std::unique_ptr<ServerThread> server, console::Sources sources,
                             console::Console::Options options)
    : server_(std::move(server)), console_(server_->loop(), std::move(sources), std::move(options)) {}

Result<std::unique_ptr<ConsoleThread>> ConsoleThread::make(const Clock& clock, const config::Replaceable& live,
                                                           console::Sources sources) {
  auto server = ServerThread::make(clock, live.console->address, "console.address");
  if (!server) return std::unexpected(server.error());
  return std::unique_ptr<ConsoleThread>(
      new ConsoleThread(std::move(*server), std::move(sources), console_options(live)));
}

ConsoleThread::~ConsoleThread() { stop(); }

Result<void> ConsoleThread::start() {
  return server_->start(console_, [this] { console_.start(); });
}

void ConsoleThread::stop() { server_->stop(&end_console, &console_); }

}  // namespace tenfold::app
