#include "rehearse/log/visitor_survey.hpp"

#include <absl/hash/hash.h>
#include <fmt/format.h>

#include <algorithm>

#include "rehearse/log/address_text.hpp"

namespace tenfold::rehearse {
namespace {

bool is_this_machine(std::string_view address) { return address.starts_with("127.") || address == "::1"; }

bool no_visitor(std::string_view peer, std::string_view forwarded) {
  if (peer == "-" || peer.starts_with("unix")) return true;
  return is_this_machine(peer) || (is_internal(peer) && !is_internal(forwarded));
}

}  // namespace

std::string_view visitor_of(const Entry& entry, Trust trust) {
  if (entry.client_settled || entry.forwarded.empty() || trust == Trust::peer) return entry.client;
  if (trust == Trust::forwarded || no_visitor(entry.client, entry.forwarded)) return entry.forwarded;
  return entry.client;
}

void VisitorSurvey::see(const Entry& entry) {
  ++lines_;
  settled_ += entry.client_settled;
  if (lines_ > all_of_first && lines_ % 16 != 0) return;
  ++seen_;
  internal_ += is_internal(entry.client);
  const std::uint64_t hash = absl::HashOf(entry.client);
  if (const auto at = peers_.find(hash); at != peers_.end())
    ++at->second.lines;
  else if (peers_.size() < most_addresses)
    peers_.emplace(hash, Peer{std::string(entry.client), 1});
  if (entry.forwarded.empty()) return;
  ++with_forwarded_;
  by_line_ += no_visitor(entry.client, entry.forwarded);
  if (peers_with_forwarded_.size() < most_addresses) peers_with_forwarded_.insert(hash);
  if (forwarded_.size() < most_addresses) forwarded_.insert(absl::HashOf(entry.forwarded));
}

// Proxies are few beside those whom they forward.
Trust VisitorSurvey::verdict() const {
  const bool most_lines = with_forwarded_ * 2 > seen_;
  return most_lines && forwarded_.size() > 2 * peers_with_forwarded_.size() ? Trust::forwarded : Trust::by_line;
}

std::vector<const VisitorSurvey::Peer*> VisitorSurvey::busiest() const {
  std::vector<const Peer*> all;
  for (const auto& [hash, peer] : peers_) all.push_back(&peer);
  std::ranges::sort(all, [](const Peer* a, const Peer* b) {
    return a->lines != b->lines ? a->lines > b->lines : a->address < b->address;
  });
  if (all.size() > 3) all.resize(3);
  return all;
}

double VisitorSurvey::share_of_busiest() const {
  std::uint64_t sum = 0;
  for (const Peer* peer : busiest()) sum += peer->lines;
  return seen_ == 0 ? 0 : static_cast<double>(sum) / static_cast<double>(seen_);
}

double VisitorSurvey::forwarded_share(Trust trust) const {
  if (seen_ == 0 || trust == Trust::peer) return 0;
  const std::uint64_t taken = trust == Trust::forwarded ? with_forwarded_ : by_line_;
  return static_cast<double>(taken) / static_cast<double>(seen_);
}

std::string VisitorSurvey::note(Trust trust) const {
  std::string names;
  for (const Peer* peer : busiest()) names += (names.empty() ? "" : ", ") + peer->address;
  const double forwarded = forwarded_share(trust);
  if (forwarded > 0.01) {
    return fmt::format(
        "{:.0f} % of the lines came through a proxy ({}{}): their visitors are taken from the forwarded address on the "
        "line, {} of them{}. --client-field peer takes who connected instead.",
        100 * forwarded, names, peers_.size() > 3 ? ", ..." : "", forwarded_.size(),
        forwarded_.size() >= most_addresses ? " at least" : "");
  }
  constexpr std::uint64_t enough = 30;
  const bool internal = internal_ * 5 > seen_ * 4 && peers_.size() < 10;
  if (settled_ > 0 || seen_ < enough || (!internal && seen_ < 4 * enough)) return {};
  if (share_of_busiest() < 0.8) return {};
  return fmt::format(
      "{:.0f} % of the lines come from {} ({}): most likely a proxy, behind which all visitors count as one. Let the "
      "log "
      "have the visitor's address (X-Forwarded-For, or nginx's realip and Apache's remoteip modules){}, or name its "
      "field "
      "with --client-field.",
      100 * share_of_busiest(), peers_.size() == 1 ? "one address" : "few addresses", names,
      with_forwarded_ > 0 ? ", or --client-field forwarded" : "");
}

}  // namespace tenfold::rehearse
