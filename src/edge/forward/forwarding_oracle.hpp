#pragma once

#include <algorithm>
#include <cctype>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "edge/forward/forwarding.hpp"

// What must hold of every request that an origin is sent, told without the code that makes it: for the generator's test
// and the fuzzer.
namespace tenfold::edge::oracle {

// As CGI names it.
inline std::string variable_of(std::string_view name) {
  std::string variable(name);
  for (char& c : variable)
    c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? static_cast<char>(std::toupper(c)) : '_';
  return variable;
}

inline std::vector<std::string> split(std::string_view text, std::string_view by) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t at = text.find(by);
    parts.emplace_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + by.size());
  }
}

// Empty if all holds, else what does not.
inline std::string fault_of(const http::RequestHead& sent, const ClientFacts& client, const net::IpAddress& peer) {
  std::map<std::string, std::vector<http::Header>> variables;
  for (const http::Header& header : sent.headers) variables[variable_of(header.name)].push_back(header);
  for (const auto& [variable, headers] : variables) {
    const bool family = variable.starts_with("X_FORWARDED") || variable.starts_with("FORWARDED") ||
                        variable.starts_with("X_REAL_") || variable.starts_with("TENFOLD_");
    const bool ours = variable == "X_FORWARDED_FOR" || variable == "X_FORWARDED_HOST" ||
                      variable == "X_FORWARDED_PROTO" || variable == "X_REAL_IP" || variable == "FORWARDED" ||
                      variable == "TENFOLD_REHEARSAL";
    if (family && !ours) return "a claim crossed: " + variable;
    if (family && headers.size() > 1) return "said twice: " + variable;
    for (const char* never : {"X_ORIGINAL_URL", "X_REWRITE_URL", "X_HOST", "X_HTTP_METHOD_OVERRIDE", "PROXY",
                              "CONNECTION", "TRANSFER_ENCODING", "TE", "UPGRADE", "X_CLIENT_IP", "TRUE_CLIENT_IP"}) {
      if (variable == never) return "crossed: " + variable;
    }
  }
  const auto only = [&](const char* variable) { return std::string(variables[variable].front().value); };
  for (const char* must : {"X_FORWARDED_FOR", "X_FORWARDED_HOST", "X_FORWARDED_PROTO", "X_REAL_IP", "FORWARDED"}) {
    if (variables[must].size() != 1) return std::string("missing: ") + must;
  }
  const std::vector<std::string> addresses = split(only("X_FORWARDED_FOR"), ", ");
  const std::string scheme = client.scheme == Scheme::https ? "https" : "http";
  if (addresses.front() != client.address.text() || addresses.back() != peer.text()) return "X-Forwarded-For";
  if (only("X_REAL_IP") != client.address.text()) return "X-Real-IP";
  if (only("X_FORWARDED_HOST") != sent.authority || only("X_FORWARDED_PROTO") != scheme)
    return "X-Forwarded-Host, -Proto";
  std::string forwarded;
  for (const std::string& address : addresses) {
    if (!forwarded.empty()) forwarded += ", ";
    const bool is_v6 = address.find(':') != std::string::npos;
    const std::string node = is_v6 ? "\"[" + address + "]\"" : address;
    const bool first = forwarded.empty();
    forwarded += "for=" + node;
    if (first) forwarded += ";host=\"" + std::string(sent.authority) + "\";proto=" + scheme;
  }
  return forwarded == only("FORWARDED") ? "" : "Forwarded says something else";
}

}  // namespace tenfold::edge::oracle
