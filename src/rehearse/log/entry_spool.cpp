#include "rehearse/log/entry_spool.hpp"

#include <absl/hash/hash.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <queue>
#include <string_view>
#include <type_traits>
#include <utility>

namespace tenfold::rehearse {
namespace {

constexpr std::size_t texts_each = 7;
constexpr std::uint32_t by_number = 1u << 31;  // in a size: what is below it is the number of a text that is kept

struct Head {
  std::uint32_t record_bytes;  // with this
  std::int16_t status;
  std::uint8_t zoned : 1, client_settled : 1, agent_logged : 1;
  std::int64_t at_ms;
  std::int64_t bytes;
  std::array<std::uint32_t, texts_each> sizes;
};
static_assert(std::is_trivially_copyable_v<Head>);

std::string folder_to_use(const std::string& wanted) {
  if (!wanted.empty()) return wanted;
  const char* const given = std::getenv("TMPDIR");
  return given != nullptr && *given != '\0' ? given : "/var/tmp";
}

}  // namespace

std::uint32_t EntrySpool::Texts::number_of(std::string_view text) {
  const std::uint64_t hash = absl::HashOf(text);
  if (const auto at = numbers_.find(hash); at != numbers_.end()) return texts_[at->second] == text ? at->second : none;
  if (texts_.size() >= most_texts || bytes_ + text.size() > most_bytes || text.size() > block_bytes) return none;
  if (used_ + text.size() > block_bytes) {
    blocks_.push_back(std::make_unique<char[]>(block_bytes));
    used_ = 0;
  }
  char* const to = blocks_.back().get() + used_;
  std::memcpy(to, text.data(), text.size());
  used_ += text.size();
  bytes_ += text.size();
  texts_.emplace_back(to, text.size());
  numbers_.emplace(hash, static_cast<std::uint32_t>(texts_.size() - 1));
  return static_cast<std::uint32_t>(texts_.size() - 1);
}

void EntrySpool::append_record(const Entry& entry) {
  const std::array<std::string_view, texts_each> all{entry.client,  entry.forwarded,  entry.method, entry.target,
                                                     entry.referer, entry.user_agent, entry.host};
  constexpr std::size_t short_bytes = 4;  // no longer than its number
  Head head{};
  std::size_t bytes = sizeof head;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::uint32_t number = all[i].size() > short_bytes ? texts_.number_of(all[i]) : Texts::none;
    head.sizes[i] = number == Texts::none ? static_cast<std::uint32_t>(all[i].size()) : (by_number | number);
    if (number == Texts::none) bytes += all[i].size();
  }
  head.record_bytes = static_cast<std::uint32_t>(bytes);
  head.status = static_cast<std::int16_t>(entry.status);
  head.at_ms = entry.at_ms;
  head.bytes = entry.bytes;
  head.zoned = entry.zoned ? 1 : 0;
  head.client_settled = entry.client_settled ? 1 : 0;
  head.agent_logged = entry.agent_logged ? 1 : 0;
  records_.append(reinterpret_cast<const char*>(&head), sizeof head);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if ((head.sizes[i] & by_number) == 0) records_.append(all[i]);
  }
}

Entry EntrySpool::entry_of(const char* record, std::size_t& record_bytes) const {
  Head head;
  std::memcpy(&head, record, sizeof head);
  record_bytes = head.record_bytes;
  Entry entry;
  entry.status = head.status;
  entry.at_ms = head.at_ms;
  entry.bytes = head.bytes;
  entry.zoned = head.zoned != 0;
  entry.client_settled = head.client_settled != 0;
  entry.agent_logged = head.agent_logged != 0;
  const char* text = record + sizeof head;
  const std::array<std::string_view*, texts_each> all{&entry.client,  &entry.forwarded,  &entry.method, &entry.target,
                                                      &entry.referer, &entry.user_agent, &entry.host};
  for (std::size_t i = 0; i < all.size(); ++i) {
    if ((head.sizes[i] & by_number) != 0) {
      *all[i] = texts_[head.sizes[i] & ~by_number];
      continue;
    }
    *all[i] = {text, head.sizes[i]};
    text += head.sizes[i];
  }
  return entry;
}

// One part, read piece by piece.
class EntrySpool::PartReader {
 public:
  PartReader(const EntrySpool& spool, Part part) : spool_(spool), next_(part.begin), end_(part.end) {}

  // The next record becomes entry(). False: there is none, or error() says why.
  bool advance() {
    at_ += record_bytes_;
    record_bytes_ = 0;
    if (!have(sizeof(Head))) return false;
    Head head;
    std::memcpy(&head, buffer_.data() + at_, sizeof head);
    if (!have(head.record_bytes)) return false;
    entry_ = spool_.entry_of(buffer_.data() + at_, record_bytes_);
    return true;
  }
  const Entry& entry() const { return entry_; }
  std::string_view record() const { return {buffer_.data() + at_, record_bytes_}; }
  int error() const { return error_; }

 private:
  static constexpr std::size_t piece_bytes = 256 * 1024;

