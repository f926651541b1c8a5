// What is learned from a real log and played at 1x gives back the log's own figures. The log's are taken here from its
// lines, the replay's from what is asked for: neither looks into the model.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <unordered_map>

#include "base/random.hpp"
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

// Figures by their names, as docs/BENCHMARKS.md and bench/rehearse have them.
using Rows = std::map<std::string, double>;

double quantile(std::vector<double>& values, double share) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

// What one visitor did in the time that was looked at.
struct SeenPage {
  double requests = 0, not_modified = 0;
  std::map<std::string, double> by_group;
  std::vector<double> lengths;  // requests of each visit
  std::vector<double> pauses;   // between requests of a visit, from 5 s on: what a person needs to read
  double last = 0;

  // The log's clock has whole seconds; half an hour of silence ends a visit.
  void request(std::string_view target, double at, bool answered_304) {
    at = std::floor(at);
    ++requests;
    not_modified += answered_304;
    ++by_group[group_of(target)];
    const bool goes_on = !lengths.empty() && at - last <= 1800;
    if (!goes_on) lengths.push_back(0);
    if (goes_on && at - last >= 5) pauses.push_back(at - last);
    ++lengths.back();
    last = at;
  }
};

struct Figures {
  double seconds = 0;
  double times = 1;
  double requests = 0, not_modified = 0;
  std::map<std::string, double> by_group;
  std::vector<double> lengths, pauses;

  void add(const SeenPage& seen) {
    requests += seen.requests;
    not_modified += seen.not_modified;
    for (const auto& [group, count] : seen.by_group) by_group[group] += count;
    lengths.insert(lengths.end(), seen.lengths.begin(), seen.lengths.end());
    pauses.insert(pauses.end(), seen.pauses.begin(), seen.pauses.end());
  }
  void add(const Figures& other) {
    seconds += other.seconds;
    requests += other.requests;
    not_modified += other.not_modified;
    for (const auto& [group, count] : other.by_group) by_group[group] += count;
    lengths.insert(lengths.end(), other.lengths.begin(), other.lengths.end());
    pauses.insert(pauses.end(), other.pauses.begin(), other.pauses.end());
  }
  Rows rows(const std::vector<std::string>& groups) {
    const double all = seconds * times;
    Rows rows{{"requests/s", requests / all},
              {"sessions/min", static_cast<double>(lengths.size()) / all * 60},
              {"share of 304, %", 100 * not_modified / requests}};
    for (const auto& group : groups) rows["requests/s " + group] = by_group[group] / all;
    for (const char* share : {"0.25", "0.5", "0.75", "0.9", "0.95"})
      rows[std::string("requests of a visit, quantile ") + share] = quantile(lengths, std::stod(share));
    for (const char* share : {"0.1", "0.25", "0.5", "0.75", "0.9"})
      rows[std::string("pause in s, quantile ") + share] = quantile(pauses, std::stod(share));
    return rows;
  }
};

// Mean and standard deviation of figures over many tries.
class Spread {
 public:
  void add(const Rows& rows) {
    ++count_;
    for (const auto& [name, value] : rows) {
      sum_[name] += value;
      squares_[name] += value * value;
    }
  }
  double mean(const std::string& name) const { return sum_.at(name) / count_; }
  // As a share of the mean.
  double deviation(const std::string& name) const {
    const double variance = squares_.at(name) / count_ - mean(name) * mean(name);
    return mean(name) > 0 ? std::sqrt(std::max(0.0, variance)) / mean(name) : 0;
  }
  double count() const { return count_; }

 private:
  double count_ = 0;
  Rows sum_, squares_;
};

