#include "rehearse/record/run_record.hpp"

namespace tenfold::rehearse {

void Counts::add(const Counts& other) {
  planned += other.planned;
  sent += other.sent;
  answered += other.answered;
  for (std::size_t i = 0; i < failures; ++i) failed[i] += other.failed[i];
  unsent += other.unsent;
  late += other.late;
  for (std::size_t i = 0; i < statuses.size(); ++i) statuses[i] += other.statuses[i];
  bytes += other.bytes;
  connections += other.connections;
  tls_handshakes += other.tls_handshakes;
  tls_resumed += other.tls_resumed;
  sessions += other.sessions;
  not_followed += other.not_followed;
  withheld += other.withheld;
  invented += other.invented;
  by_shield += other.by_shield;
}

void Held::add(const Held& other) {
  answers += other.answers;
  elsewhere += other.elsewhere;
  known += other.known;
  login += other.login;
  moved += other.moved;
  not_found += other.not_found;
  denied += other.denied;
  whole += other.whole;
  bytes += other.bytes;
  small += other.small;
}

double RunRecord::achieved_per_s() const {
  if (lasted <= Duration::zero()) return 0;
  return static_cast<double>(total.answered) / std::chrono::duration<double>(lasted).count();
}

}  // namespace tenfold::rehearse
