#include "cache/store/s3_fifo.hpp"

#include <algorithm>
#include <bit>

namespace tenfold::cache {

namespace {

// The part of a hash that tells ghosts apart; the lower bits choose the bucket.
std::uint32_t fingerprint_of(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32); }

}  // namespace

S3Fifo::S3Fifo(std::size_t capacity_bytes, std::size_t ghosts)
    : small_target_bytes_(capacity_bytes / 10), ghosts_(std::bit_ceil(std::max<std::size_t>(ghosts, ghost_ways))) {}

std::size_t S3Fifo::ghost_bytes(std::size_t ghosts) {
  return std::bit_ceil(std::max<std::size_t>(ghosts, ghost_ways)) * sizeof(Ghost);
}

void S3Fifo::insert(S3Node& node, std::uint64_t hash, std::size_t bytes) {
  node.hash_ = hash;
  node.bytes_ = bytes;
  node.uses_.store(0, std::memory_order_relaxed);
  push(node, forget(hash) ? S3Node::Queue::main : S3Node::Queue::small);
}

void S3Fifo::remove(S3Node& node) {
  if (node.queue_ == S3Node::Queue::none) return;
  const bool small = node.queue_ == S3Node::Queue::small;
  (small ? small_bytes_ : main_bytes_) -= node.bytes_;
  --(small ? small_count_ : main_count_);
  node.queue_ = S3Node::Queue::none;
  node.unlink();
}

void S3Fifo::replace(S3Node& old, S3Node& with, std::size_t bytes) {
  const S3Node::Queue queue = old.queue_;
  if (queue == S3Node::Queue::none) return;
  with.hash_ = old.hash_;
  with.bytes_ = bytes;
  with.uses_.store(old.uses_.load(std::memory_order_relaxed), std::memory_order_relaxed);
  with.queue_ = queue;
  with.link_before(old);
  (queue == S3Node::Queue::small ? small_bytes_ : main_bytes_) += bytes;
  ++(queue == S3Node::Queue::small ? small_count_ : main_count_);
  remove(old);
}

void S3Fifo::push(S3Node& node, S3Node::Queue queue) {
  const bool small = queue == S3Node::Queue::small;
  node.queue_ = queue;
  (small ? small_ : main_).push_back(node);
  (small ? small_bytes_ : main_bytes_) += node.bytes_;
  ++(small ? small_count_ : main_count_);
}

void S3Fifo::remember(std::uint64_t hash) {
  Ghost* const bucket = &ghosts_[hash & (ghosts_.size() - 1) & ~std::uint64_t{ghost_ways - 1}];
  if (++left_ == 0) left_ = 1;
  Ghost* oldest = bucket;
  for (int i = 0; i < ghost_ways; ++i) {
    if (bucket[i].left_at == 0) {
      oldest = &bucket[i];
      break;
    }
    if (left_ - bucket[i].left_at > left_ - oldest->left_at) oldest = &bucket[i];
  }
  *oldest = {fingerprint_of(hash), left_};
}

// A ghost is remembered for as many departures as the main queue has items, as in the paper.
bool S3Fifo::forget(std::uint64_t hash) {
  Ghost* const bucket = &ghosts_[hash & (ghosts_.size() - 1) & ~std::uint64_t{ghost_ways - 1}];
  for (int i = 0; i < ghost_ways; ++i) {
    if (bucket[i].left_at == 0 || bucket[i].fingerprint != fingerprint_of(hash)) continue;
    const bool remembered = left_ - bucket[i].left_at <= std::max<std::size_t>(main_count_, ghost_ways);
    bucket[i].left_at = 0;
    return remembered;
  }
  return false;
}

}  // namespace tenfold::cache
