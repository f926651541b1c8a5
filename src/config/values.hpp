#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <utility>

// The kinds of value that settings are made of. Once loaded they are valid: nobody needs to check them again.
namespace tenfold::config {

// "127.0.0.1:80", "[::1]:80", "app.internal:8080".
struct HostPort {
  std::string host;  // an address without brackets, or a name in lower case
  std::uint16_t port = 0;

  std::string text() const;
  // True when host is an address and not a name.
  bool is_address() const;
  bool is_loopback() const;  // 127.0.0.0/8, ::1 or "localhost"
  auto operator<=>(const HostPort&) const = default;
};

// An origin's server: host and port, or the path of a Unix-domain socket instead.
struct ServerAddress : HostPort {
  std::string unix_path = {};  // absolute once loaded

  bool empty() const { return host.empty() && unix_path.empty(); }
  std::string text() const;  // "127.0.0.1:9001", "unix:/run/php/shop.sock"
  auto operator<=>(const ServerAddress&) const = default;
};

// "10.0.0.0/8", "2001:db8::/32", or one address. Syntax checked; host bits are zero.
struct Network {
  std::string text;
  auto operator<=>(const Network&) const = default;
};

// What a request must look like: "/checkout*", "POST /checkout". `*` stands for any run of characters, also none; the
// path is compared without its query, case and all.
struct RequestPattern {
  std::string method = {};  // empty: any
  std::string path = {};    // begins with "/"
  std::string text() const;
  auto operator<=>(const RequestPattern&) const = default;
};

// "200-399" or "204"; both ends included.
struct StatusRange {
  std::uint16_t from = 200;
  std::uint16_t to = 399;
  bool contains(unsigned status) const { return status >= from && status <= to; }
  auto operator<=>(const StatusRange&) const = default;
};

// "Content-Type: text/html".
struct HeaderLine {
  std::string name;  // as in the file; compared without case
  std::string value;

  bool operator==(const HeaderLine&) const = default;
};

// A password or key. Not printed by anything: whoever needs the value says so.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  const std::string& reveal() const { return value_; }
  bool empty() const { return value_.empty(); }
  bool operator==(const Secret&) const = default;

 private:
  std::string value_;
};

}  // namespace tenfold::config
