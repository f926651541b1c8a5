#pragma once

#include <string>

#include "app/command.hpp"
#include "app/rehearse/options.hpp"
#include "app/terminal.hpp"
#include "rehearse/report/report.hpp"

namespace tenfold::app {

// The closing words of a rehearsal: verdict, findings, what gave way, what to do next.
std::string ending_text(const rehearse::Rehearsal& rehearsal, const RehearseOptions& options, const Terminal& terminal);

Exit exit_of(const rehearse::Rehearsal& rehearsal);

// A target that was not driven, in words and as JSON: what to put where.
std::string refusal_text(const RehearsePlan& plan, const Error& error, const Terminal& terminal);
std::string refusal_json(const RehearsePlan& plan, const Error& error);

// Nobody was there to be driven, in words and as JSON.
std::string unreached_text(const Error& error, const Terminal& terminal);
std::string unreached_json(const Error& error);

}  // namespace tenfold::app
