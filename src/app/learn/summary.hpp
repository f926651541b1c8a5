#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

#include "app/terminal.hpp"
#include "rehearse/learn/learner.hpp"
#include "rehearse/log/log_reader.hpp"

namespace tenfold::app {

// What a person wants to check of what was learned, as lines for a terminal.
std::string learned_text(const rehearse::LogCounts& counts, const rehearse::Learner::Learned& learned,
                         std::string_view model_file, const Terminal& terminal);

// The same for machines: the keys of DESIGN.md, section 3, and more.
nlohmann::json learned_json(const rehearse::LogCounts& counts, const rehearse::Learner::Learned& learned,
                            std::string_view model_file);

}  // namespace tenfold::app
