#include "app/wiring/guard_summary.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace tenfold::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

config::Replaceable complete() {
  config::Replaceable live;
  live.worth = {{"checkout", {{"", "/checkout*"}}}, {"browse", {{"", "/*"}}}};
  live.sales.order = config::RequestPattern{"POST", "/checkout"};
  return live;
}

TEST(GuardSummary, SaysWhatItWillDoInEachMode) {
  config::Replaceable live = complete();
  EXPECT_THAT(guard_summary(live), HasSubstr("customers come first (for checkout, then browse)"));
  EXPECT_THAT(guard_gaps(live), IsEmpty());
  live.guard.mode = config::GuardMode::observe;
  EXPECT_THAT(guard_summary(live), HasSubstr("serves as if it were off"));
  live.guard.mode = config::GuardMode::off;
  EXPECT_THAT(guard_summary(live), StartsWith("off: "));
}

TEST(GuardSummary, NamesWhatIsMissing) {
  config::Replaceable live;
  EXPECT_THAT(guard_gaps(live), ElementsAre(StartsWith("sales.order: "), StartsWith("worth: ")));
  live.guard.mode = config::GuardMode::off;
  EXPECT_THAT(guard_gaps(live), IsEmpty()) << "it is off, and that is said";
}

config::Check check(std::string name, watch::Probe probe) {
  config::Check made;
  made.name = std::move(name);
  made.probe = std::move(probe);
  return made;
}

TEST(GuardSummary, NamesTheChecksThatASiegeWouldCallDown) {
  config::Replaceable live = complete();
  watch::JourneyProbe journey{.steps = {{.name = "front", .http = {.url = "https://shop.example/"}, .capture = {}}}};
  live.watch.checks = {check("page", watch::HttpProbe{.url = "https://shop.example/"}), check("way", journey),
                       check("port", watch::TcpProbe{"shop.example", 443})};
  EXPECT_THAT(guard_gaps(live), ElementsAre(HasSubstr("watch.checks \"page\", \"way\": come as strangers")));

  live.guard.api_keys = {{.name = "checks", .header = "X-Check-Key", .keys = {}}};
  std::get<watch::HttpProbe>(live.watch.checks[0].probe).headers = {{"x-check-key", "k"}};
  EXPECT_THAT(guard_gaps(live), ElementsAre(HasSubstr("watch.checks \"way\": come")));
  std::get<watch::JourneyProbe>(live.watch.checks[1].probe).steps[0].http.headers = {{"X-Check-Key", "k"}};
  EXPECT_THAT(guard_gaps(live), IsEmpty());

  live.guard.api_keys.clear();
  live.guard.allow = {{.name = "office", .networks = {{"192.0.2.0/24"}}, .paths = {}}};
  EXPECT_THAT(guard_gaps(live), IsEmpty()) << "which may be for them";
}

TEST(GuardSummary, NamesWhatIsOpenOrDoesNothing) {
  config::Replaceable live = complete();
  live.guard.allow = {{.name = "payment", .networks = {}, .paths = {{"POST", "/callback"}}},
                      {.name = "office", .networks = {{"192.0.2.0/24"}}, .paths = {}}};
  live.guard.deny = {{.name = "scrapers", .networks = {{"198.51.100.0/24"}}}};
  EXPECT_THAT(guard_summary(live), HasSubstr("rules for whom it lets be: 2; rules for whom it never serves: 1"));
  EXPECT_THAT(guard_gaps(live), ElementsAre(HasSubstr("\"payment\"")));
  live.guard.mode = config::GuardMode::observe;
  EXPECT_THAT(guard_gaps(live), ElementsAre(HasSubstr("\"payment\""), StartsWith("guard.deny: is counted")));
  live.guard.mode = config::GuardMode::off;
  EXPECT_THAT(guard_gaps(live), ElementsAre(StartsWith("guard.deny: nobody")));
}

}  // namespace
}  // namespace tenfold::app
