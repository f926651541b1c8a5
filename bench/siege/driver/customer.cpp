#include "customer.hpp"

#include <optional>

#include "base/random.hpp"
#include "base/text/percent.hpp"
#include "browser.hpp"

namespace tenfold::siege {
namespace {

using http::Method;
using Outcome = VisitRecord::Outcome;

constexpr std::string_view thanks_path = "/checkout/thanks";

const std::string& one_of(const std::vector<std::string>& list, Random& random) {
  return list[random.below(list.size())];
}

Request get(std::string target) { return {.target = std::move(target)}; }
Request post(std::string target, std::string form) {
  return {.method = Method::post, .target = std::move(target), .form = std::move(form)};
}

// "/p/1001/teapot" -> "1001".
std::string id_of_product(const std::string& path) {
  const std::size_t begin = std::string_view("/p/").size();
  return path.substr(begin, path.find('/', begin) - begin);
}

std::string order_form(const std::string& token, Random& random) {
  const std::string number = std::to_string(random.below(100'000));
  return "token=" + token + "&name=Customer+" + number + "&email=customer" + number +
         "%40shop.example&street=Market+Street+1&postcode=12345&city=Springfield";
}

// Where a visit is, from page to page.
class Walk {
 public:
  Walk(const Scenario& scenario, const PlannedVisit& plan) : scenario_(scenario), plan_(plan), random_(plan.seed) {}

  static constexpr int steps = 6;
  static constexpr int cart_step = 3;
  static constexpr int order_step = 5;

  Request request(int step) {
    switch (step) {
      case 0: return get("/");
      case 1: {
        if (!plan_.searches) return get(one_of(scenario_.categories, random_));
        return get("/search?q=" + percent_encoded(one_of(scenario_.words, random_)));
      }
      case 2: product_ = one_of(scenario_.products, random_); return get(product_);
      case 3: return post("/cart", "product=" + id_of_product(product_) + "&quantity=1");
      case 4: return get("/checkout");
      default: return post("/checkout", order_form(token_, random_));
    }
  }

  // False: not the page that the next step needs.
  bool take(int step, const Browser::Page& page) {
    if (step == 3) return page.path == "/cart";
    if (step == 4) token_ = value_behind(page.body, "name=\"token\" value=\"");
    if (step == 4) return page.path == "/checkout" && !token_.empty();
    return step != order_step;
  }

  Random& random() { return random_; }

 private:
  const Scenario& scenario_;
  const PlannedVisit& plan_;
  FastRandom random_;
  std::string product_;
  std::string token_;
};

std::optional<Outcome> end_of(Browser::Page::Outcome outcome) {
  switch (outcome) {
    case Browser::Page::Outcome::served: return std::nullopt;
    case Browser::Page::Outcome::fed_up: return Outcome::fed_up;
    case Browser::Page::Outcome::kept_out: return Outcome::kept_out;
    case Browser::Page::Outcome::run_over: return Outcome::under_way;
  }
  return std::nullopt;
}

net::Task<Outcome> walk(World& world, const PlannedVisit& plan, Browser& browser, Walk& way, VisitRecord& record) {
  for (int step = 0; step < Walk::steps; ++step) {
    if (step > 0) {
      const auto think = std::chrono::duration<double>(plan.think_s[static_cast<std::size_t>(step - 1)]);
      [[maybe_unused]] auto thought =
          co_await world.loop.sleep_until(world.until(std::chrono::duration_cast<Duration>(think)));
    }
    if (world.over()) co_return Outcome::under_way;
    record.step = step;
    Request request = way.request(step);
    const Browser::Page page = co_await browser.open(std::move(request), step);
    // The shop has taken the order when it leads to its thanks, whether that page comes or not.
    if (step == Walk::order_step && page.path.starts_with(thanks_path)) break;
    if (const auto ended = end_of(page.outcome)) co_return *ended;
    if (!way.take(step, page)) {
      record.last_trouble = "led to " + page.path;
      co_return Outcome::went_wrong;
    }
  }
  co_return Outcome::ordered;
}

}  // namespace

net::Task<void> visit(World& world, const PlannedVisit& plan, rehearse::CookieJar& jar, VisitRecord& record,
                      Record& all) {
  [[maybe_unused]] auto came = co_await world.loop.sleep_until(world.at(plan.at_s));
  all.begun(world.loop.clock().now() - world.at(plan.at_s));
  Walk way(world.scenario, plan);
  Browser browser(world, plan, jar, record, way.random());
  record.outcome = co_await walk(world, plan, browser, way, record);
  if (record.outcome != Outcome::under_way) record.ended_s = world.seconds(world.loop.now());
  co_await browser.close();
}

net::Task<void> earlier_visit(World& world, const PlannedVisit& plan, rehearse::CookieJar& jar, VisitRecord& record) {
  [[maybe_unused]] auto came = co_await world.loop.sleep_until(world.at(plan.earlier_at_s));
  Walk way(world.scenario, plan);
  VisitRecord unrecorded;
  Browser browser(world, plan, jar, unrecorded, way.random());
  const int last = plan.earlier_order ? Walk::order_step : Walk::cart_step;
  for (int step = 0; step <= last; ++step) {
    Request request = way.request(step);
    const Browser::Page page = co_await browser.open(std::move(request), -1);
    const bool ordered = step == Walk::order_step && page.path.starts_with(thanks_path);
    if (!ordered && (page.outcome != Browser::Page::Outcome::served || !way.take(step, page))) {
      ++record.earlier_failed;
      break;
    }
  }
  co_await browser.close();
}

}  // namespace tenfold::siege
