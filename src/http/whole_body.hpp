#pragma once

#include <cstddef>
#include <string>

#include "http/exchange.hpp"

namespace tenfold::http {

// The request's body in one piece. Errors: too_large (more than `most_bytes`; the rest is not read), and those of
// ServerExchange::read_body().
net::Task<Result<std::string>> read_whole_body(ServerExchange& exchange, std::size_t most_bytes, TimePoint deadline);

}  // namespace tenfold::http
