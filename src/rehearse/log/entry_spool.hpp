#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "rehearse/log/entry.hpp"

namespace tenfold::rehearse {

// Sorts any number of entries by time in bounded memory: an external merge sort. Parts that fit the memory are sorted
// and written to one temporary file, which has no name and goes with the process; nothing is written where all of it
// fits. One thread.
class EntrySpool {
 public:
  struct Options {
    std::size_t memory_bytes = 16u << 20;  // of one part, without 16 bytes an entry for its order
    std::size_t most_parts = 256;          // merged at once; more are merged in rounds
    std::string folder;                    // empty: TMPDIR, else /var/tmp (/tmp is memory on many machines)
  };
  explicit EntrySpool(Options options);
  ~EntrySpool();
  EntrySpool(const EntrySpool&) = delete;
  EntrySpool& operator=(const EntrySpool&) = delete;

  void take(const Entry& entry);  // copies; after an error it does nothing
  // No room, most likely. Told here, or by give().
  const std::optional<Error>& error() const { return error_; }
  // All of them in the order of time, those of the same time as they were taken. Once.
  Result<void> give(const std::function<void(const Entry&)>& visit);
  std::size_t parts() const { return parts_.size(); }  // on disk

 private:
  struct Order {
    std::int64_t at_ms;
    std::size_t offset;
  };
  struct Part {
    std::uint64_t begin, end;  // of the file
  };
  // Texts that come again and again (agents, referers, targets, addresses) are kept once, and in memory: what is
  // written is a third. Bounded: further ones stand in their records.
  class Texts {
   public:
    static constexpr std::uint32_t none = UINT32_MAX;
    std::uint32_t number_of(std::string_view text);  // none: no room for it
    std::string_view operator[](std::uint32_t number) const { return texts_[number]; }

   private:
    static constexpr std::size_t most_texts = 100'000;
    static constexpr std::size_t most_bytes = 16u << 20;
    static constexpr std::size_t block_bytes = 1u << 20;
    std::vector<std::unique_ptr<char[]>> blocks_;
    std::size_t used_ = block_bytes, bytes_ = 0;
    std::vector<std::string_view> texts_;
    absl::flat_hash_map<std::uint64_t, std::uint32_t> numbers_;
  };
  class PartReader;
  class Writer;

  void append_record(const Entry& entry);
  Entry entry_of(const char* record, std::size_t& record_bytes) const;
  void sort();
  void spill();
  bool open();
  void fail_with(int error_number);
  bool merge(std::size_t parts, const std::function<void(std::string_view record, const Entry& entry)>& visit);
  bool merge_first_parts();

  Options options_;
  int descriptor_ = -1;
  std::uint64_t file_bytes_ = 0;
  std::vector<Part> parts_;
  Texts texts_;
  std::string records_;
  std::vector<Order> order_;
  std::optional<Error> error_;
};

}  // namespace tenfold::rehearse
