#include "rehearse/drive/measure/stolen_time.hpp"

#include <fstream>
#include <string>

namespace tenfold::rehearse {

// "cpu  user nice system idle iowait irq softirq steal guest guest_nice"; guest time is in user time already.
StolenTime::Ticks StolenTime::read() {
  constexpr int counted = 8;
  std::ifstream file("/proc/stat");
  std::string label;
  Ticks ticks;
  if (!(file >> label) || label != "cpu") return ticks;
  for (int i = 0; i < counted; ++i) {
    std::uint64_t value = 0;
    if (!(file >> value)) return {};
    ticks.all += value;
    if (i == 3 || i == 4) ticks.idle += value;
    if (i == counted - 1) ticks.stolen = value;
  }
  return ticks;
}

double StolenTime::share() const {
  const Ticks now = read();
  if (now.all <= before_.all || now.stolen < before_.stolen) return 0;
  return static_cast<double>(now.stolen - before_.stolen) / static_cast<double>(now.all - before_.all);
}

double StolenTime::idle_share() const {
  const Ticks now = read();
  if (now.all <= before_.all || now.idle < before_.idle) return 1;
  return static_cast<double>(now.idle - before_.idle) / static_cast<double>(now.all - before_.all);
}

}  // namespace tenfold::rehearse
