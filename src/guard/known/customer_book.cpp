#include "guard/known/customer_book.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/hmac.hpp"

namespace tenfold::guard {

namespace {

// Of each generation: day (4 bytes), how many (4), prints (4 each).
constexpr std::string_view customers_kind = "customers 1";

// Those of the last days, and as many of days to come as a clock that was wrong may have left; past it the latest go.
constexpr std::size_t most_generations = 2 * customer_days;

// Each print once, with all its days.
std::vector<KnownCustomers::Entry> joined(std::vector<KnownCustomers::Entry> entries) {
  std::ranges::sort(entries, {}, &KnownCustomers::Entry::print);
  std::size_t size = 0;
  for (const KnownCustomers::Entry& entry : entries) {
    if (size > 0 && entries[size - 1].print == entry.print) {
      entries[size - 1].days |= entry.days;
    } else {
      entries[size++] = entry;
    }
  }
  entries.resize(size);
  return entries;
}

}  // namespace

CustomerBook::CustomerBook(std::string_view secret) : key_(sip_key(hmac_sha256(secret, "customers of earlier days"))) {}

CustomerBook::Noted CustomerBook::note_order(const net::IpAddress& client, Day today) {
  turn_to(today);
  if (open_.size() + 2 > most_a_day) {
    ++left_out_;
    return {};
  }
  return {.client = open_.insert(KnownCustomers::print_of(key_, client, Level::client)).second,
          .network = open_.insert(KnownCustomers::print_of(key_, client, Level::network)).second};
}

// Opens that day's generation, which may have been shelved, as after load().
void CustomerBook::turn_to(Day today) {
  if (day_ == today) return;
  shelve();
  forget(today);
  day_ = today;
  const auto found = std::ranges::lower_bound(shelved_, today, {}, &Generation::day);
  if (found == shelved_.end() || found->day != today) return;
  open_.insert(found->prints.begin(), found->prints.end());
  shelved_.erase(found);
}

void CustomerBook::shelve() {
  if (open_.empty()) return;
  Generation generation{.day = *day_, .prints = {open_.begin(), open_.end()}};
  std::ranges::sort(generation.prints);
  open_ = {};
  shelved_.insert(std::ranges::lower_bound(shelved_, *day_, {}, &Generation::day), std::move(generation));
}

// Days to come stay: machines begin with a clock that is years behind, and set it later.
void CustomerBook::forget(Day today) {
  std::erase_if(shelved_, [&](const Generation& generation) {
    return today - generation.day >= std::chrono::days(customer_days);
  });
  if (shelved_.size() > most_generations) shelved_.resize(most_generations);
}

std::shared_ptr<const KnownCustomers> CustomerBook::snapshot(Day today) {
  turn_to(today);
  std::vector<KnownCustomers::Entry> entries;
  entries.reserve(size());
  for (const Generation& generation : shelved_) {
    if (generation.day > today) continue;
    const std::uint32_t bit = 1u << (today - generation.day).count();
    for (const std::uint32_t print : generation.prints) entries.push_back({print, bit});
  }
  for (const std::uint32_t print : open_) entries.push_back({print, 1});
  return std::make_shared<const KnownCustomers>(key_, today, joined(std::move(entries)));
}

std::string CustomerBook::save(Day today) {
  turn_to(today);
  shelve();
  forget(today);
  std::string content;
  content.reserve(size() * sizeof(std::uint32_t) + shelved_.size() * 8);
  for (const Generation& generation : shelved_) {
    append_number(content, static_cast<std::int32_t>(generation.day.time_since_epoch().count()));
    append_number(content, static_cast<std::uint32_t>(generation.prints.size()));
    for (const std::uint32_t print : generation.prints) append_number(content, print);
  }
  day_.reset();
  turn_to(today);
  return seal(key_, customers_kind, content);
}

Result<void> CustomerBook::load(std::string_view saved, Day today) {
  open_ = {};
  shelved_.clear();
  day_.reset();
  const auto content = unseal(key_, customers_kind, saved);
  if (!content) return std::unexpected(content.error());
  std::vector<Generation> read;
  for (SealedReader reader(*content); !reader.done();) {
    auto generation = read_generation(reader);
    const bool in_order = generation && (read.empty() || read.back().day < generation->day);
    if (!in_order || read.size() == most_generations) return fail(Errc::invalid, "is damaged");
    read.push_back(std::move(*generation));
  }
  shelved_ = std::move(read);
  turn_to(today);
  return {};
}

std::optional<CustomerBook::Generation> CustomerBook::read_generation(SealedReader& reader) {
  std::int32_t day = 0;
  std::uint32_t count = 0;
  if (!reader.take(day) || !reader.take(count) || count > most_a_day) return {};
  Generation generation{.day = Day(std::chrono::days(day)), .prints = {}};
  generation.prints.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    std::uint32_t print = 0;
    if (!reader.take(print) || (i > 0 && generation.prints.back() >= print)) return {};
    generation.prints.push_back(print);
  }
  return generation;
}

std::size_t CustomerBook::size() const {
  std::size_t all = open_.size();
  for (const Generation& generation : shelved_) all += generation.prints.size();
  return all;
}

}  // namespace tenfold::guard
