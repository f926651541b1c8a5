#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>

#include "http/exchange.hpp"
#include "net/buffer.hpp"
#include "net/loop.hpp"
#include "origin/fetch.hpp"

namespace tenfold::edge {

// Parts of a body that are here and go out in one write.
struct BodyParts {
  std::array<net::Buffer, http::ServerExchange::most_parts> buffers;
  std::array<std::string_view, http::ServerExchange::most_parts> views;
  std::size_t count = 0;

  void add(net::Buffer part) {
    buffers[count] = std::move(part);
    views[count] = buffers[count].view();
    ++count;
  }
  // As much of it as there is room for.
  void add_copies(std::string_view bytes, net::Loop& loop) {
    while (!bytes.empty() && count < buffers.size()) {
      net::Buffer part = copy_of(bytes, loop);
      bytes.remove_prefix(part.size());
      add(std::move(part));
    }
  }
  void add_what_is_ready(origin::Fetched& fetched) {
    while (count < buffers.size()) {
      net::Buffer part = fetched.take_ready_body();
      if (part.empty()) return;
      add(std::move(part));
    }
  }
  std::size_t bytes() const {
    std::size_t sum = 0;
    for (const std::string_view part : all()) sum += part.size();
    return sum;
  }
  // The beginning, in one buffer.
  static net::Buffer copy_of(std::string_view bytes, net::Loop& loop) {
    net::Buffer buffer = loop.allocate();
    const std::size_t size = std::min(bytes.size(), buffer.room().size());
    if (size > 0) std::memcpy(buffer.room().data(), bytes.data(), size);
    buffer.grow(size);
    return buffer;
  }
  std::string_view first() const { return count > 0 ? views[0] : std::string_view(); }
  std::span<const std::string_view> all() const { return {views.data(), count}; }
};

}  // namespace tenfold::edge
