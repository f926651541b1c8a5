#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "app/serve/server_thread.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/values.hpp"
#include "http/exchange.hpp"

namespace tenfold::app {

// The listener to which a provider reports what became of a call, and which digit was pressed. Everybody can reach it:
// nothing is believed but what carries the provider's signature. On a thread of its own; what arrives is handed to the
// on-call thread, and its answer goes back.
class CallbackServer final : public http::Handler {
 public:
  struct Callback {
    std::string method;
    std::string url;  // as the provider asked it: public_url, path and query
    std::string body;
    std::string signature;
  };
  struct Answer {
    int status = 500;
    std::string content_type;
    std::string body;
  };
  using Respond = std::function<void(Answer)>;  // from any thread, once
  // Called on this server's thread. False: not taken (on-call is too busy).
  using Ask = std::function<bool(Callback, Respond)>;

  static constexpr std::size_t most_body_bytes = 64 * 1024;            // past it 413
  static constexpr Duration answer_within = std::chrono::seconds(10);  // then 503; providers ask again

  // Opens the listener. Errors: those of ServerThread::make.
  static Result<std::unique_ptr<CallbackServer>> make(const Clock& clock, const config::HostPort& at,
                                                      std::string public_url);
  ~CallbackServer() override { stop(); }

  Result<void> start(Ask ask);  // errors: exhausted (no thread); it may be tried again
  // No answer is given after it; what `ask` had handed on may still respond as long as this exists.
  void stop();
  const net::Endpoint& address() const { return server_->address(); }

  net::Task<void> handle(http::ServerExchange& exchange) override;

 private:
  CallbackServer(std::unique_ptr<ServerThread> server, std::string public_url)
      : public_url_(std::move(public_url)), server_(std::move(server)) {}
  net::Task<Answer> ask_oncall(Callback callback);

  std::string public_url_;  // without a slash at its end
  Ask ask_;
  std::unique_ptr<ServerThread> server_;
};

}  // namespace tenfold::app