std::string real_log() {
  if (const char* log = std::getenv("TENFOLD_LOG")) return log;
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
    std::unordered_map<std::string, SeenPage> seen;
    double first = 0;
    double last = 0;
    const auto counts = read_logs({file}, {}, [&](const Entry& entry) {
      learner.take(entry);
      const double at = static_cast<double>(entry.at_ms) / 1000;
      if (first == 0) first = at;
      last = at;
      seen[std::string(entry.client) + "\n" + std::string(entry.user_agent)].request(entry.target, at,
                                                                                     entry.status == 304);
    });
    ASSERT_TRUE(counts) << counts.error().text();
    log.seconds = std::floor(last) - std::floor(first) + 1;
    for (auto& [who, each] : seen) {
      log.add(each);
      visitors.push_back(std::move(each));
    }
    for (const auto& [group, count] : log.by_group) {
      if (count >= 200) groups.push_back(group);
    }
    model = learner.finish().model;
  }

  // What a server would have seen in the time of the run, those included who were there before or go on afterwards.
  Figures play(const PlanOptions& options) {
    Figures played;
    played.seconds = std::chrono::duration<double>(options.length).count();
    played.times = options.times;
    const auto planner = make_planner(model, options);
    PlannedPage page;
    struct Asked {
      double at;
      std::string target;
      bool conditional;
    };
    std::vector<Asked> asked;
    const auto seconds = [](Duration time) { return std::chrono::duration<double>(time).count(); };
    while (auto session = planner->next_session()) {
      double at = seconds(session->at);
      asked.clear();
      while (at < played.seconds && session->itinerary->next(page)) {
        if (!page.target.empty()) asked.push_back({at, std::string(page.target), page.conditional});
        for (const PlannedAsset& asset : page.assets)
          asked.push_back({at + seconds(asset.after_page), std::string(asset.target), asset.conditional});
        at += (page.assets.empty() ? 0 : seconds(page.assets.back().after_page)) + seconds(page.think);
      }
      SeenPage seen;
      for (const Asked& each : asked) {
        if (each.at < played.seconds) seen.request(each.target, each.at, each.conditional);
      }
      played.add(seen);
    }
    return played;
  }

  struct Plays {
    Figures all;    // of all together
    Spread spread;  // of one play
  };
  Plays play_often(PlanOptions options, std::uint64_t runs) {
    Plays plays;
    plays.all.times = options.times;
    for (options.seed = 1; options.seed <= runs; ++options.seed) {
      Figures one = play(options);
      plays.spread.add(one.rows(groups));
      plays.all.add(one);
    }
    return plays;
  }

  // Poisson-distributed, with mean 1.
  static int arrivals_of_one(Random& random) {
    double mark = random.unit();
    double share = std::exp(-1.0);
    int count = 0;
    for (; mark >= share && count < 20; share /= ++count) mark -= share;
    return count;
  }
  // How uncertain the log's own figures are: had other visitors come like these.
  Spread drawn_anew(int times) {
    FastRandom random(1);
    Spread spread;
    for (int i = 0; i < times; ++i) {
      Figures other;
      other.seconds = log.seconds;
      for (const SeenPage& each : visitors) {
        for (int left = arrivals_of_one(random); left > 0; --left) other.add(each);
      }
      spread.add(other.rows(groups));
    }
    return spread;
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
    for (const auto& group : groups) sorted.emplace_back(-log.by_group[group], group);
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
      logged.points.push_back({static_cast<double>(percent), quantile(log.pauses, percent / 100.0), {}});
      replayed.points.push_back({static_cast<double>(percent), quantile(played.pauses, percent / 100.0), {}});
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
  std::vector<SeenPage> visitors;
  std::vector<std::string> groups;
  TrafficModel model;
};

// Quantiles are whole seconds and whole requests: one of them is no difference.
bool close_enough(const std::string& name, double played, double logged, double within) {
  const bool whole = name.find("quantile") != std::string::npos && std::abs(played - logged) <= 1;
  return whole || std::abs(played - logged) <= within * logged;
}

