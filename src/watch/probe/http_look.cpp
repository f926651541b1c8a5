#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "watch/probe/captures.hpp"
#include "watch/probe/destination.hpp"
#include "watch/probe/exchange.hpp"
#include "watch/probe/looks.hpp"

namespace tenfold::watch {
namespace {

class HttpLook final : public TimedLook {
 public:
  HttpLook(const HttpProbe& probe, LookSetup setup) : TimedLook(std::move(setup)), probe_(probe) {}

  void begin() override {
    start_clock();
    // Some shops set a cookie and send visitors in a circle until they bring it.
    auto jar = probe_.follow ? std::make_shared<CookieJar>() : nullptr;
    exchange_ = std::make_unique<Exchange>(tools_, way_, std::move(jar), result_.phases, probe_, check_.timeout,
                                           [this](Exchange::End end) { on_end(std::move(end)); });
    exchange_->begin();
  }

 private:
  void on_end(Exchange::End end) {
    result_.address = std::move(end.address);
    result_.source = std::move(end.source);
    if (end.verdict.what.empty()) return end_good();
    end_failed(end.verdict.cause, std::move(end.verdict.what));
  }

  const HttpProbe& probe_;
  std::unique_ptr<Exchange> exchange_;
};

// Step by step; what a step captures is put into the later ones' requests.
class JourneyLook final : public TimedLook {
 public:
  JourneyLook(const JourneyProbe& probe, LookSetup setup) : TimedLook(std::move(setup)), probe_(probe) {}

  void begin() override {
    start_clock();
    go_on();
  }

 private:
  void go_on() {
    if (step_ == probe_.steps.size()) return end_good();
    auto request = expand(step().http, captured_);
    if (!request) return fail_step(CheckResult::Cause::content, request.error().detail);
    if (!is_named(request->url)) leave_secrets(request->headers);
    // The one before is kept until now: it has called us.
    ended_ = std::move(exchange_);
    exchange_ = std::make_unique<Exchange>(tools_, way_, jar_, result_.phases, std::move(*request), check_.timeout,
                                           [this](Exchange::End end) { on_end(std::move(end)); });
    if (!step().capture.empty()) exchange_->keep_body();
    exchange_->begin();
  }

  void on_end(Exchange::End end) {
    result_.address = std::move(end.address);
    result_.source = std::move(end.source);
    if (!end.verdict.what.empty()) return fail_step(end.verdict.cause, std::move(end.verdict.what));
    for (const Capture& what : step().capture) {
      auto value = capture(what, end.answer, tools_.expressions);
      if (!value) return fail_step(CheckResult::Cause::content, value.error().detail);
      captured_[what.name] = std::move(*value);
    }
    ++step_;
    go_on();
  }

  void fail_step(CheckResult::Cause cause, const std::string& what) {
    end_failed(cause, fmt::format("{}: {}", step().name, what));
  }
  // Whether a step of this journey names that origin itself: a captured address is the word of the site that is
  // watched, and may lead anywhere.
  bool is_named(const std::string& url) const {
    const auto to = destination_of(url);
    return to && std::ranges::any_of(probe_.steps, [&](const JourneyStep& one) {
             const auto named = named_origin(one.http.url);
             return named && is_same_origin(*named, *to);
           });
  }
  const JourneyStep& step() const { return probe_.steps[step_]; }

  const JourneyProbe& probe_;
  std::size_t step_ = 0;
  Captured captured_;
  std::shared_ptr<CookieJar> jar_ = std::make_shared<CookieJar>();
  std::unique_ptr<Exchange> exchange_;
  std::unique_ptr<Exchange> ended_;
};

}  // namespace

std::unique_ptr<Look> make_http_look(const HttpProbe& probe, LookSetup setup) {
  return std::make_unique<HttpLook>(probe, std::move(setup));
}
std::unique_ptr<Look> make_journey_look(const JourneyProbe& probe, LookSetup setup) {
  return std::make_unique<JourneyLook>(probe, std::move(setup));
}

}  // namespace tenfold::watch
