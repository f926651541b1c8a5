#include "watch/probe/prober.hpp"

#include <fmt/format.h>

#include <deque>
#include <unordered_map>
#include <utility>

#include "transfer/poller.hpp"
#include "transfer/transfers.hpp"
#include "watch/probe/looks.hpp"
#include "watch/probe/names.hpp"
#include "watch/probe/trust.hpp"

namespace tenfold::watch {
namespace {

using transfer::Poller;
using transfer::Transfers;
using Path = CheckResult::Path;

// Of so many checks the last usual way is known; past it all are forgotten, and second looks go by the first other way
// there is.
constexpr std::size_t most_usual_ways = 100'000;

class NetworkProber final : public Prober {
 public:
  NetworkProber(Poller& poller, ProberOptions options, std::unique_ptr<Transfers> transfers,
                std::unique_ptr<Trust> trust)
      : poller_(poller),
        options_(std::move(options)),
        transfers_(std::move(transfers)),
        trust_(std::move(trust)),
        names_(poller, options_.resolver),
        tools_{poller_, *transfers_, names_, *trust_, expressions_, options_} {}

  ~NetworkProber() override {
    if (turn_ != 0) poller_.cancel(turn_);
  }

  Result<void> check_options() {
    for (const std::string& servers : {options_.resolver, options_.other_resolver}) {
      if (servers.empty()) continue;
      if (auto good = names_.check_servers(servers); !good) return good;
    }
    for (const std::string& source : options_.source_addresses) {
      if (!Address::parse(source)) return fail(Errc::invalid, fmt::format("\"{}\" is not an IP address", source));
    }
    return {};
  }

  void start(const Check& check, Path path, Done done) override {
    TENFOLD_ASSERT(!std::holds_alternative<HeartbeatProbe>(check.probe));
    if (waiting_.size() >= options_.most_waiting) return refuse(path, std::move(done));
    waiting_.push_back({check, path, std::move(done)});
    want_turn();
  }

  std::size_t under_way() const override { return under_way_.size() + waiting_.size(); }

 private:
  struct Waiting {
    Check check;
    Path path;
    Done done;
  };
  struct UnderWay {
    Check check;
    Done done;
    std::unique_ptr<Look> look;
  };
  using Id = std::uint64_t;

  // Looks begin, and those that have ended are destroyed, in a turn of their own: never within a call of theirs.
  void want_turn() {
    if (turn_ != 0) return;
    turn_ = poller_.at(poller_.now(), [this] {
      turn_ = 0;
      ended_.clear();
      begin_waiting();
    });
  }

  void begin_waiting() {
    while (!waiting_.empty() && under_way_.size() < options_.most_under_way) {
      Waiting next = std::move(waiting_.front());
      waiting_.pop_front();
      const Id id = ++last_;
      auto entry = std::make_unique<UnderWay>(UnderWay{std::move(next.check), std::move(next.done), nullptr});
      UnderWay& look = *entry;
      under_way_.emplace(id, std::move(entry));
      look.look = make_look(tools_, look.check, next.path, usual_way_of(look.check),
                            [this, id](CheckResult result) { finish(id, std::move(result)); });
      look.look->begin();
    }
  }

  void finish(Id id, CheckResult result) {
    const auto found = under_way_.find(id);
    ended_.push_back(std::move(found->second));
    under_way_.erase(found);
    want_turn();
    UnderWay& look = *ended_.back();
    if (result.path == Path::usual) remember(look.check, result);
    const Done done = std::move(look.done);
    done(std::move(result));
  }

  void refuse(Path path, Done done) {
    CheckResult result;
    result.path = path;
    result.at = poller_.clock().wall_now();
    result.what = fmt::format("not looked: {} checks wait already", waiting_.size());
    poller_.at(poller_.now(), [result = std::move(result), done = std::move(done)] { done(result); });
  }

  UsualWay usual_way_of(const Check& check) const {
    const auto found = usual_ways_.find(check.name);
    return found != usual_ways_.end() ? found->second : UsualWay();
  }

  void remember(const Check& check, const CheckResult& result) {
    if (usual_ways_.size() >= most_usual_ways) usual_ways_.clear();
    const auto address = Address::parse(result.address);
    usual_ways_[check.name] = {
        .family = address ? address->family() : 0,
        .name = result.cause == CheckResult::Cause::name ? UsualWay::Name::not_found : UsualWay::Name::found};
  }

  Poller& poller_;
  const ProberOptions options_;
  std::unique_ptr<Transfers> transfers_;
  std::unique_ptr<Trust> trust_;
  Names names_;
  Expressions expressions_;
  const Tools tools_;
  std::unordered_map<std::string, UsualWay> usual_ways_;  // by the check's name
  std::deque<Waiting> waiting_;
  std::vector<std::unique_ptr<UnderWay>> ended_;
  std::unordered_map<Id, std::unique_ptr<UnderWay>> under_way_;
  Id last_ = 0;
  Poller::TimerId turn_ = 0;  // 0: none
};

}  // namespace

Result<std::unique_ptr<Prober>> make_prober(Poller& poller, ProberOptions options) {
  auto transfers = Transfers::make(poller, {.most_under_way = options.most_under_way, .kept_connections = 16});
  if (!transfers) return std::unexpected(transfers.error());
  auto trust = Trust::make(options.authorities);
  if (!trust) return std::unexpected(trust.error());
  auto prober = std::make_unique<NetworkProber>(poller, std::move(options), std::move(*transfers), std::move(*trust));
  if (auto good = prober->check_options(); !good) return std::unexpected(good.error());
  return prober;
}

}  // namespace tenfold::watch
