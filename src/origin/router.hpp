#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "http/request_pattern.hpp"
#include "origin/settings.hpp"

namespace tenfold::origin {

// Which route a request takes. Immutable; thread-safe.
class Router {
 public:
  Router() = default;
  explicit Router(const std::vector<RouteSettings>& routes);

  // The number of the first route that matches, or that of routes (the default) if none does.
  // authority: as received, with or without port, any case. path: as http::normal_path() gives it; so are the patterns
  // read, so that "/mein%20konto*" is what it looks like.
  std::size_t find(std::string_view method, std::string_view authority, std::string_view path) const;

 private:
  struct Rule {
    std::vector<std::string> exact_hosts;
    std::vector<std::string> host_suffixes;  // ".example.org" for "*.example.org"
    std::vector<http::RequestPattern> paths;
    bool any_host = true;

    bool takes_host(std::string_view host) const;
    bool takes_path(std::string_view method, std::string_view path) const;
  };
  std::vector<Rule> rules_;
};

}  // namespace tenfold::origin
