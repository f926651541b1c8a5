#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/siphash.hpp"

namespace tenfold::guard {

// Who has the most of a weighted stream, in fixed memory: weighted Space-Saving (Metwally, Agrawal and El Abbadi, 2005)
// that looks for the least a batch at a time (as Anderson et al., 2017, do for Misra-Gries) and can be merged (Agarwal
// et al., 2012).
//
// A key that comes new to a full table takes the place of one of those with the least. The most that any had who lost
// its place is the `floor`. The count of who comes new begins there: so much it may have had before, and so much is its
// error. Of every key's true weight it is known, in whatever order the stream came,
//
//   count - error  <=  weight  <=  count             of a key that is followed
//                      weight  <=  floor             of one that is not
//                                  floor             <=  the weight of all / capacity
//
// Whoever acts on count - error (Entry::sure) alone acts on what the key has done itself and on nothing else. `Note` is
// what else is counted of a key from when it took its place on.
//
// Why the floor is bounded: those who are to go, the lowest quarter, are chosen when none of the last choice is left.
// While it then rises by d, three quarters of the places or more lose d / 1.125 of what is above it (1.125: a step of
// the histogram), and no more can be lost than came. Hence half as many places again as the capacity.
//
// The index is a hash table under a secret key: nobody can choose keys that collide. Adding takes constant time on the
// average; once in a quarter as many newcomers as there are places it takes some microseconds for each thousand of
// them. Nothing is allocated after construction. Not thread-safe. `Weight`: an unsigned integer, or double.
template <typename Weight, typename Note>
class SpaceSaving {
 public:
  struct Entry {
    std::uint64_t key = 0;
    Weight count{};
    Weight error{};
    Note note{};

    Weight sure() const { return count - error; }
  };

  static constexpr std::size_t most_capacity = 1 << 14;

  // 1 <= capacity <= most_capacity.
  SpaceSaving(std::size_t capacity, const SipKey& secret)
      : secret_(secret),
        capacity_(capacity),
        entries_(capacity + (capacity + 1) / 2),
        cells_(entries_.size()),
        leaving_(entries_.size()),
        index_(std::bit_ceil(4 * entries_.size())),
        mask_(index_.size() - 1),
        home_shift_(32 - std::countr_zero(index_.size())),
        slot_mask_(static_cast<Cell>(std::bit_ceil(entries_.size() + 1) - 1)) {
    TENFOLD_ASSERT(capacity >= 1 && capacity <= most_capacity);
  }
  SpaceSaving(const SpaceSaving&) = delete;
  SpaceSaving& operator=(const SpaceSaving&) = delete;

  std::uint64_t hash(std::uint64_t key) const { return siphash(secret_, key); }

  // The key's entry, with the weight added. Its note is a new one if the key was not followed before. The reference
  // holds until the next call. With the hash, if it is known already.
  Entry& add(std::uint64_t key, Weight weight) { return add(key, hash(key), weight); }
  Entry& add(std::uint64_t key, std::uint64_t hash, Weight weight) {
    if (Entry* const known = find(key, hash)) {
      known->count += weight;
      return *known;
    }
    if (size_ < entries_.size()) return place(size_++, {key, floor_ + weight, floor_, {}}, hash);
    const std::size_t slot = take_out_next();
    return place(slot, {key, floor_ + weight, floor_, {}}, hash);
  }

  const Entry* find(std::uint64_t key) const { return const_cast<SpaceSaving*>(this)->find(key, hash(key)); }
  std::span<const Entry> entries() const { return {entries_.data(), size_}; }
  Weight floor() const { return floor_; }
  std::size_t capacity() const { return capacity_; }
  std::size_t bytes() const {
    const std::size_t of_a_place = sizeof(Entry) + sizeof(Cell) + sizeof(Slot);
    return sizeof(*this) + entries_.size() * of_a_place + index_.size() * sizeof(Cell);
  }

  // Adds what another table under the same secret counted, each weight times `scale`: counts and errors are summed, and
  // a key that only one of them follows may have had the other's floor there. The floor's bound holds for the sum of
  // both streams, plus the other's floor. fold(Note& mine, const OtherNote& theirs) is called for each key of theirs
  // that has a place here.
  template <typename OtherWeight, typename OtherNote, typename Fold>
  void merge(const SpaceSaving<OtherWeight, OtherNote>& other, Weight scale, Fold fold) {
    const Weight floor = floor_;
    const Weight their_floor = scale * static_cast<Weight>(other.floor());
    raise(their_floor);
    // First those that both follow: else one could lose its place before it has its sum.
    for (const auto& theirs : other.entries()) {
      Entry* const mine = find(theirs.key, hash(theirs.key));
      if (mine == nullptr) continue;
      mine->count += scale * static_cast<Weight>(theirs.count) - their_floor;
      mine->error += scale * static_cast<Weight>(theirs.error) - their_floor;
      fold(mine->note, theirs.note);
    }
    for (const auto& theirs : other.entries()) {
      const Weight count = floor + scale * static_cast<Weight>(theirs.count);
      // Not above the floor: among them all that lost their places in this very loop.
      if (count <= floor_) continue;
      const std::uint64_t hash = this->hash(theirs.key);
      if (find(theirs.key, hash) != nullptr) continue;
      if (size_ == entries_.size() && count <= entries_[next_to_leave()].count) {
        floor_ = count;
        continue;
      }
      const std::size_t slot = size_ < entries_.size() ? size_++ : take_out_next();
      const Weight error = floor + scale * static_cast<Weight>(theirs.error);
      fold(place(slot, {theirs.key, count, error, {}}, hash).note, theirs.note);
    }
  }