  bool have(std::size_t wanted) {
    if (buffer_.size() - at_ >= wanted) return true;
    buffer_.erase(0, at_);
    at_ = 0;
    while (buffer_.size() < wanted && next_ < end_ && error_ == 0) {
      const std::size_t before = buffer_.size();
      const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(piece_bytes, end_ - next_));
      buffer_.resize(before + piece);
      const ssize_t got = ::pread(spool_.descriptor_, buffer_.data() + before, piece, static_cast<off_t>(next_));
      if (got < 0 && errno != EINTR) error_ = errno;
      if (got == 0) error_ = EIO;
      const std::size_t good = got > 0 ? static_cast<std::size_t>(got) : 0;
      buffer_.resize(before + good);
      next_ += good;
    }
    return buffer_.size() >= wanted;
  }

  const EntrySpool& spool_;
  std::uint64_t next_, end_;
  std::string buffer_;
  std::size_t at_ = 0;
  std::size_t record_bytes_ = 0;
  Entry entry_;
  int error_ = 0;
};

// Appends to the file in pieces.
class EntrySpool::Writer {
 public:
  explicit Writer(EntrySpool& spool) : spool_(spool), begin_(spool.file_bytes_) { buffer_.reserve(piece_bytes * 2); }
  void add(std::string_view record) {
    buffer_.append(record);
    if (buffer_.size() >= piece_bytes) flush();
  }
  Part finish() {
    flush();
    return {begin_, spool_.file_bytes_};
  }

 private:
  static constexpr std::size_t piece_bytes = 512 * 1024;
  void flush() {
    std::string_view rest = buffer_;
    while (!rest.empty() && !spool_.error_) {
      const ssize_t written =
          ::pwrite(spool_.descriptor_, rest.data(), rest.size(), static_cast<off_t>(spool_.file_bytes_));
      if (written < 0 && errno != EINTR) spool_.fail_with(errno);
      if (written <= 0) continue;
      rest.remove_prefix(static_cast<std::size_t>(written));
      spool_.file_bytes_ += static_cast<std::uint64_t>(written);
    }
    buffer_.clear();
  }
  EntrySpool& spool_;
  std::uint64_t begin_;
  std::string buffer_;
};

EntrySpool::EntrySpool(Options options) : options_(std::move(options)) {
  options_.folder = folder_to_use(options_.folder);
  options_.most_parts = std::max<std::size_t>(options_.most_parts, 2);
}

EntrySpool::~EntrySpool() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void EntrySpool::fail_with(int error_number) {
  if (error_) return;
  error_ = system_error(error_number, "the lines are out of order, and sorting them needs a file in " +
                                          options_.folder + " (TMPDIR names another folder)");
}

bool EntrySpool::open() {
  if (descriptor_ >= 0) return true;
  std::string name = options_.folder + "/tenfold-learn-XXXXXX";
  descriptor_ = ::mkostemp(name.data(), O_CLOEXEC);
  if (descriptor_ < 0) {
    fail_with(errno);
    return false;
  }
  ::unlink(name.c_str());
  return true;
}

void EntrySpool::take(const Entry& entry) {
  if (error_) return;
  order_.push_back({entry.at_ms, records_.size()});
  append_record(entry);
  if (records_.size() >= options_.memory_bytes) spill();
}

void EntrySpool::sort() {
  const auto earlier = [](const Order& a, const Order& b) { return a.at_ms < b.at_ms; };
  if (!std::is_sorted(order_.begin(), order_.end(), earlier)) std::stable_sort(order_.begin(), order_.end(), earlier);
}

void EntrySpool::spill() {
  if (order_.empty() || !open()) return;
  sort();
  Writer writer(*this);
  for (const Order& each : order_) {
    Head head;
    std::memcpy(&head, records_.data() + each.offset, sizeof head);
    writer.add({records_.data() + each.offset, head.record_bytes});
  }
  parts_.push_back(writer.finish());
  records_.clear();
  order_.clear();
}

bool EntrySpool::merge(std::size_t parts, const std::function<void(std::string_view, const Entry&)>& visit) {
  std::vector<std::unique_ptr<PartReader>> readers;
  using Next = std::pair<std::int64_t, std::size_t>;  // time, part: earlier parts were taken earlier
  std::priority_queue<Next, std::vector<Next>, std::greater<>> next;
  const auto advance = [&](std::size_t i) {
    if (readers[i]->advance()) next.emplace(readers[i]->entry().at_ms, i);
    if (readers[i]->error() != 0) fail_with(readers[i]->error());
  };
  for (std::size_t i = 0; i < parts; ++i) {
    readers.push_back(std::make_unique<PartReader>(*this, parts_[i]));
    advance(i);
  }
  while (!next.empty() && !error_) {
    const std::size_t i = next.top().second;
    next.pop();
    visit(readers[i]->record(), readers[i]->entry());
    advance(i);
  }
  return !error_;
}

bool EntrySpool::merge_first_parts() {
  Writer writer(*this);
  if (!merge(options_.most_parts, [&](std::string_view record, const Entry&) { writer.add(record); })) return false;
  const Part merged = writer.finish();
  parts_.erase(parts_.begin() + 1, parts_.begin() + static_cast<std::ptrdiff_t>(options_.most_parts));
  parts_.front() = merged;
  return !error_;
}

Result<void> EntrySpool::give(const std::function<void(const Entry&)>& visit) {
  if (!error_ && !parts_.empty()) spill();
  while (!error_ && parts_.size() > options_.most_parts) merge_first_parts();
  if (error_) return std::unexpected(*error_);
  if (!parts_.empty()) {
    if (!merge(parts_.size(), [&](std::string_view, const Entry& entry) { visit(entry); }))
      return std::unexpected(*error_);
    return {};
  }
  sort();
  for (const Order& each : order_) {
    std::size_t bytes = 0;
    visit(entry_of(records_.data() + each.offset, bytes));
  }
  return {};
}

}  // namespace tenfold::rehearse
