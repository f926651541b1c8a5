#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/siphash.hpp"
#include "guard/measure/field_order.hpp"
#include "guard/measure/ledger.hpp"
#include "net/tls/fingerprint.hpp"

// How clients look, for people who look at them. Nothing is decided by it: whoever attacks chooses how to look, and
// most customers look alike.
namespace tenfold::guard {

// Of one request.
struct Labels {
  net::TlsFingerprint tls;  // empty: plain HTTP, or a proxy's TLS
  FieldOrder fields;
  bool session = false;  // it brings a session cookie of the shop
};

// How many different ones there were, exactly up to `most`; past it further ones are not counted.
class Different {
 public:
  static constexpr std::size_t most = 8;

  void add(std::uint32_t hash);
  void add(const Different& others);
  std::size_t count() const { return count_; }

 private:
  std::array<std::uint32_t, most> hashes_{};
  std::uint8_t count_ = 0;
};

struct LabelsOfClient {
  Labels last;
  Different tls;     // fingerprints
  Different orders;  // of fields
};

// What one worker saw in one window, by client. Two clients that share a slot displace each other: whoever asks much is
// there most of the time, and a window lasts 100 ms. 64 KiB, allocated once. Not thread-safe.
class LabelTable {
 public:
  static constexpr std::size_t slots = 512;

  explicit LabelTable(const SipKey& secret);
  void note(std::uint64_t client, const Labels& labels);   // client: client_key()
  const LabelsOfClient* find(std::uint64_t client) const;  // null: not seen
  void clear();

 private:
  struct Slot {
    std::uint64_t client = 0;
    bool taken = false;
    LabelsOfClient labels;
  };
  std::size_t slot_of(std::uint64_t client) const;

  const SipKey secret_;  // so that nobody chooses whose slot to share
  std::unique_ptr<std::array<Slot, slots>> slots_;
  bool empty_ = true;
};

// The labels of those who take the most, for as long as they do: the brain's. Not thread-safe.
class LabelBook {
 public:
  // Of those clients alone, and of what the tables saw of them; others are forgotten.
  void follow(std::span<const Heavy> clients, std::span<const LabelTable* const> tables);
  // In the order of the clients that were followed last; of whom nothing was seen yet there was no order.
  const std::vector<LabelsOfClient>& labels() const { return labels_; }

 private:
  std::vector<std::uint64_t> clients_;
  std::vector<LabelsOfClient> labels_;
};

}  // namespace tenfold::guard
