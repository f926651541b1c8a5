#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string_view>
#include <utility>

// Whom judge and ladder speak of. They see no addresses: whoever calls them leads an id back to one.
namespace tenfold::guard::judging {

// A keyed hash of an address, a network, a fingerprint, ...
enum class SubjectId : std::uint64_t {};
inline constexpr SubjectId nobody{0};

enum class SubjectLevel : std::uint8_t {
  client,       // one address
  network,      // IPv4 /24, IPv6 /56
  block,        // IPv4 /16, IPv6 /48
  fingerprint,  // how its TLS and its headers look
  pattern,      // what it asks for
  strangers,    // all of whom nothing is known, as a whole; its id is nobody
};
std::string_view name(SubjectLevel level);  // "client", "network", ...

struct Subject {
  SubjectLevel level = SubjectLevel::client;
  SubjectId id = nobody;

  auto operator<=>(const Subject&) const = default;
  template <typename H>
  friend H AbslHashValue(H state, const Subject& subject) {
    return H::combine(std::move(state), subject.level, subject.id);
  }
};

// Whom a request is of, at each level; nobody where that is not known.
struct RequestSubjects {
  SubjectId client = nobody;
  SubjectId network = nobody;
  SubjectId block = nobody;
  SubjectId fingerprint = nobody;
  SubjectId pattern = nobody;

  std::array<Subject, 5> all() const;  // by level, those that are nobody included
};

// Whether many clients may be one such subject.
constexpr bool is_group(SubjectLevel level) { return level != SubjectLevel::client; }

}  // namespace tenfold::guard::judging
