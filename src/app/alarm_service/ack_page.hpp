#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "oncall/service/oncall.hpp"

namespace tenfold::app {

// Who has taken an alert, and since when.
struct Holder {
  std::string by;
  std::string how;
  WallTime since{};
};

// Whoever has a link to the page, and what has become of the alert.
struct Visitor {
  std::string who;               // by the link; the page speaks their language
  std::optional<Holder> holder;  // none: nobody has it
};

// The pages behind the signed link in a message: one that asks with a button, and one that says what came of it.
// Opening changes nothing: mail scanners and previews open links too. Times are in the plan's time zone.
std::string acknowledge_page(const oncall::Plan& plan, const oncall::AlertView& alert, const Visitor& visitor);

enum class LinkOutcome : std::uint8_t { taken, over, expired, not_ours };
// who: empty where nobody knows; the plan's main language then.
std::string acknowledge_answer(const oncall::Plan& plan, std::string_view who, std::int64_t alert, LinkOutcome outcome);

// What the form sends of whoever has read that another has the alert, and takes it from them.
bool takes_over(std::string_view form);

}  // namespace tenfold::app
