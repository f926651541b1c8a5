#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "http/message.hpp"

namespace tenfold::console {

// Who may read and change what through the console.
struct GateOptions {
  // Names besides loopback ones and IP addresses by which the console may be called, without a port, lower case.
  std::vector<std::string> host_names;
  // The bearer token; empty: none is asked for.
  std::string token;
  // What takes the token. Off loopback it must be everything.
  enum class Guarded : std::uint8_t { changes, everything } guarded = Guarded::changes;
};

enum class Access : std::uint8_t {
  open,  // tells nothing: the page's own files, /healthz
  read,
  change,
};

// Why a request is not let in, as an answer.
struct Refusal {
  int status;  // 401, 403, 415 or 421
  std::string message;
  std::string expected;
};

// Lets a request in or says why not. Besides the token there are three ways to keep out pages of other sites that run
// in the operator's browser, for which a console on loopback is within reach:
//  * the Host must be ours, so that a foreign name pointed at this address (DNS rebinding) leads nowhere;
//  * what a browser marks as sent by another site is refused, also reading;
//  * a change must be JSON, which no form can send.
std::expected<void, Refusal> check(const http::RequestHead& request, Access access, const GateOptions& options);

// True for "localhost", names under it, IP addresses (a page cannot have rebound those) and the names given.
bool is_ours(std::string_view authority, const std::vector<std::string>& host_names);

}  // namespace tenfold::console
