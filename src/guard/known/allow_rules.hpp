#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/sha256.hpp"
#include "guard/known/address_set.hpp"
#include "http/message.hpp"
#include "http/request_pattern.hpp"
#include "net/address.hpp"

namespace tenfold::guard {

// Whom the owner wants served whatever the guard decides. At least one of networks and paths.
struct AllowRule {
  std::string name;
  std::vector<net::IpNetwork> networks;     // none: from anywhere
  std::vector<http::RequestPattern> paths;  // none: anything
};

// An application of the owner's, or a partner's, that shows a key.
struct ApiKeyRule {
  std::string name;
  std::string header;          // compared without case. Of "Authorization" what follows "Bearer " is the key
  std::vector<Sha256> hashes;  // of its keys
};

// The owner's rules, compiled. Immutable; thread-safe.
class AllowRules {
 public:
  AllowRules() = default;
  AllowRules(const std::vector<AllowRule>& rules, const std::vector<ApiKeyRule>& keys);

  // The name of the first rule that the request fits, networks and paths before keys; it lives as long as the rules.
  // path: http::normal_path() of the request's. A rule with paths wants the path to fit as it came as well: else
  // whoever spells a costly page so that only we read the callback's name in it would be allowed. What servers read in
  // still more ways (http::has_more_readings) fits no path.
  std::optional<std::string_view> match(const net::IpAddress& client, const http::RequestHead& request,
                                        std::string_view path) const;

  // Whether a rule names a network that the address is in, whatever else it wants: nothing is known yet of a request.
  bool may_fit(const net::IpAddress& client) const;
  // Whether a rule fits requests from anywhere, by what they ask for or by a key.
  bool may_fit_anybody() const;

  // What the rules that name networks have to do with one, for people.
  struct Reach {
    std::string_view name;
    enum class Of : std::uint8_t {
      all,
      some_paths,      // from all of it
      some_addresses,  // of it
    } of = Of::all;
  };
  // The rule that reaches the furthest, the first of its like; none: none names any of it.
  std::optional<Reach> reach_of(const net::IpNetwork& network) const;

  // Longer values are no keys, and of more lines than this with a key's header only the first are looked at: bounds on
  // what a stranger can have us hash, half a microsecond or so each.
  static constexpr std::size_t longest_key = 512;
  static constexpr int most_key_lines = 2;

 private:
  struct Rule {
    std::string name;
    AddressSet networks;
    std::vector<http::RequestPattern> paths;
    bool anywhere = true;
  };
  struct Key {
    std::string name;
    Sha256 hash;
  };
  struct KeyHeader {
    std::string name;
    std::vector<Key> keys;
  };

  static bool fits(const Rule& rule, const net::IpAddress& client, const http::RequestHead& request,
                   std::string_view path);
  static const Key* key_of(const KeyHeader& header, std::string_view value);
  std::optional<std::string_view> match_key(const http::Headers& headers) const;

  std::vector<Rule> rules_;
  std::vector<KeyHeader> key_headers_;
};

}  // namespace tenfold::guard
