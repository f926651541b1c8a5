#include "rehearse/model/model_json.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>
#include <unordered_map>

namespace tenfold::rehearse {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::size_t most_file_bytes = 64u << 20;

std::string_view word_of(Template::Kind kind) {
  switch (kind) {
    case Template::Kind::page: return "page";
    case Template::Kind::asset: return "asset";
    case Template::Kind::elsewhere: return "elsewhere";
  }
  return "";
}
std::string_view word_of(Population::Kind kind) {
  switch (kind) {
    case Population::Kind::people: return "people";
    case Population::Kind::crawlers: return "crawlers";
    case Population::Kind::scripts: return "scripts";
  }
  return "";
}

// ---- writing ----

// Six digits are more than a log is worth, and easier to read than seventeen.
double rounded(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return std::strtod(text, nullptr);
}

Json json_of(const Distribution& values) {
  Json points = Json::array();
  for (const auto& point : values.points) points.push_back({rounded(point.share), rounded(point.value)});
  return {{"mean", values.mean}, {"points", std::move(points)}};
}

class Writer {
 public:
  explicit Writer(const TrafficModel& model) : model_(model) {}
  Json run() const {
    Json json{{"version", model_.version},
              {"made_by", model_.made_by},
              {"from_ms", model_.from_ms},
              {"seconds", model_.seconds},
              {"requests", model_.requests},
              {"visitors", model_.visitors},
              {"peak_requests_per_s", model_.peak_requests_per_s}};
    json["populations"] = Json::array();
    for (const Population& each : model_.populations) json["populations"].push_back(of(each));
    json["templates"] = Json::array();
    for (const Template& each : model_.templates) json["templates"].push_back(of(each));
    return json;
  }

 private:
  const std::string& template_name(std::uint32_t index) const { return model_.templates[index].name; }
  Json of(const std::vector<Weighted>& list) const {
    Json json = Json::object();
    for (const Weighted& each : list) json[template_name(each.index)] = rounded(each.weight);
    return json;
  }
  static Json of(const std::vector<KnownTarget>& targets) {
    Json json = Json::array();
    for (const KnownTarget& target : targets) json.push_back({target.target, rounded(target.weight)});
    return json;
  }
  Json of(const Burst& burst) const {
    return {{"size", json_of(burst.size)}, {"assets", of(burst.assets)}, {"gap_s", json_of(burst.gap_s)}};
  }
  Json of(const Template& each) const {
    Json json{{"name", each.name}, {"method", each.method}, {"kind", word_of(each.kind)}, {"requests", each.requests}};
    if (each.kind == Template::Kind::elsewhere) return json;
    json["distinct_targets"] = each.distinct_targets;
    json["conditional_share"] = rounded(each.conditional_share);
    json["mean_bytes"] = rounded(each.mean_bytes);
    if (each.least_bytes > 0) json["least_bytes"] = each.least_bytes;
    if (each.low_bytes > 0) json["low_bytes"] = each.low_bytes;
    json["statuses"] = Json::object();
    for (const auto& [status, share] : each.statuses) json["statuses"][std::to_string(status)] = rounded(share);
    json["rare_share"] = rounded(each.rare_share);
    if (!each.rare_like.empty()) json["rare_like"] = of(each.rare_like);
    json["targets"] = of(each.targets);
    return json;
  }
  Json of(const VisitKind& each) const {
    Json json{
        {"sessions", each.sessions}, {"pages_per_session", json_of(each.pages_per_session)}, {"pages", Json::array()}};
    for (const PageBehaviour& page : each.pages) {
      json["pages"].push_back({{"page", template_name(page.page)},
                               {"views", page.views},
                               {"entry", rounded(page.entry)},
                               {"exit_share", rounded(page.exit_share)},
                               {"next", of(page.next)},
                               {"think_s", json_of(page.think_s)},
                               {"first", of(page.first)},
                               {"later", of(page.later)}});
    }
    return json;
  }
  Json of(const Population& each) const {
    Json json{{"kind", word_of(each.kind)}, {"sessions", each.sessions}, {"requests", each.requests}};
    Json shape = Json::array();
    for (const double bin : each.arrivals.shape) shape.push_back(rounded(bin));
    json["arrivals"] = {{"mean_per_s", rounded(each.arrivals.mean_per_s)},
                        {"peak_per_s", rounded(each.arrivals.peak_per_s)},
                        {"dispersion", rounded(each.arrivals.dispersion)},
                        {"shape_bin_s", each.arrivals.shape_bin_s},
                        {"shape", std::move(shape)}};
    json["agents"] = Json::array();
    for (const auto& [agent, weight] : each.agents) json["agents"].push_back({agent, rounded(weight)});
    json["visits"] = Json::array();
    for (const VisitKind& visits : each.visits) json["visits"].push_back(of(visits));
    return json;
  }
  const TrafficModel& model_;
};

// ---- reading ----

// Thrown and caught in this file alone: reading a tree by hand would else need a check at every step.
struct Mismatch {
  std::string text;
};

// A value and where it stands.
class Node {
 public:
  Node(const Json& json, std::string place) : json_(json), place_(std::move(place)) {}

