#include "cache/store/body.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

#include "base/result.hpp"
#include "cache/store/charge.hpp"

namespace tenfold::cache {

namespace {

// The first piece of a body of unknown length: most pages fit.
constexpr std::size_t first_capacity_bytes = 16 * 1024;

// Every body that anybody may meet again has its own.
std::uint64_t next_number() {
  static std::atomic<std::uint64_t> count{0};
  return count.fetch_add(1, std::memory_order_relaxed) + 1;
}

}  // namespace

Body::Body(Ledger& ledger, std::size_t size, std::size_t charged)
    : ledger_(ledger), size_(size), charged_bytes_(charged), number_(next_number()) {}

void Body::destroy(Body* body) {
  Ledger& ledger = body->ledger_;
  const std::size_t charged = body->charged_bytes_;
  body->~Body();
  std::free(body);
  ledger.give_back(charged);
}

BodyWriter::~BodyWriter() {
  std::free(block_);
  source_.ledger().give_back(charged_bytes_);
}

bool BodyWriter::expect(std::size_t bytes) { return bytes <= max_bytes_ && (bytes == 0 || set_capacity(bytes)); }

bool BodyWriter::append(std::string_view bytes) {
  if (bytes.size() > max_bytes_ - size_) return false;
  const std::size_t wanted = size_ + bytes.size();
  if (wanted > capacity_) {
    const std::size_t doubled = std::max({wanted, capacity_ * 2, first_capacity_bytes});
    if (!set_capacity(std::min(doubled, max_bytes_)) && !set_capacity(wanted)) return false;
  }
  if (!bytes.empty()) std::memcpy(block_ + sizeof(Body) + size_, bytes.data(), bytes.size());
  size_ = wanted;
  return true;
}

Ref<const Body> BodyWriter::finish() {
  if (size_ == 0) return {};
  if (capacity_ - size_ > size_ / 8) set_capacity(size_);
  auto* const body = new (block_) Body(source_.ledger(), size_, charged_bytes_);
  block_ = nullptr;
  size_ = capacity_ = charged_bytes_ = 0;
  return Ref<const Body>(body);
}

bool BodyWriter::set_capacity(std::size_t bytes) {
  const std::size_t charge = allocation_charge(sizeof(Body) + bytes);
  if (charge > charged_bytes_ && !source_.reserve(charge - charged_bytes_)) return false;
  char* const block = static_cast<char*>(std::realloc(block_, sizeof(Body) + bytes));
  TENFOLD_ASSERT(block != nullptr);
  if (charge < charged_bytes_) source_.ledger().give_back(charged_bytes_ - charge);
  block_ = block;
  capacity_ = bytes;
  charged_bytes_ = charge;
  return true;
}

}  // namespace tenfold::cache
