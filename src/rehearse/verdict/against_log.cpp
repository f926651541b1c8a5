#include "rehearse/verdict/against_log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "rehearse/verdict/words.hpp"

namespace tenfold::rehearse {
namespace {

constexpr std::uint64_t enough_answers = 20;
// What must be different before it is called so: log and run ask in the same shares, but neither for the same things.
constexpr double clear_difference = 0.25;
// Of all answers. What is less may be a part that wants a login or a full basket, which a rehearsal has not.
constexpr double telling_share = 0.05;
constexpr double most_led_to_known = 0.2;
constexpr double most_strangers = 0.5;

double part_of(std::uint64_t part, std::uint64_t of) {
  return of == 0 ? 0 : static_cast<double>(part) / static_cast<double>(of);
}

bool clearly_more(double share, double in_log, std::uint64_t answers) {
  const double chance = 4 * std::sqrt(in_log * (1 - in_log) / static_cast<double>(std::max<std::uint64_t>(1, answers)));
  return share > in_log + std::max(clear_difference, chance);
}

std::string bytes_text(double bytes) {
  return bytes < 10'000 ? fmt::format("{:.0f} bytes", bytes) : fmt::format("{:.0f} kB", bytes / 1000);
}

// Why all or nearly all of the answers say nothing of this shop.
struct Strangers {
  std::uint64_t answers = 0;
  std::uint64_t moved = 0;
  std::uint64_t shut_out = 0;
  double not_found = 0;

  void add(const Held& held, const InLog& in_log) {
    answers += held.answers;
    moved += held.moved;
    shut_out += held.login + held.denied;
    const double usual = in_log.not_found * static_cast<double>(held.answers);
    not_found += std::max(0.0, static_cast<double>(held.not_found) - usual);
  }
  double share(double of_them) const { return answers == 0 ? 0 : of_them / static_cast<double>(answers); }
  double share_moved() const { return share(static_cast<double>(moved)); }
  double share_shut_out() const { return share(static_cast<double>(shut_out)); }
  double share_not_found() const { return share(not_found); }
};

class Comparison {
 public:
  explicit Comparison(const RunRecord& record) : record_(record) {
    for (const TemplateRecord& each : record.templates) all_.add(each.held, each.in_log);
    if (record.judged.empty()) return;
    for (const TemplateRecord& each : record.judged.front().templates) {
      const auto whole = std::ranges::find(record.templates, each.name, &TemplateRecord::name);
      first_.add(each.held, whole == record.templates.end() ? InLog() : whole->in_log);
    }
  }

  AgainstLog run() {
    if (all_.answers >= 10) find_strangers();
    if (!result_.stranger.empty()) return std::move(result_);
    for (const TemplateRecord& each : record_.templates) {
      if (each.in_log.known && each.held.answers >= enough_answers) compare(each);
    }
    if (led_to_known_ > most_led_to_known * static_cast<double>(all_.answers)) {
      result_.failures.insert(result_.failures.end(), led_.begin(), led_.end());
    } else if (!led_.empty()) {
      led_.resize(std::min<std::size_t>(led_.size(), 3));
      for (const std::string& each : led_)
        result_.notes.push_back(each + "; this part was not rehearsed: it may want a login or a basket (--cookie)");
    }
    return std::move(result_);
  }

 private:
  // From the first moment on: a shop that comes to it under the load is a shop that does not bear it.
  bool from_the_start(double (Strangers::*share)() const) const {
    return (all_.*share)() >= most_strangers && (first_.answers == 0 || (first_.*share)() >= most_strangers);
  }
  std::string led_to() const {
    for (const TemplateRecord& each : record_.templates) {
      if (!each.led_to.empty()) return each.led_to;
    }
    return "elsewhere";
  }
  void find_strangers() {
    if (from_the_start(&Strangers::share_moved)) {
      result_.stranger = fmt::format("{} of the answers lead to the shop's other address ({})",
                                     share_text(all_.share_moved()), led_to());
      result_.remedy = "rehearse the address that they lead to";
    } else if (from_the_start(&Strangers::share_shut_out)) {
      result_.stranger = fmt::format("{} of the answers ask who is there (401, 403 or a redirect to a login)",
                                     share_text(all_.share_shut_out()));
      result_.remedy = "let the rehearsal in: --user name:password, --cookie or --header";
    } else if (from_the_start(&Strangers::share_not_found)) {
      const bool of_log = record_.mode == RunRecord::Mode::visitors;
      result_.stranger = fmt::format("{} of the answers are 404: is this {}?", share_text(all_.share_not_found()),
                                     of_log ? "log this shop's" : "path the shop's");
      result_.remedy =
          of_log ? "learn a log of this shop, or give its base path in the URL" : "give a path that the shop has";
    }
  }