  [[noreturn]] void fail(std::string_view expected) const {
    std::string found = json_.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (found.size() > 60) found = found.substr(0, 60) + "...";
    throw Mismatch{fmt::format("{}: expected {}, not {}", place_.empty() ? "the file" : place_, expected, found)};
  }
  Node at(const char* key) const {
    auto child = find(key);
    if (!child) throw Mismatch{fmt::format("{}: \"{}\" is missing", place_.empty() ? "the file" : place_, key)};
    return *child;
  }
  std::optional<Node> find(const char* key) const {
    if (!json_.is_object()) fail("an object");
    const auto found = json_.find(key);
    if (found == json_.end()) return {};
    return Node(*found, place_.empty() ? key : place_ + "." + key);
  }
  double number() const {
    if (!json_.is_number()) fail("a number");
    return json_.get<double>();
  }
  std::uint64_t count() const {
    const double value = number();
    if (!(value >= 0 && value < 1e18)) fail("a number from 0 on");
    return static_cast<std::uint64_t>(value);
  }
  bool is_text() const { return json_.is_string(); }
  std::string text() const {
    if (!json_.is_string()) fail("a text in quotes");
    return json_.get<std::string>();
  }
  template <class F>
  void each(F&& visit) const {
    if (!json_.is_array()) fail("a list");
    for (std::size_t i = 0; i < json_.size(); ++i) visit(Node(json_[i], fmt::format("{}[{}]", place_, i)));
  }
  template <class F>
  void members(F&& visit) const {
    if (!json_.is_object()) fail("an object");
    for (const auto& [key, value] : json_.items()) visit(key, Node(value, place_ + "." + key));
  }
  // ["/product/31", 12]
  std::pair<Node, Node> pair(std::string_view expected) const {
    if (!json_.is_array() || json_.size() != 2) fail(expected);
    return {Node(json_[0], place_ + "[0]"), Node(json_[1], place_ + "[1]")};
  }
  // What it holds besides these is a slip of the pen, most likely.
  void only(std::initializer_list<std::string_view> known) const {
    for (const auto& [key, value] : json_.items()) {
      if (std::find(known.begin(), known.end(), key) == known.end())
        throw Mismatch{fmt::format("{}: \"{}\" is not known", place_.empty() ? "the file" : place_, key)};
    }
  }
  double number_or(const char* key, double otherwise) const {
    const auto found = find(key);
    return found ? found->number() : otherwise;
  }

 private:
  const Json& json_;
  std::string place_;
};

class Reader {
 public:
  TrafficModel run(const Node& file) {
    file.only({"$schema", "version", "made_by", "from_ms", "seconds", "requests", "visitors", "peak_requests_per_s",
               "populations", "templates"});
    TrafficModel model;
    model.version = static_cast<int>(file.at("version").number());
    if (model.version != traffic_model_version)
      file.at("version").fail(fmt::format("{}, which is what this program knows", traffic_model_version));
    if (const auto made_by = file.find("made_by")) model.made_by = made_by->text();
    model.from_ms = static_cast<std::int64_t>(file.number_or("from_ms", 0));
    model.seconds = file.number_or("seconds", 0);
    model.requests = file.number_or("requests", 0);
    model.visitors = file.number_or("visitors", 0);
    model.peak_requests_per_s = file.number_or("peak_requests_per_s", 0);
    file.at("templates").each([&](const Node& node) {
      Template each = template_of(node);
      const auto index = static_cast<std::uint32_t>(model.templates.size());
      if (!index_of_.emplace(each.name, index).second) node.at("name").fail("a name that no other template has");
      model.templates.push_back(std::move(each));
    });
    file.at("populations").each([&](const Node& node) { model.populations.push_back(population_of(node)); });
    return model;
  }

