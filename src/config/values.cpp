#include "config/values.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

namespace tenfold::config {

std::string HostPort::text() const {
  return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port) : fmt::format("[{}]:{}", host, port);
}

std::string ServerAddress::text() const { return unix_path.empty() ? HostPort::text() : "unix:" + unix_path; }

bool HostPort::is_address() const {
  in6_addr six;
  in_addr four;
  return inet_pton(AF_INET6, host.c_str(), &six) == 1 || inet_pton(AF_INET, host.c_str(), &four) == 1;
}

bool HostPort::is_loopback() const {
  return host == "localhost" || host == "::1" || (is_address() && host.starts_with("127."));
}

std::string RequestPattern::text() const { return method.empty() ? path : method + " " + path; }

}  // namespace tenfold::config
