#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "net/address.hpp"

namespace tenfold::guard::kernel {

// Frames for tests, header by header, in the order of the calls. Each header's "next" is given by the caller, so that
// wrong ones can be made too. Checksums and lengths are left 0: nothing that is tested looks at them.
class Frame {
 public:
  static constexpr std::uint16_t type_v4 = 0x0800, type_v6 = 0x86dd, type_vlan = 0x8100, type_service_vlan = 0x88a8;
  static constexpr std::uint8_t tcp_next = 6, udp_next = 17, hops = 0, routing = 43, fragment_next = 44, esp = 50,
                                authentication = 51, destination = 60;

  static Frame ethernet(std::uint16_t type) {
    Frame frame;
    frame.bytes_.resize(12);
    return frame.two(type);
  }
  Frame& vlan(std::uint16_t type) { return two(7).two(type); }
  Frame& v4(const std::string& source, std::uint8_t next = tcp_next, std::uint16_t fragment = 0, int option_words = 0) {
    one(static_cast<std::uint8_t>(0x45 + option_words)).zeros(5).two(fragment).one(64).one(next).zeros(2);
    const auto address = parsed(source);
    bytes_.insert(bytes_.end(), address.begin() + 12, address.end());
    return zeros(4 + static_cast<std::size_t>(option_words) * 4);
  }
  Frame& v6(const std::string& source, std::uint8_t next = tcp_next) {
    one(0x60).zeros(5).one(next).one(64);
    const auto address = parsed(source);
    bytes_.insert(bytes_.end(), address.begin(), address.end());
    return zeros(16);
  }
  // Of `units` times 8 bytes behind the first 8.
  Frame& extension(std::uint8_t next, std::uint8_t units = 0) {
    return one(next).one(units).zeros(6 + std::size_t{8} * units);
  }
  Frame& authentication_header(std::uint8_t next) { return one(next).one(4).zeros(22); }  // (4 + 2) words: RFC 4302
  Frame& fragment(std::uint8_t next, std::uint16_t offset_and_more) {
    return one(next).one(0).two(offset_and_more).zeros(4);
  }
  Frame& tcp(std::uint16_t port) { return two(40000).two(port).zeros(16); }
  Frame& cut_to(std::size_t bytes) {
    bytes_.resize(bytes);
    return *this;
  }

  const std::vector<std::uint8_t>& bytes() const { return bytes_; }

 private:
  static std::array<std::uint8_t, 16> parsed(const std::string& text) { return net::IpAddress::parse(text)->bytes(); }
  Frame& one(std::uint8_t value) {
    bytes_.push_back(value);
    return *this;
  }
  Frame& two(std::uint16_t value) {
    return one(static_cast<std::uint8_t>(value >> 8)).one(static_cast<std::uint8_t>(value));
  }
  Frame& zeros(std::size_t count) {
    bytes_.resize(bytes_.size() + count);
    return *this;
  }

  std::vector<std::uint8_t> bytes_;
};

}  // namespace tenfold::guard::kernel
