#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "cache/cache.hpp"
#include "http/message.hpp"

// Requests and responses for the tests of this module.
namespace tenfold::cache::testing {

using Fields = std::initializer_list<std::pair<std::string_view, std::string_view>>;

// The texts must be literals, or live as long.
inline http::RequestHead get(std::string_view target, Fields fields = {}) {
  http::RequestHead request;
  request.method_name = "GET";
  request.scheme = "https";
  request.authority = "shop.example";
  request.target = target;
  for (const auto& [name, value] : fields) request.headers.add(name, value);
  return request;
}

inline http::RequestHead with_method(http::Method method, std::string_view target, Fields fields = {}) {
  http::RequestHead request = get(target, fields);
  request.method = method;
  request.method_name = http::name(method);
  return request;
}

inline http::ResponseHead answer(int status, Fields fields = {}) {
  http::ResponseHead response;
  response.status = status;
  for (const auto& [name, value] : fields) response.headers.add(name, value);
  return response;
}

inline http::BodyLength known(std::size_t bytes) { return {http::BodyLength::Kind::known, bytes}; }
inline http::BodyLength unknown() { return {http::BodyLength::Kind::unknown, 0}; }

}  // namespace tenfold::cache::testing
