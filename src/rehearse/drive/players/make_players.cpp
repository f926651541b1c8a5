#include "rehearse/drive/players/make_players.hpp"

#include <algorithm>

#include "http/rehearsal_credential.hpp"
#include "rehearse/drive/connection/client_addresses.hpp"
#include "rehearse/drive/connection/request_text.hpp"
#include "rehearse/drive/players/closed_player.hpp"
#include "rehearse/drive/players/constant_player.hpp"
#include "rehearse/drive/players/visitor_player.hpp"
#include "rehearse/drive/validate.hpp"
#include "rehearse/drive/visitor/redirect.hpp"

namespace tenfold::rehearse {

namespace {

// The credential outlasts the run by what may be under way at its end.
constexpr Duration after_the_end = std::chrono::minutes(30);

std::string credential(const Load& load, const DriveOptions& options) {
  if (options.rehearsal_secret.empty()) return {};
  const WallTime expires = SystemClock().wall_now() + length_of(load) + after_the_end;
  return http::make_rehearsal_credential(options.rehearsal_secret, options.run_id, expires);
}

struct Shard {
  std::uint32_t number;
  std::uint32_t of;
  ClientAddresses sources;

  // This one's part of so many.
  std::size_t share(std::size_t all) const { return all / of + (number < all % of ? 1 : 0); }
};

std::string request_of(const Load& load, const DriveOptions& options) {
  return simple_request(options.target.path, options.target.authority(), options.user_agent, credential(load, options));
}

MakePlayer make_player(const ConstantLoad& constant, const Load& load, const DriveOptions& options, const PlanSource&,
                       Shard shard) {
  ConstantPlay play{.schedule = ConstantSchedule(constant.per_s, constant.length, constant.ramp),
                    .request = request_of(load, options),
                    .timeout = options.timeout,
                    .shard = shard.number,
                    .shards = shard.of,
                    .connections = shard.share(static_cast<std::size_t>(options.connections)),
                    .most_in_flight = std::max<std::size_t>(1, shard.share(options.most_in_flight)),
                    .sources = shard.sources};
  return [play = std::move(play)](net::Scope& scope, Route& route) {
    return std::make_unique<ConstantPlayer>(play, scope, route);
  };
}

MakePlayer make_player(const ClosedLoad& closed, const Load& load, const DriveOptions& options, const PlanSource&,
                       Shard shard) {
  ClosedPlay play{.request = request_of(load, options),
                  .length = closed.length,
                  .timeout = options.timeout,
                  .connections = shard.share(static_cast<std::size_t>(options.connections)),
                  .sources = shard.sources};
  return [play = std::move(play)](net::Scope& scope, Route& route) {
    return std::make_unique<ClosedPlayer>(play, scope, route);
  };
}

MakePlayer make_player(const VisitorLoad& visitors, const Load& load, const DriveOptions& options,
                       const PlanSource& plans, Shard shard) {
  PlanOptions plan = visitors.plan;
  plan.shard = shard.number;
  plan.shards = shard.of;
  return [&model = *visitors.model, &options, &plans, plan, shard, credential = credential(load, options),
          known_pages = known_pages_of(*visitors.model)](net::Scope& scope, Route& route) {
    VisitorPlay play{.planner = plans.planner(model, plan),
                     .length = plan.length,
                     .credential = credential,
                     .known_pages = known_pages,
                     .most_in_flight = std::max<std::size_t>(1, shard.share(options.most_in_flight)),
                     .sources = shard.sources};
    return std::make_unique<VisitorPlayer>(std::move(play), model, options, scope, route);
  };
}

}  // namespace

Result<std::vector<MakePlayer>> make_players(const Load& load, const DriveOptions& options, const PlanSource& plans,
                                             std::uint32_t threads) {
  std::vector<MakePlayer> players;
  for (std::uint32_t i = 0; i < threads; ++i) {
    Shard shard{.number = i, .of = threads, .sources = {}};
    if (options.client_addresses) {
      auto sources = ClientAddresses::in(*options.client_addresses, i, threads);
      if (!sources) return std::unexpected(sources.error());
      shard.sources = *sources;
    }
    const auto of_kind = [&](const auto& each) { return make_player(each, load, options, plans, shard); };
    players.push_back(std::visit(of_kind, load));
  }
  return players;
}

std::vector<std::string> template_names(const Load& load, const DriveOptions& options) {
  const auto* const visitors = std::get_if<VisitorLoad>(&load);
  if (visitors == nullptr) return {"GET " + options.target.path};
  std::vector<std::string> names;
  for (const Template& each : visitors->model->templates) names.push_back(each.name);
  return names;
}

InLog in_log(const Template& of) {
  InLog says{.known = !of.statuses.empty(),
             .mean_bytes = telling_bytes(of.mean_bytes),
             .low_bytes = telling_bytes(of.low_bytes)};
  double whole = 0;
  for (const auto& [status, share] : of.statuses) {
    if (is_redirect(status)) says.redirects += share;
    if (status == 404 || status == 410) says.not_found += share;
    if (status == 200) whole = share;
  }
  // The mean is of all answers with a body: where few are pages it says nothing of these.
  if (whole < 0.5) says.mean_bytes = 0;
  return says;
}

std::function<double(Duration from, Duration to)> expected_requests(const Load& load, const PlanSource& plans) {
  if (const auto* constant = std::get_if<ConstantLoad>(&load)) {
    const ConstantSchedule schedule(constant->per_s, constant->length, constant->ramp);
    return [schedule](Duration from, Duration to) { return schedule.expected(from, to); };
  }
  if (const auto* visitors = std::get_if<VisitorLoad>(&load)) {
    const ConstantSchedule schedule(std::max(1e-9, plans.requests_per_s(*visitors->model, visitors->plan)),
                                    visitors->plan.length, visitors->plan.ramp);
    return [schedule](Duration from, Duration to) { return schedule.expected(from, to); };
  }
  return [](Duration, Duration) { return 0.0; };
}

void describe(const Load& load, const PlanSource& plans, RunRecord& record) {
  if (const auto* constant = std::get_if<ConstantLoad>(&load)) {
    record.mode = RunRecord::Mode::constant_rate;
    record.rate_per_s = constant->per_s;
    record.ramp = constant->ramp;
  } else if (const auto* visitors = std::get_if<VisitorLoad>(&load)) {
    record.mode = RunRecord::Mode::visitors;
    record.rate_per_s = plans.requests_per_s(*visitors->model, visitors->plan);
    record.ramp = visitors->plan.ramp;
    record.times = visitors->plan.times;
  } else {
    record.mode = RunRecord::Mode::closed_loop;
  }
}

}  // namespace tenfold::rehearse
