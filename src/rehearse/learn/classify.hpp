#pragma once

#include <vector>

#include "rehearse/learn/sessions.hpp"
#include "rehearse/learn/shapes.hpp"
#include "rehearse/model/traffic_model.hpp"

namespace tenfold::rehearse {

// Who a session's visits show: what its agent says, whether it read robots.txt, and how it goes about: many pages in
// quick succession without any of the assets that people's browsers fetch is a script under a browser's name. Assets
// without pages are a person's, whose pages come from elsewhere.
enum class AgentsInLog { told, missing };
Population::Kind classify(const Session& session, const std::vector<Visit>& visits, Shapes& shapes, AgentsInLog agents);

}  // namespace tenfold::rehearse
