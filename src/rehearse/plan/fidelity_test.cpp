// What is learned from a real log and played at 1x gives back the log's own figures. The log's are taken here from its
// lines, the replay's from what is asked for: neither looks into the model.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <unordered_map>

#include "rehearse/learn/learner.hpp"
#include "rehearse/log/log_reader.hpp"
#include "rehearse/plan/planner.hpp"

namespace tenfold::rehearse {
namespace {

using namespace std::chrono_literals;

// Requests of a kind, told by the beginning of the path: "/m/filter", "/image".
std::string group_of(std::string_view target) {
  const std::string_view path = target.substr(0, target.find('?'));
  const std::size_t second = path.find('/', 1);
  const std::string_view first = path.substr(0, second);
  if (second != std::string_view::npos && (first == "/m" || first == "/static" || first == "/site"))
    return std::string(path.substr(0, path.find('/', second + 1)));
  return std::string(first);
}

struct Visit {
  double last = 0;
  double requests = 0;
};

struct Figures {
  double seconds = 0;
  double requests = 0;
  double not_modified = 0;
  double sessions = 0;
  std::map<std::string, double> by_group;
  std::vector<double> lengths;  // requests of each session
  std::vector<double> pauses;   // between requests of a session, from 5 s on: what a person needs to read

  void request(Visit& visit, std::string_view target, double at) {
    ++requests;
    ++by_group[group_of(target)];
    if (visit.requests > 0 && at - visit.last >= 5) pauses.push_back(at - visit.last);
    visit.last = std::max(visit.last, at);
    ++visit.requests;
  }
  double quantile(std::vector<double> Figures::*values, double share) {
    auto& sorted = this->*values;
    std::sort(sorted.begin(), sorted.end());
    return sorted.at(static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1)));
  }
};

std::string real_log() {
  if (const char* shared = std::getenv("TENFOLD_SHARED")) return std::string(shared) + "/data/shop-access.log.gz";
  for (std::filesystem::path folder = std::filesystem::current_path();; folder = folder.parent_path()) {
    const auto file = folder / "../shared/data/shop-access.log.gz";
    if (std::filesystem::exists(file)) return file;
    if (folder == folder.parent_path()) return "";
  }
}

class Fidelity : public testing::Test {
 protected:
  void SetUp() override {
    const std::string file = real_log();
    if (file.empty() || !std::filesystem::exists(file)) GTEST_SKIP() << "../shared/data/shop-access.log.gz is not here";
    Learner learner({});
    std::unordered_map<std::string, Visit> open;
    double first = 0;
    double last = 0;
    const auto counts = read_logs({file}, {}, [&](const Entry& entry) {
      learner.take(entry);
      const double at = static_cast<double>(entry.at_ms) / 1000;
      if (first == 0) first = at;
      last = at;
      Visit& visit = open[std::string(entry.client) + "\n" + std::string(entry.user_agent)];
      if (visit.requests > 0 && at - visit.last > 1800) {
        log.lengths.push_back(visit.requests);
        visit = {};
      }
      if (visit.requests == 0) ++log.sessions;
      log.request(visit, entry.target, at);
      if (entry.status == 304) ++log.not_modified;
    });
    ASSERT_TRUE(counts) << counts.error().text();
    for (const auto& [who, visit] : open) log.lengths.push_back(visit.requests);
    log.seconds = last - first + 1;
    model = learner.finish().model;
  }

