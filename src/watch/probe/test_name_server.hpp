#pragma once

// A name server on the poller of the test itself; not part of the program.

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "transfer/poller.hpp"

namespace tenfold::watch {

// Data of records, as they travel.
inline std::string dns_name(const std::string& name) {
  std::string out;
  std::size_t at = 0;
  while (at < name.size()) {
    const auto dot = std::min(name.find('.', at), name.size());
    out += static_cast<char>(dot - at);
    out += name.substr(at, dot - at);
    at = dot + 1;
  }
  return out + '\0';
}
inline std::string dns_number(unsigned value) {
  return {static_cast<char>(value >> 8), static_cast<char>(value & 255)};
}
inline std::string dns_address(const std::string& text) {
  std::array<char, 16> bytes{};
  const bool v6 = text.find(':') != std::string::npos;
  TENFOLD_ASSERT(inet_pton(v6 ? AF_INET6 : AF_INET, text.c_str(), bytes.data()) == 1);
  return {bytes.data(), v6 ? 16u : 4u};
}
inline std::string dns_text(const std::string& text) { return static_cast<char>(text.size()) + text; }

class TestNameServer {
 public:
  static constexpr int a = 1, ns = 2, cname = 5, mx = 15, txt = 16, aaaa = 28;
  enum class Answer : std::uint8_t { records, silence, failure, refusal, garbage };

  explicit TestNameServer(transfer::Poller& poller) : poller_(poller) {
    socket_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    TENFOLD_ASSERT(::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    socklen_t size = sizeof address;
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    where_ = fmt::format("127.0.0.1:{}", ntohs(address.sin_port));
    TENFOLD_ASSERT(
        poller_.watch(socket_, transfer::Poller::Interest::read, [this](transfer::Poller::Interest) { serve(); }));
  }
  TestNameServer(const TestNameServer&) = delete;
  TestNameServer& operator=(const TestNameServer&) = delete;
  ~TestNameServer() {
    poller_.unwatch(socket_);
    ::close(socket_);
  }

  const std::string& where() const { return where_; }
  void add(const std::string& name, int type, std::string data) { records_.emplace_back(name, type, std::move(data)); }
  void add_address(const std::string& name, const std::string& address) {
    add(name, address.find(':') != std::string::npos ? aaaa : a, dns_address(address));
  }
  void clear() { records_.clear(); }
  void set(Answer answer) { answer_ = answer; }
  std::size_t asked() const { return asked_; }

 private:
  struct Record {
    std::string name;
    int type;
    std::string data;
    Record(std::string n, int t, std::string d) : name(std::move(n)), type(t), data(std::move(d)) {}
  };

  void serve() {
    std::array<char, 1500> buffer;
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    const auto count = ::recvfrom(socket_, buffer.data(), buffer.size(), 0, reinterpret_cast<sockaddr*>(&peer), &size);
    if (count < 12) return;
    ++asked_;
    if (answer_ == Answer::silence) return;
    const std::string reply = reply_to({buffer.data(), static_cast<std::size_t>(count)});
    ::sendto(socket_, reply.data(), reply.size(), 0, reinterpret_cast<sockaddr*>(&peer), size);
  }

  std::string reply_to(std::string_view query) const {
    std::string name;
    std::size_t at = 12;
    while (query[at] != 0) {
      const auto length = static_cast<std::size_t>(query[at]);
      name += (name.empty() ? "" : ".") + std::string(query.substr(at + 1, length));
      at += length + 1;
    }
    const int type = static_cast<unsigned char>(query[at + 1]) << 8 | static_cast<unsigned char>(query[at + 2]);
    const std::string question(query.substr(12, at + 5 - 12));
    bool known = false;
    unsigned count = 0;
    std::string answers;
    for (const Record& record : records_) {
      if (record.name != name) continue;
      known = true;
      if (record.type != type && record.type != cname) continue;
      ++count;
      answers += "\xc0\x0c" + dns_number(static_cast<unsigned>(record.type)) + dns_number(1) + dns_number(0) +
                 dns_number(60) + dns_number(static_cast<unsigned>(record.data.size())) + record.data;
    }
    unsigned code = known ? 0 : 3;
    if (answer_ == Answer::failure) code = 2;
    if (answer_ == Answer::refusal) code = 5;
    if (answer_ == Answer::garbage) count = 1, answers = "\xc0\x0c garbage", code = 0;
    if (code != 0) count = 0, answers.clear();
    return std::string(query.substr(0, 2)) + dns_number(0x8180 | code) + dns_number(1) + dns_number(count) +
           dns_number(0) + dns_number(0) + question + answers;
  }

  transfer::Poller& poller_;
  int socket_;
  std::string where_;
  Answer answer_ = Answer::records;
  std::size_t asked_ = 0;
  std::vector<Record> records_;
};

}  // namespace tenfold::watch
