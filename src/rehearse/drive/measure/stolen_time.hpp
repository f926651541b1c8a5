#pragma once

#include <cstdint>

namespace tenfold::rehearse {

// How much of the machine's CPU time other virtual machines took, from its making on (/proc/stat).
class StolenTime {
 public:
  StolenTime() : before_(read()) {}
  double share() const;       // 0..1; 0 where it is not known
  double idle_share() const;  // that nobody wanted; 1 where it is not known

 private:
  struct Ticks {
    std::uint64_t all = 0;
    std::uint64_t stolen = 0;
    std::uint64_t idle = 0;
  };
  static Ticks read();

  Ticks before_;
};

}  // namespace tenfold::rehearse