  void compare(const TemplateRecord& each) {
    const Held& held = each.held;
    const auto answers = static_cast<double>(held.answers);
    const std::string led_to = each.led_to.empty() ? "" : fmt::format(" (to {})", each.led_to);
    const double astray = part_of(held.elsewhere + held.moved, held.answers);
    if (clearly_more(astray, each.in_log.redirects, held.answers))
      differs(held.answers, fmt::format("{}: {} of the answers lead elsewhere{}, in the log {}", each.name,
                                        share_text(astray), led_to, share_text(each.in_log.redirects)));
    const double not_found = part_of(held.not_found, held.answers);
    if (clearly_more(not_found, each.in_log.not_found, held.answers))
      differs(held.answers, fmt::format("{}: {} of the answers are 404, in the log {}", each.name,
                                        share_text(not_found), share_text(each.in_log.not_found)));
    const double known = part_of(held.known + held.login, held.answers);
    if (clearly_more(known, each.in_log.redirects, held.answers)) {
      led_to_known_ += (known - each.in_log.redirects) * answers;
      led_.push_back(fmt::format("{}: {} of the answers lead to another page{}, in the log {}", each.name,
                                 share_text(known), led_to, share_text(each.in_log.redirects)));
    }
    compare_sizes(each);
  }
  void compare_sizes(const TemplateRecord& each) {
    constexpr double under_low = 0.1;        // of the log's are under low_bytes
    constexpr double far_smaller = 1.0 / 3;  // where nothing but the mean is known
    const Held& held = each.held;
    if (held.whole < enough_answers) return;
    const double mean = static_cast<double>(held.bytes) / static_cast<double>(held.whole);
    const double small = part_of(held.small, held.whole);
    const bool differ = each.in_log.low_bytes > 0 ? clearly_more(small, under_low, held.whole)
                                                  : mean < each.in_log.mean_bytes * far_smaller;
    if (!differ) return;
    differs(held.whole, fmt::format("{}: its answers have {} in the mean, in the log {}", each.name, bytes_text(mean),
                                    bytes_text(std::max(each.in_log.mean_bytes, each.in_log.low_bytes))));
  }
  void differs(std::uint64_t answers, std::string words) {
    const bool telling = static_cast<double>(answers) >= telling_share * static_cast<double>(all_.answers);
    (telling ? result_.failures : result_.notes).push_back(std::move(words));
  }

  const RunRecord& record_;
  Strangers all_, first_;
  AgainstLog result_;
  double led_to_known_ = 0;
  std::vector<std::string> led_;
};

std::string what_came(const TemplateRecord& each) {
  std::string words;
  const auto add = [&](const std::string& what, std::uint64_t times) {
    if (times > 0) words += fmt::format("{}{} × {}", words.empty() ? "" : ", ", what, times);
  };
  std::uint64_t answered = 0;
  for (const auto& entry : each.statuses.entries()) {
    answered += entry.times;
    if (entry.status >= 300 && entry.status != 304) add(fmt::format("{}", entry.status), entry.times);
  }
  const std::uint64_t ended = std::max(each.sent, each.planned);
  add("no answer", std::min(each.failed, ended - std::min(ended, answered)));
  return words;
}

}  // namespace

AgainstLog against_log(const RunRecord& record) { return Comparison(record).run(); }

std::vector<std::string> failing_templates(const RunRecord& record, std::size_t most) {
  std::vector<const TemplateRecord*> failing;
  for (const TemplateRecord& each : record.templates) {
    if (each.failed > 0) failing.push_back(&each);
  }
  std::ranges::stable_sort(failing, [](const auto* a, const auto* b) { return a->failed > b->failed; });
  std::vector<std::string> result;
  for (std::size_t i = 0; i < std::min(most, failing.size()); ++i) {
    const TemplateRecord& each = *failing[i];
    const std::string came = what_came(each);
    const std::string led = each.led_to.empty() ? "" : fmt::format(", to {}", each.led_to);
    const std::string size =
        came.empty() && each.held.whole > 0
            ? bytes_text(static_cast<double>(each.held.bytes) / static_cast<double>(each.held.whole)) + " in the mean"
            : "";
    result.push_back(fmt::format("{}: {} of {} failed ({}{}{})", each.name, each.failed,
                                 std::max({each.sent, each.planned, each.failed}), came, led, size));
  }
  return result;
}

}  // namespace tenfold::rehearse
