#pragma once

#include <string_view>

#include "http/message.hpp"

// What a request may be in every version (RFC 9110, 7.1 and 9.3).
namespace tenfold::http {

// A target as RequestHead has it for other methods than CONNECT: a path with or without a query, or "*" of OPTIONS.
inline bool is_path_target(Method method, std::string_view target) {
  return target.starts_with('/') || (target == "*" && method == Method::options);
}

// True when nothing in the head's method, target and authority would end its line or its field: what they are made of
// was text of somebody else's.
bool is_sendable(const RequestHead& head);

// Servers that give such a request's body no thought (RFC 9110, 9.3) leave it unread.
bool body_means_nothing(Method method);

}  // namespace tenfold::http
