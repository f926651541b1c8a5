#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "rehearse/log/entry.hpp"
#include "rehearse/log/escapes.hpp"
#include "rehearse/log/field_names.hpp"
#include "rehearse/log/log_time.hpp"

namespace tenfold::rehearse {

// A line's fields by what they mean: of each meaning the value of the best rank.
class NamedFields {
 public:
  // `named`: it is the field that was named for the client.
  void keep(Meaning meaning, std::string_view text, bool named = false) {
    if (named && named_client_.empty()) named_client_ = text;
    Value& kept = values_[static_cast<std::size_t>(meaning.slot)];
    if (meaning.slot == Slot::none || meaning.slot == Slot::foreign || text.empty() || meaning.rank >= kept.rank)
      return;
    kept = {text, meaning.rank};
  }
  void saw(Slot slot) { seen_ |= 1U << static_cast<unsigned>(slot); }  // also if it has no value

  std::string_view operator[](Slot slot) const { return values_[static_cast<std::size_t>(slot)].text; }
  int rank(Slot slot) const { return values_[static_cast<std::size_t>(slot)].rank; }
  bool has(Slot slot) const { return (seen_ >> static_cast<unsigned>(slot) & 1U) != 0; }
  std::string_view named_client() const { return named_client_; }

 private:
  struct Value {
    std::string_view text;
    int rank = 255;
  };
  std::array<Value, slots> values_;
  std::string_view named_client_;
  std::uint32_t seen_ = 0;
};

// The request that they tell of. False: without a time, or without a client; `expected` says which.
bool take_named_fields(const NamedFields& found, LogTime& time, Scratch& scratch, Entry& entry,
                       std::string_view& expected);

}  // namespace tenfold::rehearse
