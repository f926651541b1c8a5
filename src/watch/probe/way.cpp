#include "watch/probe/way.hpp"

#include <fmt/format.h>

#include <utility>

namespace tenfold::watch {

using Path = CheckResult::Path;

namespace {

// CheckResult::by is read behind "the same ..." and "good ...".
constexpr const char* no_other_way = "again on a fresh connection";
constexpr const char* asked_again = "when asked again";

}  // namespace

Way::Way(transfer::Poller& poller, Names& names, const ProberOptions& options, Path path, UsualWay usual)
    : poller_(poller), names_(names), options_(options), path_(path), usual_(usual) {}

Way::~Way() {
  if (timer_ != 0) poller_.cancel(timer_);
}

void Way::find(const std::string& host, TimePoint deadline, Done done) {
  host_ = host;
  done_ = std::move(done);
  from_usual_.clear();
  if (const auto literal = Address::parse(host)) {
    take({*literal});
    return;
  }
  timer_ = poller_.at(deadline, [this] {
    timer_ = 0;
    question_.reset();
    finish(fail(Errc::timed_out, fmt::format("no name server answered for {}", host_)));
  });
  const bool name_failed = path_ == Path::other && usual_.name == UsualWay::Name::not_found;
  ask(name_failed && !other_resolver().empty() ? Resolver::other : Resolver::usual);
}

void Way::ask(Resolver resolver) {
  question_ = names_.addresses(
      host_, resolver == Resolver::other ? other_resolver() : "",
      [this, resolver](Result<std::vector<Address>> addresses) { on_addresses(resolver, std::move(addresses)); });
}

void Way::on_addresses(Resolver resolver, Result<std::vector<Address>> addresses) {
  question_.reset();
  if (path_ == Path::usual) {
    if (!addresses) return finish(std::unexpected(addresses.error()));
    return take(std::move(*addresses));
  }
  if (resolver == Resolver::other) {
    if (addresses || from_usual_.empty()) say(fmt::format("by the resolver {}", other_resolver()));
    if (addresses) return take(std::move(*addresses));
    if (!from_usual_.empty()) return take(std::exchange(from_usual_, {}));
    return finish(std::unexpected(addresses.error()));
  }
  if (addresses && take_other_family(*addresses)) return;
  if (!other_resolver().empty()) {
    if (addresses) from_usual_ = std::move(*addresses);
    return ask(Resolver::other);
  }
  if (!addresses) say(asked_again);
  if (!addresses) return finish(std::unexpected(addresses.error()));
  take(std::move(*addresses));
}

// A family without a route of ours would fail for our own sake, and confirm what it has not seen.
bool Way::take_other_family(const std::vector<Address>& addresses) {
  if (usual_.family == 0) return false;
  std::vector<Address> others;
  for (const Address& address : addresses) {
    if (address.family() != usual_.family && source_towards(address)) others.push_back(address);
  }
  if (others.empty()) return false;
  say(fmt::format("over {} ({})", others.front().family() == AF_INET6 ? "IPv6" : "IPv4", others.front().text()));
  finish(Found{std::move(others), ""});
  return true;
}

void Way::take(std::vector<Address> addresses) {
  std::string source;
  if (path_ == Path::other && (by_.empty() || by_.starts_with("from "))) {
    source = other_source(addresses.front());
    say(source.empty() ? no_other_way : fmt::format("from {}", source));
  }
  finish(Found{std::move(addresses), std::move(source)});
}

std::string Way::other_source(const Address& towards) const {
  const auto usual = source_towards(towards);
  if (!usual) return "";
  for (const std::string& text : options_.source_addresses) {
    const auto address = Address::parse(text);
    if (address && address->family() == towards.family() && !(*address == *usual)) return address->text();
  }
  if (!options_.source_addresses.empty()) return "";
  const auto beside = other_source_beside(*usual);
  return beside ? beside->text() : "";
}

std::string Way::other_resolver() {
  return !options_.other_resolver.empty() ? options_.other_resolver : names_.further_servers().value_or("");
}

std::string Way::resolver() {
  if (path_ == Path::usual) return "";
  const std::string other = other_resolver();
  say(other.empty() ? asked_again : fmt::format("by the resolver {}", other));
  return other;
}

void Way::say_asked_again() {
  if (path_ == Path::other) say(asked_again);
}

void Way::say(std::string by) {
  if (by_.empty()) by_ = std::move(by);
}

void Way::finish(Result<Found> found) {
  if (timer_ != 0) poller_.cancel(std::exchange(timer_, 0));
  const Done done = std::exchange(done_, nullptr);
  done(std::move(found));
}

}  // namespace tenfold::watch
