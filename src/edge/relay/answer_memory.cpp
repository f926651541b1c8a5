#include "edge/relay/answer_memory.hpp"

#include "edge/identify/client_address.hpp"
#include "guard/subject.hpp"

namespace tenfold::edge {

AnswerMemory::Share::Share(AnswerMemory& memory, const net::IpAddress& client)
    : memory_(memory), network_(client_label(guard::Prefix::of(client, guard::Level::network).base)) {
  ++memory_.networks_[network_].shares;
}

AnswerMemory::Share::~Share() {
  give_back(kept_);
  const auto found = memory_.networks_.find(network_);
  if (--found->second.shares == 0) memory_.networks_.erase(found);
}

bool AnswerMemory::Share::has_room(std::uint64_t bytes) const {
  if (kept_ + bytes > most_of_one || memory_.kept_ + bytes > memory_.bound_) return false;
  const std::uint64_t free_after = memory_.bound_ - memory_.kept_ - bytes;
  return memory_.networks_.find(network_)->second.kept + bytes <= free_after / network_part;
}

void AnswerMemory::Share::add(std::uint64_t bytes) {
  kept_ += bytes;
  memory_.kept_ += bytes;
  memory_.networks_.find(network_)->second.kept += bytes;
}

void AnswerMemory::Share::give_back(std::uint64_t bytes) {
  kept_ -= bytes;
  memory_.kept_ -= bytes;
  memory_.networks_.find(network_)->second.kept -= bytes;
}

}  // namespace tenfold::edge