  // Every weight times `factor`; change(Note&) is to do the same to a note.
  template <typename Change>
  void multiply(Weight factor, Change change) {
    for (Entry& entry : std::span(entries_.data(), size_)) {
      entry.count *= factor;
      entry.error *= factor;
      change(entry.note);
    }
    floor_ *= factor;
    leaves_at_ *= factor;
  }

  template <typename Change>
  void change_notes(Change change) {
    for (Entry& entry : std::span(entries_.data(), size_)) change(entry.note);
  }

  void clear() {
    std::fill(index_.begin(), index_.end(), Cell{0});
    size_ = 0;
    leaving_count_ = 0;
    floor_ = {};
  }

 private:
  // Of the index: the upper bits of a key's hash, and below them its entry's number plus one. 0: empty. The uppermost
  // bits are the cell that it would have were no other there: at most_capacity 17 bits, and 15 for the number.
  using Cell = std::uint32_t;
  using Slot = std::uint16_t;

  std::size_t home(Cell cell) const { return cell >> home_shift_; }
  std::size_t slot(Cell cell) const { return (cell & slot_mask_) - 1; }

  Entry* find(std::uint64_t key, std::uint64_t hash) {
    const Cell wanted = static_cast<Cell>(hash >> 32) & ~slot_mask_;
    for (std::size_t at = home(wanted); index_[at] != 0; at = (at + 1) & mask_) {
      if ((index_[at] & ~slot_mask_) != wanted) continue;
      Entry& entry = entries_[slot(index_[at])];
      if (entry.key == key) return &entry;
    }
    return nullptr;
  }

  void put(Cell cell) {
    std::size_t at = home(cell);
    while (index_[at] != 0) at = (at + 1) & mask_;
    index_[at] = cell;
  }

  // Those behind it move up as far as their homes allow: no tombstones, so that a look stays as short as it was.
  void take_out(Cell cell) {
    std::size_t gap = home(cell);
    while (index_[gap] != cell) gap = (gap + 1) & mask_;
    for (std::size_t at = (gap + 1) & mask_; index_[at] != 0; at = (at + 1) & mask_) {
      const std::size_t from_home = (at - home(index_[at])) & mask_;
      if (from_home < ((at - gap) & mask_)) continue;
      index_[gap] = index_[at];
      gap = at;
    }
    index_[gap] = 0;
  }

  Entry& place(std::size_t slot, Entry&& entry, std::uint64_t hash) {
    cells_[slot] = (static_cast<Cell>(hash >> 32) & ~slot_mask_) | static_cast<Cell>(slot + 1);
    put(cells_[slot]);
    return entries_[slot] = std::move(entry);
  }

  void raise(Weight by) {
    if (by == Weight{}) return;
    for (Entry& entry : std::span(entries_.data(), size_)) {
      entry.count += by;
      entry.error += by;
    }
    floor_ += by;
    leaves_at_ += by;
  }

  double above_floor(const Entry& entry) const {
    return entry.count > floor_ ? static_cast<double>(entry.count - floor_) : 0.0;
  }

  // Steps of an eighth, from 2^-32 to 2^96; what is less is as good as nothing.
  static constexpr std::size_t steps = 1024;
  static constexpr std::uint64_t first_step = (1023 - 32) * 8;
  static std::size_t step_of(double above_floor) {
    const std::uint64_t step = std::bit_cast<std::uint64_t>(above_floor) >> 49;  // the exponent and three bits
    return std::min<std::uint64_t>(step - std::min(step, first_step), steps - 1);
  }
  static double end_of(std::size_t step) { return std::bit_cast<double>((first_step + step + 1) << 49); }

  // Of a full table: chooses the lowest quarter, and whoever is in the same step as the last of them.
  void choose_who_leaves() {
    std::array<Slot, steps> histogram{};
    for (const Entry& entry : entries_) ++histogram[step_of(above_floor(entry))];
    std::size_t step = 0;
    for (std::size_t found = histogram[0]; found < (entries_.size() + 3) / 4; found += histogram[step]) ++step;
    const double end = step == steps - 1 ? std::numeric_limits<double>::infinity() : end_of(step);
    leaves_at_ = floor_;
    for (std::size_t slot = 0; slot < entries_.size(); ++slot) {
      const bool leaves = above_floor(entries_[slot]) < end;
      leaving_[leaving_count_] = static_cast<Slot>(slot);
      leaving_count_ += leaves ? 1 : 0;
      leaves_at_ = std::max(leaves_at_, leaves ? entries_[slot].count : Weight{});
    }
  }

  // Of a full table. Whoever has got more than those who were chosen since it was chosen stays.
  std::size_t next_to_leave() {
    for (;;) {
      if (leaving_count_ == 0) choose_who_leaves();
      const std::size_t slot = leaving_[leaving_count_ - 1];
      if (entries_[slot].count <= leaves_at_) return slot;
      --leaving_count_;
    }
  }

  // The place of one who has left.
  std::size_t take_out_next() {
    const std::size_t slot = next_to_leave();
    --leaving_count_;
    floor_ = std::max(floor_, entries_[slot].count);
    take_out(cells_[slot]);
    return slot;
  }

  const SipKey secret_;
  const std::size_t capacity_;
  std::vector<Entry> entries_;  // the first size_ are in use
  std::vector<Cell> cells_;     // of each entry, what stands for it in the index
  std::vector<Slot> leaving_;   // the first leaving_count_: chosen to leave, if they stay as low as leaves_at_
  std::vector<Cell> index_;     // open addressing, a quarter full at most
  const std::size_t mask_;
  const int home_shift_;
  const Cell slot_mask_;
  std::size_t size_ = 0;
  std::size_t leaving_count_ = 0;
  Weight leaves_at_{};
  Weight floor_{};
};

}  // namespace tenfold::guard