TEST_F(Fidelity, PlayedOnceItGivesBackTheLogsFigures) {
  PlanOptions options{.times = 1, .profile = PlanOptions::Profile::mean};
  options.length = Duration(static_cast<std::int64_t>(log.seconds * 1e9));
  Plays plays = play_often(options, 100);
  const Rows logged = log.rows(groups);
  const Rows played = plays.all.rows(groups);
  const Spread uncertain = drawn_anew(500);
  std::printf("  %-36s %10s %10s %7s %16s %16s\n", "", "log", "replays", "ratio", "one replay +- %", "the log +- %");
  nlohmann::json found{{"seeds", plays.spread.count()}};
  for (const auto& [name, value] : logged) {
    const double deviation = plays.spread.deviation(name);
    std::printf("  %-36s %10.3f %10.3f %7.3f %16.1f %16.1f\n", name.c_str(), value, played.at(name),
                played.at(name) / value, 100 * deviation, 100 * uncertain.deviation(name));
    found["figures"][name] = {
        {"mean", played.at(name)}, {"deviation", deviation}, {"log_deviation", uncertain.deviation(name)}};
    // The mean of so many replays is itself this uncertain: much, where a single visitor made most of the requests.
    const double uncertainty = 2 * deviation / std::sqrt(plays.spread.count());
    // And the log's own figure is so uncertain: by less than half of that it cannot be told from the truth.
    const double within = std::max(0.05, 0.5 * uncertain.deviation(name));
    EXPECT_TRUE(close_enough(name, played.at(name), value, within + uncertainty)) << name;
  }
  if (const char* file = std::getenv("TENFOLD_FIGURES")) std::ofstream(file) << found.dump(1) << "\n";
  if (const char* folder = std::getenv("TENFOLD_PLOTS")) draw(folder, plays.all);
}

// What was learned of a page's think times is what its visitors take, whichever kind of visit it is.
TEST_F(Fidelity, ThinkTimesAreThoseLearned) {
  int compared = 0;
  for (const VisitKind& visits : model.populations[0].visits) {
    TrafficModel alone = model;
    alone.populations.resize(1);
    alone.populations[0].visits = {visits};
    PlanOptions options{.times = 2, .profile = PlanOptions::Profile::mean, .length = 30min};
    options.start = PlanOptions::Start::empty;
    const auto planner = make_planner(alone, options);
    std::map<std::uint32_t, std::vector<double>> taken;
    PlannedPage page;
    while (auto session = planner->next_session()) {
      for (bool more = session->itinerary->next(page); more;) {
        const std::uint32_t from = page.template_index;
        const double think_s = std::chrono::duration<double>(page.think).count();
        more = session->itinerary->next(page);
        if (more) taken[from].push_back(think_s);
      }
    }
    for (const PageBehaviour& behaviour : visits.pages) {
      auto& values = taken[behaviour.page];
      if (values.size() < 2000) continue;
      ++compared;
      std::sort(values.begin(), values.end());
      for (const double share : {0.25, 0.5, 0.75, 0.9}) {
        // Values that many share fill a range of quantiles: what counts is how many are below and how many at most
        // there.
        const double value = behaviour.think_s.at(share);
        const auto below = std::lower_bound(values.begin(), values.end(), value * 0.999) - values.begin();
        const auto up_to = std::upper_bound(values.begin(), values.end(), value * 1.001) - values.begin();
        const auto count = static_cast<double>(values.size());
        EXPECT_LE(static_cast<double>(below) / count, share + 0.05) << model.templates[behaviour.page].name;
        EXPECT_GE(static_cast<double>(up_to) / count, share - 0.05) << model.templates[behaviour.page].name;
      }
    }
  }
  EXPECT_GE(compared, 5);
}

TEST_F(Fidelity, TenTimesAreTenTimesTheSessionsWithTheSamePauses) {
  PlanOptions options{.times = 1, .profile = PlanOptions::Profile::mean, .length = 10min};
  const Rows one = play_often(options, 40).all.rows({});
  options.times = 10;
  const Rows ten = play_often(options, 4).all.rows({});
  EXPECT_NEAR(ten.at("sessions/min") / one.at("sessions/min"), 1, 0.01);
  EXPECT_NEAR(ten.at("requests/s") / one.at("requests/s"), 1, 0.03);
  for (const auto& [name, value] : one) {
    if (!name.starts_with("pause")) continue;
    EXPECT_TRUE(close_enough(name, ten.at(name), value, 0.05)) << name;
  }
}

}  // namespace
}  // namespace tenfold::rehearse
