#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "oncall/channels/sip/loop.hpp"
#include "oncall/channels/sip/re.hpp"
#include "oncall/channels/sip/sip.hpp"

namespace tenfold::oncall::sip {

// Where a call goes: the server, found, and the address that we have towards it.
struct Route {
  sa server{};
  sa local{};
};

// The signalling of one call, with sockets of its own: a call starts from a clean slate, whatever became of addresses
// and connections since the last one. On the loop's thread.
class Stack {
 public:
  // Errors: exhausted, invalid (the CA file), unsupported.
  static Result<std::unique_ptr<Stack>> open(const SipOptions& options, const Route& route);
  Stack(const Stack&) = delete;
  Stack& operator=(const Stack&) = delete;
  ~Stack();  // at once: whatever is under way is dropped

  SipStack* get() const { return sip_.get(); }
  sipsess_sock* sessions() const { return sessions_.get(); }
  const std::string& route_uri() const { return route_uri_; }
  const std::string& complaint() const { return complaint_; }  // about the server's certificate; empty: none

  // Lets what is under way (BYE, CANCEL, the end of a registration) come to its end, then calls `closed`, from a task
  // of its own. Nothing new may be started after.
  void close(std::function<void()> closed);

 private:
  Stack() = default;
  Result<void> listen(const SipOptions& options, const Route& route);
  int add_tls(const SipOptions& options, const sa& local);

  std::string host_;
  std::string complaint_;
  std::string route_uri_;
  Re<tls> tls_;
  Re<dnsc> names_;  // for hosts that the server names in its answers
  Re<SipStack> sip_;
  Re<sipsess_sock> sessions_;
  Timer soon_;
  std::function<void()> closed_;
  bool closing_ = false;
  bool emptied_ = false;
};

}  // namespace tenfold::oncall::sip
