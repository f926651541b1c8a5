#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace tenfold::rehearse {

// Which hosts a log is of. "www.shop.example" and "Shop.example:443" are the same. Bounded: of 1,000 hosts.
class HostSurvey {
 public:
  // `wanted`: the only one that counts; empty: all.
  explicit HostSurvey(std::string_view wanted);
  // Whether the line is of the wanted host.
  bool see(std::string_view host);
  std::uint64_t of_others() const { return of_others_; }
  // The hosts where they are several, the most asked for first: "a.example (71 %), b.example (29 %)". Empty: there is
  // but one, or the log does not tell.
  std::string several() const;
  std::string named() const;  // the same, also of one

 private:
  static constexpr std::size_t most_hosts = 1'000;
  std::string wanted_;
  std::map<std::string, std::uint64_t, std::less<>> hosts_;
  std::string last_text_;
  std::uint64_t* last_ = nullptr;
  bool last_wanted_ = true;
  std::uint64_t told_ = 0, of_others_ = 0;
};

}  // namespace tenfold::rehearse