  // Whole sessions, so that their lengths are seen; counts are of what falls into the run.
  Figures play(PlanOptions options) {
    Figures played;
    played.seconds = std::chrono::duration<double>(options.length).count();
    const auto planner = make_planner(model, options);
    PlannedPage page;
    std::vector<std::pair<double, std::string>> asked;
    while (auto session = planner->next_session()) {
      if (!session->joined) ++played.sessions;
      double at = std::chrono::duration<double>(session->at).count();
      asked.clear();
      while (session->itinerary->next(page)) {
        const auto ask = [&](std::string_view target, double when, bool conditional) {
          asked.emplace_back(when, target);
          if (conditional && when < played.seconds) ++played.not_modified;
        };
        if (!page.target.empty()) ask(page.target, at, page.conditional);
        for (const PlannedAsset& asset : page.assets)
          ask(asset.target, at + std::chrono::duration<double>(asset.after_page).count(), asset.conditional);
        at += std::chrono::duration<double>(page.think).count();
      }
      std::sort(asked.begin(), asked.end());
      Visit visit;
      for (const auto& [when, target] : asked) {
        // The log's clock has whole seconds.
        if (when < played.seconds) {
          played.request(visit, target, std::floor(when));
        } else {
          ++visit.requests;
        }
      }
      if (!session->joined && visit.requests > 0) played.lengths.push_back(visit.requests);
    }
    return played;
  }

  Figures play_often(PlanOptions options) {
    Figures all;
    for (options.seed = 1; options.seed <= runs; ++options.seed) {
      const Figures one = play(options);
      all.seconds += one.seconds;
      all.requests += one.requests;
      all.not_modified += one.not_modified;
      all.sessions += one.sessions;
      for (const auto& [group, count] : one.by_group) all.by_group[group] += count;
      all.lengths.insert(all.lengths.end(), one.lengths.begin(), one.lengths.end());
      all.pauses.insert(all.pauses.end(), one.pauses.begin(), one.pauses.end());
    }
    return all;
  }
  static constexpr std::uint64_t runs = 20;

  void expect_close(std::string_view what, double played, double logged, double within = 0.05) {
    const double ratio = logged == 0 ? 1 : played / logged;
    std::printf("  %-44s %12.3f %12.3f %8.3f\n", std::string(what).c_str(), logged, played, ratio);
    EXPECT_NEAR(ratio, 1, within) << what;
  }

  Figures log;
  TrafficModel model;
};

TEST_F(Fidelity, PlayedOnceItGivesBackTheLogsFigures) {
  PlanOptions options{.times = 1, .profile = PlanOptions::Profile::mean};
  options.length = Duration(static_cast<std::int64_t>(log.seconds * 1e9));
  // Several runs of the log's length: one by itself is as uncertain as the log.
  Figures played = play_often(options);
  std::printf("  %-44s %12s %12s %8s\n", "", "log", "replay", "ratio");
  expect_close("requests per second", played.requests / played.seconds, log.requests / log.seconds);
  expect_close("sessions per minute", played.sessions / played.seconds * 60, log.sessions / log.seconds * 60);
  expect_close("share of 304", played.not_modified / played.requests, log.not_modified / log.requests);
  for (const auto& [group, count] : log.by_group) {
    if (count >= 200) expect_close("requests/s " + group, played.by_group[group] / played.seconds, count / log.seconds);
  }
  for (const double share : {0.25, 0.5, 0.75, 0.9, 0.95, 0.99})
    expect_close("session length in requests, quantile " + std::to_string(share).substr(0, 4),
                 played.quantile(&Figures::lengths, share), log.quantile(&Figures::lengths, share));
  for (const double share : {0.1, 0.25, 0.5, 0.75, 0.9})
    expect_close("pause, quantile " + std::to_string(share).substr(0, 4), played.quantile(&Figures::pauses, share),
                 log.quantile(&Figures::pauses, share));
}

TEST_F(Fidelity, TenTimesAreTenTimesTheSessionsWithTheSamePauses) {
  PlanOptions options{.times = 1, .profile = PlanOptions::Profile::mean, .length = 10min};
  Figures one = play(options);
  options.times = 10;
  Figures ten = play(options);
  expect_close("sessions, ten times", ten.sessions, 10 * one.sessions, 0.01);
  expect_close("requests, ten times", ten.requests, 10 * one.requests);
  for (const double share : {0.25, 0.5, 0.75, 0.9})
    expect_close("pause, quantile " + std::to_string(share).substr(0, 4), ten.quantile(&Figures::pauses, share),
                 one.quantile(&Figures::pauses, share));
}

}  // namespace
}  // namespace tenfold::rehearse
