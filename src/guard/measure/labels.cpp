#include "guard/measure/labels.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "guard/measure/key.hpp"

namespace tenfold::guard {

namespace {

// Its ends are hashes themselves; the counts before them are told apart by those.
std::uint32_t short_hash(const net::TlsFingerprint& fingerprint) {
  std::array<std::uint32_t, 9> words{};
  static_assert(sizeof(words) == sizeof(fingerprint.text));
  std::memcpy(words.data(), fingerprint.text.data(), sizeof(words));
  std::uint64_t hash = 0;
  for (const std::uint32_t word : words) hash = (hash ^ word) * 0x9e3779b97f4a7c15 ^ (hash >> 29);
  return static_cast<std::uint32_t>(hash >> 32);
}

void fold(LabelsOfClient& mine, const LabelsOfClient& theirs) {
  mine.last = theirs.last;
  mine.tls.add(theirs.tls);
  mine.orders.add(theirs.orders);
}

}  // namespace

void Different::add(std::uint32_t hash) {
  const auto end = hashes_.begin() + count_;
  if (count_ == most || std::find(hashes_.begin(), end, hash) != end) return;
  hashes_[count_++] = hash;
}

void Different::add(const Different& others) {
  for (std::size_t i = 0; i < others.count_; ++i) add(others.hashes_[i]);
}

LabelTable::LabelTable(const SipKey& secret) : secret_(secret), slots_(std::make_unique<std::array<Slot, slots>>()) {}

std::size_t LabelTable::slot_of(std::uint64_t client) const {
  static_assert(slots == 1 << 9);
  return ((client ^ secret_.low) * (secret_.high | 1)) >> (64 - 9);
}

void LabelTable::note(std::uint64_t client, const Labels& labels) {
  Slot& slot = (*slots_)[slot_of(client)];
  empty_ = false;
  if (!slot.taken || slot.client != client) slot = {.client = client, .taken = true, .labels = {}};
  LabelsOfClient& mine = slot.labels;
  const bool other_tls = mine.tls.count() == 0 || mine.last.tls != labels.tls;
  if (other_tls && !labels.tls.empty()) mine.tls.add(short_hash(labels.tls));
  mine.orders.add(labels.fields.hash);
  mine.last = labels;
}

const LabelsOfClient* LabelTable::find(std::uint64_t client) const {
  const Slot& slot = (*slots_)[slot_of(client)];
  return slot.taken && slot.client == client ? &slot.labels : nullptr;
}

void LabelTable::clear() {
  if (!std::exchange(empty_, true)) slots_->fill({});
}

void LabelBook::follow(std::span<const Heavy> clients, std::span<const LabelTable* const> tables) {
  std::vector<std::uint64_t> followed;
  std::vector<LabelsOfClient> labels;
  for (const Heavy& heavy : clients) {
    const std::uint64_t client = client_key(heavy.prefix.base);
    LabelsOfClient& mine = labels.emplace_back();
    const auto before = std::ranges::find(clients_, client);
    if (before != clients_.end()) mine = labels_[static_cast<std::size_t>(before - clients_.begin())];
    for (const LabelTable* const table : tables) {
      if (const LabelsOfClient* const seen = table->find(client)) fold(mine, *seen);
    }
    followed.push_back(client);
  }
  clients_ = std::move(followed);
  labels_ = std::move(labels);
}

}  // namespace tenfold::guard
