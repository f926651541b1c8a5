#include "watch/probe/connector.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace tenfold::watch {

std::vector<Address> in_turns(const std::vector<Address>& addresses) {
  std::vector<Address> one;
  std::vector<Address> other;
  for (const Address& address : addresses) {
    (address.family() == addresses.front().family() ? one : other).push_back(address);
  }
  std::vector<Address> out;
  for (std::size_t i = 0; i < std::max(one.size(), other.size()); ++i) {
    if (i < one.size()) out.push_back(one[i]);
    if (i < other.size()) out.push_back(other[i]);
  }
  return out;
}

Error connect_error(int errno_value, const std::string& address) {
  switch (errno_value) {
    case ECONNREFUSED: return {Errc::refused, address + " refuses the connection"};
    case ENETUNREACH:
    case EHOSTUNREACH:
    case EADDRNOTAVAIL: return {Errc::unreachable, "no way leads to " + address};
    case ETIMEDOUT: return {Errc::timed_out, address + " does not answer"};
    case EACCES:
    case EPERM: return {Errc::refused, "this machine forbids connections to " + address};
    case EMFILE:
    case ENFILE: return {Errc::exhausted, "this machine has no descriptors left to connect to " + address};
    default: return {Errc::failed, fmt::format("no connection to {}: {}", address, std::strerror(errno_value))};
  }
}

Connector::Connector(transfer::Poller& poller, std::vector<Address> addresses, std::uint16_t port, std::string source,
                     Done done)
    : poller_(poller),
      addresses_(in_turns(addresses)),
      port_(port),
      source_(std::move(source)),
      done_(std::move(done)) {}

Connector::~Connector() { stop(); }

void Connector::stop() {
  if (timer_ != 0) poller_.cancel(std::exchange(timer_, 0));
  for (const Attempt& attempt : std::exchange(attempts_, {})) {
    poller_.unwatch(attempt.descriptor);
    ::close(attempt.descriptor);
  }
}

std::string Connector::tried_words() const {
  const std::string first = text_with_port(addresses_.front(), port_);
  return next_ <= 1 ? first : fmt::format("{} and {} more", first, next_ - 1);
}

void Connector::begin() { try_next(); }

void Connector::try_next() {
  if (timer_ != 0) poller_.cancel(std::exchange(timer_, 0));
  while (next_ < addresses_.size()) {
    const Address& address = addresses_[next_++];
    auto attempt = open(address);
    if (!attempt) {
      failed(attempt.error());
      continue;
    }
    attempts_.push_back(*attempt);
    if (next_ < addresses_.size()) {
      timer_ = poller_.at(poller_.now() + next_after, [this] {
        timer_ = 0;
        try_next();
      });
    }
    return;
  }
  if (attempts_.empty()) done_(fail(first_code_, first_error_));
}

Result<Connector::Attempt> Connector::open(const Address& address) const {
  const std::string where = text_with_port(address, port_);
  const int descriptor = ::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return std::unexpected(connect_error(errno, where));
  const auto give_up = [descriptor](Error error) {
    ::close(descriptor);
    return std::unexpected(std::move(error));
  };
  if (!source_.empty()) {
    const auto source = Address::parse(source_);
    if (!source || ::bind(descriptor, reinterpret_cast<const sockaddr*>(&source->storage), source->size) != 0) {
      return give_up({Errc::failed, fmt::format("{} is not an address of this machine that can be used", source_)});
    }
  }
  Address target = address;
  target.set_port(port_);
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&target.storage), target.size) != 0 &&
      errno != EINPROGRESS) {
    return give_up(connect_error(errno, where));
  }
  auto* const self = const_cast<Connector*>(this);
  if (auto watched = poller_.watch(descriptor, transfer::Poller::Interest::write,
                                   [self, descriptor](transfer::Poller::Interest) { self->on_ready(descriptor); });
      !watched) {
    return give_up(watched.error());
  }
  return Attempt{descriptor, address};
}

void Connector::on_ready(int descriptor) {
  const auto found = std::ranges::find(attempts_, descriptor, &Attempt::descriptor);
  const Attempt attempt = *found;
  attempts_.erase(found);
  poller_.unwatch(descriptor);
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error != 0) {
    ::close(descriptor);
    failed(connect_error(error, text_with_port(attempt.address, port_)));
    try_next();
    return;
  }
  stop();
  Address source;
  source.size = sizeof source.storage;
  const bool known = ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&source.storage), &source.size) == 0;
  done_(Connected{descriptor, attempt.address, known ? source.text() : ""});
}

void Connector::failed(Error error) {
  if (!first_error_.empty()) return;
  first_error_ = std::move(error.detail);
  first_code_ = error.code;
}

}  // namespace tenfold::watch
