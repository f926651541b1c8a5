#pragma once

#include <absl/container/flat_hash_map.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <utility>

#include "base/guarded.hpp"
#include "origin/admission.hpp"

namespace tenfold::origin {

// The places at origins that clients hold for as long as they please: a long upload's, a long answer's, a tunnel's.
// Counted by client over all workers, so that one client cannot have them all. Touched only by such requests, at their
// beginning and end. Bounded by the places that there are. Thread-safe.
class HeldPlaces {
 public:
  enum class Kind : std::uint8_t { upload, download, tunnel };

  // One of a client's; given back at its end. Move-only; must die before its HeldPlaces.
  class Hold {
   public:
    Hold() = default;
    Hold(Hold&& other) noexcept
        : owner_(std::exchange(other.owner_, nullptr)), client_(other.client_), kind_(other.kind_) {}
    Hold& operator=(Hold&& other) noexcept {
      release();
      owner_ = std::exchange(other.owner_, nullptr);
      client_ = other.client_;
      kind_ = other.kind_;
      return *this;
    }
    ~Hold() { release(); }
    explicit operator bool() const { return owner_ != nullptr; }

   private:
    friend class HeldPlaces;
    Hold(HeldPlaces& owner, std::uint64_t client, Kind kind) : owner_(&owner), client_(client), kind_(kind) {}
    void release() {
      if (owner_ != nullptr) std::exchange(owner_, nullptr)->give_back(client_, kind_);
    }

    HeldPlaces* owner_ = nullptr;
    std::uint64_t client_ = 0;
    Kind kind_ = Kind::upload;
  };

  // Empty if the client has `most` of that kind already, or `most_in_all` of all kinds together.
  Hold take(std::uint64_t client, Kind kind, std::uint32_t most, std::uint32_t most_in_all) {
    return clients_.with([&](Clients& clients) {
      Counts& counts = clients[client];
      std::uint32_t& count = counts[static_cast<std::size_t>(kind)];
      if (count >= most || std::accumulate(counts.begin(), counts.end(), 0u) >= most_in_all) return Hold();
      ++count;
      return Hold(*this, client, kind);
    });
  }

 private:
  using Counts = std::array<std::uint32_t, 3>;  // by Kind
  using Clients = absl::flat_hash_map<std::uint64_t, Counts>;
  void give_back(std::uint64_t client, Kind kind) {
    clients_.with([&](Clients& clients) {
      const auto found = clients.find(client);
      --found->second[static_cast<std::size_t>(kind)];
      if (found->second == Counts{}) clients.erase(found);
    });
  }

  Guarded<Clients> clients_;
};

}  // namespace tenfold::origin
