#include "http/rules/requests.hpp"

#include "http/rules/characters.hpp"

namespace tenfold::http {

bool is_sendable(const RequestHead& head) {
  return is_token(head.method_name.empty() ? name(head.method) : head.method_name) && is_target(head.target) &&
         (head.authority.empty() || is_target(head.authority));
}

bool body_means_nothing(Method method) {
  switch (method) {
    case Method::get:
    case Method::head:
    case Method::options:
    case Method::delete_:
    case Method::trace: return true;
    default: return false;
  }
}

}  // namespace tenfold::http
