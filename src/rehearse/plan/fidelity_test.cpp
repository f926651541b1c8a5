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
#include "rehearse/report/plot.hpp"

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
  std::map<std::string, double> by_group;
};

struct Figures {
  double seconds = 0;
  double requests = 0;
  double not_modified = 0;
  double sessions = 0;
  std::map<std::string, double> by_group;
  std::map<std::string, double> most_by_one;  // of each group, the requests of the visitor who made the most
  std::vector<double> lengths;                // requests of each session
  std::vector<double> pauses;                 // between requests of a session, from 5 s on: what a person needs to read

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
      double& most = log.most_by_one[group_of(entry.target)];
      most = std::max(most, ++visit.by_group[group_of(entry.target)]);
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

  // One run by itself is as uncertain as the log: a single visitor made 1,659 of its requests.
  Figures play_often(PlanOptions options, std::uint64_t runs) {
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

  void expect_close(std::string_view what, double played, double logged, double within = 0.05) {
    const double ratio = logged == 0 ? 1 : played / logged;
    std::printf("  %-44s %12.3f %12.3f %8.3f\n", std::string(what).c_str(), logged, played, ratio);
    EXPECT_NEAR(ratio, 1, within) << what;
  }
  // Quantiles of what the log counts in whole seconds or requests: one of them, or the share.
  void expect_close_or_one(std::string_view what, double played, double logged, double within = 0.05) {
    expect_close(what, played, logged, std::max(within, 1.001 / std::max(1.0, logged)));
  }

  // docs/rehearsal-*.svg
  void draw(const std::string& folder, Figures& played) {
    Plot rates{.title = "Requests a second: log and replay",
               .x_unit = "path, most asked for first",
               .y_unit = "requests/s",
               .y_scale = Plot::Scale::logarithmic};
    PlotSeries logged{.name = "log", .colour = "b", .points = {}, .form = PlotSeries::Form::dots};
    PlotSeries replayed{.name = "replay", .colour = "a", .points = {}, .form = PlotSeries::Form::dots};
    std::vector<std::pair<double, std::string>> sorted;
    for (const auto& [group, count] : log.by_group) {
      if (count >= 200) sorted.emplace_back(-count, group);
    }
    std::sort(sorted.begin(), sorted.end());
    for (std::size_t i = 0; i < sorted.size(); ++i) {
      const auto at = static_cast<double>(i + 1);
      logged.points.push_back({at, -sorted[i].first / log.seconds, sorted[i].second});
      replayed.points.push_back({at, played.by_group[sorted[i].second] / played.seconds, sorted[i].second});
    }
    rates.series = {logged, replayed};
    write(folder + "/rehearsal-rates.svg", rates);
    Plot pauses{.title = "Pauses of visitors: log and replay",
                .x_unit = "% of pauses from 5 s on",
                .y_unit = "s",
                .y_scale = Plot::Scale::logarithmic};
    logged.form = replayed.form = PlotSeries::Form::line;
    logged.points.clear();
    replayed.points.clear();
    for (int percent = 1; percent < 99; ++percent) {
      logged.points.push_back({static_cast<double>(percent), log.quantile(&Figures::pauses, percent / 100.0), {}});
      replayed.points.push_back({static_cast<double>(percent), played.quantile(&Figures::pauses, percent / 100.0), {}});
    }
    pauses.series = {logged, replayed};
    write(folder + "/rehearsal-pauses.svg", pauses);
  }
  static void write(const std::string& file, const Plot& plot) {
    std::string svg = svg_of(plot);
    svg = svg.substr(svg.find("<svg"), svg.rfind("</svg>") + 6 - svg.find("<svg"));
    svg.replace(0, 4, "<svg xmlns=\"http://www.w3.org/2000/svg\" style=\"background:#fff;font-family:sans-serif\"");
    const std::string style =
        "<style>.g{stroke:#ddd}.t{font-size:11px;fill:#555}.e{text-anchor:end}.m{text-anchor:middle}"
        ".line{fill:none;stroke-width:2}.line.a,.dot.a{stroke:#3b6fd4}.line.b,.dot.b{stroke:#c98a1a}"
        ".dot.a{fill:#3b6fd4}.dot.b{fill:none;stroke-width:2}</style>"
        "<text x=\"80\" y=\"26\" fill=\"#c98a1a\" font-size=\"12\">log</text>"
        "<text x=\"110\" y=\"26\" fill=\"#3b6fd4\" font-size=\"12\">replay</text>";
    svg.insert(svg.find('>') + 1, style);
    std::ofstream(file) << svg << "\n";
  }

  Figures log;
  TrafficModel model;
};

TEST_F(Fidelity, PlayedOnceItGivesBackTheLogsFigures) {
  PlanOptions options{.times = 1, .profile = PlanOptions::Profile::mean};
  options.length = Duration(static_cast<std::int64_t>(log.seconds * 1e9));
  Figures played = play_often(options, 60);
  std::printf("  %-44s %12s %12s %8s\n", "", "log", "replay", "ratio");
  expect_close("requests per second", played.requests / played.seconds, log.requests / log.seconds);
  expect_close("sessions per minute", played.sessions / played.seconds * 60, log.sessions / log.seconds * 60);
  expect_close("share of 304", played.not_modified / played.requests, log.not_modified / log.requests);
  for (const auto& [group, count] : log.by_group) {
    // What one visitor made most of is as uncertain as that one's visit.
    const double within = log.most_by_one[group] > count / 2 ? 0.10 : 0.05;
    if (count >= 200)
      expect_close("requests/s " + group, played.by_group[group] / played.seconds, count / log.seconds, within);
  }
  for (const double share : {0.25, 0.5, 0.75, 0.9, 0.95})
    expect_close_or_one("session length in requests, quantile " + std::to_string(share).substr(0, 4),
                        played.quantile(&Figures::lengths, share), log.quantile(&Figures::lengths, share));
  // Late assets of a view come all at once here, and nearly so in the log: so they break a pause a little less often.
  for (const double share : {0.1, 0.25, 0.5, 0.75, 0.9})
    expect_close_or_one("pause, quantile " + std::to_string(share).substr(0, 4),
                        played.quantile(&Figures::pauses, share), log.quantile(&Figures::pauses, share), 0.06);
  if (const char* folder = std::getenv("TENFOLD_PLOTS")) draw(folder, played);
}

// What was learned of a page's think times is what its visitors take.
TEST_F(Fidelity, ThinkTimesAreThoseLearned) {
  PlanOptions options{.times = 1, .profile = PlanOptions::Profile::mean, .length = 30min};
  std::map<std::uint32_t, std::vector<double>> taken;
  for (options.seed = 1; options.seed <= 20; ++options.seed) {
    const auto planner = make_planner(model, options);
    PlannedPage page;
    while (auto session = planner->next_session()) {
      if (session->population != 0 || session->joined) continue;
      while (session->itinerary->next(page) && page.think > 0s)
        taken[page.template_index].push_back(std::chrono::duration<double>(page.think).count());
    }
  }
  int compared = 0;
  for (const PageBehaviour& behaviour : model.populations[0].pages) {
    auto& values = taken[behaviour.page];
    if (values.size() < 2000) continue;
    ++compared;
    std::sort(values.begin(), values.end());
    for (const double share : {0.25, 0.5, 0.75, 0.9}) {
      // Values that many share fill a range of quantiles: what counts is how many are below and how many at most there.
      const double value = behaviour.think_s.at(share);
      const auto below = std::lower_bound(values.begin(), values.end(), value * 0.999) - values.begin();
      const auto up_to = std::upper_bound(values.begin(), values.end(), value * 1.001) - values.begin();
      const auto count = static_cast<double>(values.size());
      EXPECT_LE(static_cast<double>(below) / count, share + 0.05) << model.templates[behaviour.page].name;
      EXPECT_GE(static_cast<double>(up_to) / count, share - 0.05) << model.templates[behaviour.page].name;
    }
  }
  EXPECT_GE(compared, 5);
}

TEST_F(Fidelity, TenTimesAreTenTimesTheSessionsWithTheSamePauses) {
  PlanOptions options{.times = 1, .profile = PlanOptions::Profile::mean, .length = 10min};
  Figures one = play_often(options, 20);
  options.times = 10;
  Figures ten = play_often(options, 2);
  expect_close("sessions per second, ten times", ten.sessions / ten.seconds, 10 * one.sessions / one.seconds, 0.01);
  expect_close("requests per second, ten times", ten.requests / ten.seconds, 10 * one.requests / one.seconds);
  for (const double share : {0.25, 0.5, 0.75, 0.9})
    expect_close_or_one("pause, quantile " + std::to_string(share).substr(0, 4), ten.quantile(&Figures::pauses, share),
                        one.quantile(&Figures::pauses, share));
}

}  // namespace
}  // namespace tenfold::rehearse
