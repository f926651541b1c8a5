#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "net/address.hpp"
#include "net/loop.hpp"
#include "net/task.hpp"
#include "net/tls/tls.hpp"
#include "rehearse/drive/target.hpp"

namespace tenfold::rehearse {

inline constexpr std::string_view token_path = "/.well-known/tenfold-verify.txt";
inline constexpr std::size_t most_token_file_bytes = 4 * 1024;

// The text of the target's token file, as the server at this one address gives it: status 200 only, no redirect
// followed, at most 4 KiB. Errors, with what was found: refused (the server answers, but not with a file that could
// hold a token; or its certificate is not for the host), busy (429 or 5xx), unreachable (no connection, or it broke),
// timed_out, not_found (this machine has no route to the address).
net::Task<Result<std::string>> read_token_file(net::Loop& loop, Target target, net::Endpoint endpoint,
                                               std::shared_ptr<net::TlsClientContext> tls, TimePoint deadline);

}  // namespace tenfold::rehearse
