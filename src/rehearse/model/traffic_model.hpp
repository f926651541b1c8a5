#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"

// What `learn` finds in a log and `rehearse` plays: a model of visitors. Plain values; JSON in model_json.hpp. Nothing
// in it identifies a person: addresses and full agents are gone, and a concrete target is named only if it is public
// (see Template::targets).
namespace tenfold::rehearse {

inline constexpr int traffic_model_version = 2;

// Numbers as the log had them: their quantile function, linear between points. Drawn with a uniform u in [0,1).
struct Distribution {
  struct Point {
    double share = 0;  // 0 to 1, ascending
    double value = 0;  // not descending
    bool operator==(const Point&) const = default;
  };
  std::vector<Point> points;  // at most 129, denser in the upper tail; empty: always `mean`
  double mean = 0;            // exact, of the log's values

  double at(double share) const;  // the value that this share stays under
  bool operator==(const Distribution&) const = default;
};

struct Weighted {
  std::uint32_t index = 0;  // of a template
  double weight = 0;        // relative to its list, not negative
  bool operator==(const Weighted&) const = default;
};

struct KnownTarget {
  std::string target;  // "/product/31?colour=blue"
  double weight = 0;   // requests for it in the log
  bool operator==(const KnownTarget&) const = default;
};

// Requests that are alike.
struct Template {
  enum class Kind : std::uint8_t {
    page,       // what a person asks for
    asset,      // what a browser fetches for it
    elsewhere,  // not a request: a page that another server or the browser's own cache gave, whose assets came from
                // here
  };
  std::string name;    // "/product/{id}"; with its method in front where that is not GET: "POST /cart"
  std::string method;  // "GET"
  Kind kind = Kind::page;
  double requests = 0;  // in the log
  // Concrete targets, most popular first, at most 2,000. Named only if at least three visitors asked for it, a crawler
  // did (so it is public), or it is an asset; the rest of the requests are in rare_share.
  std::vector<KnownTarget> targets;
  double rare_share = 0;  // of the requests, to targets that may not be named; played as known ones, or made up:
  // Patterns for those made up, with the requests that each stands for: "/product/31?gclid={word:3-9}" keeps the path,
  // which is known, and drops the value. What they do not cover is played as the less popular known targets.
  std::vector<KnownTarget> rare_like;
  std::uint64_t distinct_targets = 0;  // about, in the log
  double conditional_share = 0;        // answered 304
  std::map<int, double> statuses;      // share by status, 304 included
  double mean_bytes = 0;               // of bodies with content
  // Of 200 answers, to a factor of two: hardly any was smaller than the first (1 in 2,000), one in ten than the second.
  // 0: not known.
  double least_bytes = 0;
  double low_bytes = 0;
  bool operator==(const Template&) const = default;
};

// What a browser fetches after a page.
struct Burst {
  Distribution size;             // requests
  std::vector<Weighted> assets;  // which templates, by their share
  Distribution gap_s;            // from the request before it, the page's or another asset's, to each
  bool operator==(const Burst&) const = default;
};

// A page of one kind of visit, and where it goes from there.
struct PageBehaviour {
  std::uint32_t page = 0;  // template, of any kind: crawlers and scripts ask for single assets, too
  double views = 0;        // in the log
  double entry = 0;        // weight as a session's first page
  double exit_share = 0;   // of the views that were the last of a session; for reading: the session's length decides
  std::vector<Weighted>
      next;  // where to, when the session goes on; fitted so that, with the lengths as they are, views come out right
  Distribution think_s;  // from the last request of the view to the next page's
  Burst first;           // assets when it is the session's first page (an empty browser cache)
  Burst later;
  bool operator==(const PageBehaviour&) const = default;
};

// When sessions begin.
struct Arrivals {
  double mean_per_s = 0;
  // The expected peak: over the busiest minute of the log, as far as the requests of the busiest minute bear it out.
  double peak_per_s = 0;
  std::vector<double> shape;  // arrivals per bin, relative to the mean; at most 1,440 bins
  double shape_bin_s = 60;
  double dispersion = 1;  // index of dispersion (variance / mean) of arrivals per second, within the minute; Poisson: 1
  bool operator==(const Arrivals&) const = default;
};

// Sessions that are alike in how much they ask for. People who look at one page, who look around and who stay for an
// hour enter by different pages, go different ways and take different times: one walk for all would be nobody's.
struct VisitKind {
  double sessions = 0;             // in the log; relative to the population's other kinds
  Distribution pages_per_session;  // whole numbers from 1
  std::vector<PageBehaviour> pages;
  bool operator==(const VisitKind&) const = default;
};

struct Population {
  enum class Kind : std::uint8_t { people, crawlers, scripts } kind = Kind::people;
  double sessions = 0;  // in the log
  double requests = 0;  // in the log
  Arrivals arrivals;
  std::vector<VisitKind> visits;  // from the shortest on
  std::vector<std::pair<std::string, double>>
      agents;  // User-Agent texts that at least five visitors had, at most 32; empty: one of ours
  bool operator==(const Population&) const = default;
};

struct TrafficModel {
  int version = traffic_model_version;
  std::string made_by;       // "tenfold 0.1.0"
  std::int64_t from_ms = 0;  // Unix time of the log's first request
  double seconds = 0;        // that the log covers
  double requests = 0;
  double visitors = 0;             // different address and agent pairs
  double peak_requests_per_s = 0;  // over the busiest minute
  std::vector<Template> templates;
  std::vector<Population> populations;  // people first
  bool operator==(const TrafficModel&) const = default;
};

// Everything that indexes or sums wrongly, all at once: "populations[0].pages[3].next[1]: no template 712".
// Whoever edits a file by hand is told here. Weights need not sum to anything.
std::vector<std::string> problems_of(const TrafficModel& model);

}  // namespace tenfold::rehearse