 private:
  std::uint32_t index(const Node& node, const std::string& wanted) const {
    const auto found = index_of_.find(wanted);
    if (found == index_of_.end()) node.fail(fmt::format("the name of a template; there is none named \"{}\"", wanted));
    return found->second;
  }
  static Distribution distribution_of(const Node& node) {
    node.only({"mean", "points"});
    Distribution values;
    values.mean = node.at("mean").number();
    if (const auto points = node.find("points")) {
      points->each([&](const Node& point) {
        const auto [share, value] = point.pair("a share and a value, such as [0.5, 12]");
        values.points.push_back({share.number(), value.number()});
      });
    }
    return values;
  }
  std::vector<Weighted> weighted_of(const Node& node) const {
    std::vector<Weighted> list;
    node.members([&](const std::string& key, const Node& weight) {
      list.push_back({index(weight, key), weight.number()});
    });
    return list;
  }
  Burst burst_of(const Node& node) const {
    node.only({"size", "assets", "gap_s"});
    Burst burst;
    burst.size = distribution_of(node.at("size"));
    burst.assets = weighted_of(node.at("assets"));
    if (const auto gap = node.find("gap_s")) burst.gap_s = distribution_of(*gap);
    return burst;
  }
  static std::vector<KnownTarget> targets_of(const Node& node) {
    std::vector<KnownTarget> targets;
    node.each([&](const Node& target) {
      const auto [text, weight] = target.pair("a target and its weight, such as [\"/product/31\", 12]");
      targets.push_back({text.text(), weight.number()});
    });
    return targets;
  }
  static Template template_of(const Node& node) {
    node.only({"name", "method", "kind", "requests", "distinct_targets", "conditional_share", "mean_bytes",
               "least_bytes", "low_bytes", "statuses", "rare_share", "rare_like", "targets"});
    Template each;
    each.name = node.at("name").text();
    const auto method = node.find("method");
    each.method = method ? method->text() : "GET";
    const std::string kind = node.at("kind").text();
    if (kind == "asset") {
      each.kind = Template::Kind::asset;
    } else if (kind == "elsewhere") {
      each.kind = Template::Kind::elsewhere;
    } else if (kind != "page") {
      node.at("kind").fail("\"page\", \"asset\" or \"elsewhere\"");
    }
    each.requests = node.number_or("requests", 0);
    each.conditional_share = node.number_or("conditional_share", 0);
    each.mean_bytes = node.number_or("mean_bytes", 0);
    each.rare_share = node.number_or("rare_share", 0);
    each.least_bytes = node.number_or("least_bytes", 0);
    each.low_bytes = node.number_or("low_bytes", 0);
    // One pattern for all of them may stand without a list.
    if (const auto rare = node.find("rare_like"))
      each.rare_like = rare->is_text()
                           ? std::vector<KnownTarget>{{rare->text(), std::max(1.0, each.rare_share * each.requests)}}
                           : targets_of(*rare);
    if (const auto distinct = node.find("distinct_targets")) each.distinct_targets = distinct->count();
    if (const auto statuses = node.find("statuses")) {
      statuses->members([&](const std::string& key, const Node& share) {
        if (key.size() != 3 || key.find_first_not_of("0123456789") != std::string::npos)
          share.fail("a status of three digits as the member's name");
        each.statuses[std::stoi(key)] = share.number();
      });
    }
    if (const auto targets = node.find("targets")) each.targets = targets_of(*targets);
    return each;
  }
  static Arrivals arrivals_of(const Node& node) {
    node.only({"mean_per_s", "peak_per_s", "dispersion", "shape_bin_s", "shape"});
    Arrivals arrivals;
    arrivals.mean_per_s = node.at("mean_per_s").number();
    arrivals.peak_per_s = node.number_or("peak_per_s", arrivals.mean_per_s);
    arrivals.dispersion = node.number_or("dispersion", 1);
    arrivals.shape_bin_s = node.number_or("shape_bin_s", 60);
    if (const auto shape = node.find("shape"))
      shape->each([&](const Node& bin) { arrivals.shape.push_back(bin.number()); });
    return arrivals;
  }
  VisitKind visits_of(const Node& node) const {
    node.only({"sessions", "pages_per_session", "pages"});
    VisitKind visits;
    visits.sessions = node.number_or("sessions", 1);
    visits.pages_per_session = distribution_of(node.at("pages_per_session"));
    node.at("pages").each([&](const Node& page) { visits.pages.push_back(page_of(page)); });
    return visits;
  }
  Population population_of(const Node& node) const {
    node.only({"kind", "sessions", "requests", "arrivals", "visits", "agents"});
    Population each;
    const std::string kind = node.at("kind").text();
    if (kind == "crawlers") {
      each.kind = Population::Kind::crawlers;
    } else if (kind == "scripts") {
      each.kind = Population::Kind::scripts;
    } else if (kind != "people") {
      node.at("kind").fail("\"people\", \"crawlers\" or \"scripts\"");
    }
    each.sessions = node.number_or("sessions", 0);
    each.requests = node.number_or("requests", 0);
    each.arrivals = arrivals_of(node.at("arrivals"));
    if (const auto agents = node.find("agents")) {
      agents->each([&](const Node& agent) {
        const auto [text, weight] = agent.pair("a User-Agent and its weight");
        each.agents.emplace_back(text.text(), weight.number());
      });
    }
    node.at("visits").each([&](const Node& visits) { each.visits.push_back(visits_of(visits)); });
    return each;
  }
  PageBehaviour page_of(const Node& node) const {
    node.only({"page", "views", "entry", "exit_share", "next", "think_s", "first", "later"});
    PageBehaviour page;
    page.page = index(node.at("page"), node.at("page").text());
    page.views = node.number_or("views", 0);
    page.entry = node.number_or("entry", 0);
    page.exit_share = node.number_or("exit_share", 0);
    if (const auto next = node.find("next")) page.next = weighted_of(*next);
    page.think_s = distribution_of(node.at("think_s"));
    if (const auto first = node.find("first")) page.first = burst_of(*first);
    if (const auto later = node.find("later")) {
      page.later = burst_of(*later);
    } else {
      page.later = page.first;
    }
    return page;
  }

