#include "app/alarm_service/callback_server.hpp"

#include <optional>
#include <utility>

#include "http/whole_body.hpp"

namespace tenfold::app {
namespace {

constexpr Duration io_timeout = std::chrono::seconds(10);

// What a handler waits for and the on-call thread fills; whoever is later finds it empty-handed, or gone.
struct Waiting {
  std::optional<CallbackServer::Answer> answer;
  net::Event answered;
};

net::Task<void> nothing_before(void*) { co_return; }

}  // namespace

Result<std::unique_ptr<CallbackServer>> CallbackServer::make(const Clock& clock, const config::HostPort& at,
                                                             std::string public_url) {
  auto server = ServerThread::make(clock, at, "oncall.channels.twilio.callbacks");
  if (!server) return std::unexpected(server.error());
  while (public_url.ends_with('/')) public_url.pop_back();
  return std::unique_ptr<CallbackServer>(new CallbackServer(std::move(*server), std::move(public_url)));
}

Result<void> CallbackServer::start(Ask ask) {
  ask_ = std::move(ask);
  return server_->start(*this, [] {});
}

void CallbackServer::stop() { server_->stop(&nothing_before, nullptr); }

net::Task<CallbackServer::Answer> CallbackServer::ask_oncall(Callback callback) {
  const auto waiting = std::make_shared<Waiting>();
  net::Loop& loop = server_->loop();
  const bool taken = ask_(std::move(callback), [waiting, &loop](Answer answer) {
    loop.post([waiting, answer = std::move(answer)]() mutable {
      waiting->answer = std::move(answer);
      waiting->answered.notify_all();
    });
  });
  if (taken && !waiting->answer) {
    [[maybe_unused]] auto woken = co_await waiting->answered.wait(loop, loop.now() + answer_within);
  }
  if (!waiting->answer) co_return Answer{503, "text/plain; charset=utf-8", "busy; try again\n"};
  co_return std::move(*waiting->answer);
}

net::Task<void> CallbackServer::handle(http::ServerExchange& exchange) {
  const http::RequestHead& request = exchange.request();
  auto body = co_await http::read_whole_body(exchange, most_body_bytes, server_->loop().now() + io_timeout);
  Answer answer;
  if (request.method_name == "GET" || request.method_name == "HEAD") {
    // For the health checks of whatever stands before it, and for whoever tries the address from outside.
    answer = {200, "text/plain; charset=utf-8", "callbacks of the telephone provider are taken here\n"};
  } else if (!body) {
    const bool too_large = body.error().code == Errc::too_large;
    exchange.close_after();
    answer = {too_large ? 413 : 400, "text/plain; charset=utf-8", "the form is incomplete or too long\n"};
  } else {
    Callback callback{.method = std::string(request.method_name),
                      .url = public_url_ + std::string(request.target),
                      .body = std::move(*body),
                      .signature = std::string(request.headers.find("x-twilio-signature").value_or(""))};
    answer = co_await ask_oncall(std::move(callback));
  }
  http::ResponseHead head;
  head.status = answer.status;
  if (!answer.content_type.empty()) head.headers.add("Content-Type", answer.content_type);
  head.headers.add("Cache-Control", "no-store");
  [[maybe_unused]] auto sent =
      co_await exchange.send(head, answer.body, http::BodyEnd::last, server_->loop().now() + io_timeout);
}

}  // namespace tenfold::app