  std::unordered_map<std::string, std::uint32_t> index_of_;
};

}  // namespace

std::string to_json(const TrafficModel& model) {
  return Writer(model).run().dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<TrafficModel> model_from_json(std::string_view text, std::string_view file) {
  if (text.size() > most_file_bytes) return fail(Errc::too_large, fmt::format("{}: more than 64 MiB", file));
  try {
    const Json json = Json::parse(text);
    TrafficModel model = Reader().run(Node(json, ""));
    const auto problems = problems_of(model);
    if (problems.empty()) return model;
    std::string all;
    for (const std::string& problem : problems) all += (all.empty() ? "" : "\n") + fmt::format("{}: {}", file, problem);
    return fail(Errc::invalid, all);
  } catch (const Mismatch& mismatch) {
    return fail(Errc::invalid, fmt::format("{}: {}", file, mismatch.text));
  } catch (const Json::exception& error) {
    return fail(Errc::invalid, fmt::format("{}: not JSON: {}", file, error.what()));
  }
}

Result<void> write_model(const TrafficModel& model, const std::string& file) {
  const std::string text = to_json(model);
  const std::string temporary = file + ".new";
  const int descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (descriptor < 0) return std::unexpected(system_error(errno, "writing " + temporary));
  std::string_view rest = text;
  int error = 0;
  while (!rest.empty() && error == 0) {
    const ssize_t written = ::write(descriptor, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      error = errno;
    }
  }
  if (error == 0 && ::fsync(descriptor) != 0) error = errno;
  ::close(descriptor);
  if (error == 0 && ::rename(temporary.c_str(), file.c_str()) != 0) error = errno;
  if (error == 0) return {};
  ::unlink(temporary.c_str());
  return std::unexpected(system_error(error, "writing " + file));
}

Result<TrafficModel> read_model(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return fail(Errc::not_found, file + ": cannot be read");
  std::string text(most_file_bytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return model_from_json(text, file);
}

}  // namespace tenfold::rehearse
