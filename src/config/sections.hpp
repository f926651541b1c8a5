#pragma once

#include <memory>

#include "config/config.hpp"
#include "config/schema/section.hpp"

// Every section of shop.yaml, declared.
namespace tenfold::config {

template <class T>
using SectionOf = std::shared_ptr<Section<T>>;

SectionOf<Config> whole_file();

SectionOf<Listener> listener_section();
SectionOf<Origin> origin_section();
SectionOf<Health> health_section();
SectionOf<Ejection> ejection_section();
SectionOf<Retries> retries_section();
SectionOf<Hang> hang_section();
SectionOf<Route> route_section();
SectionOf<Cache> cache_section();
SectionOf<Limits> limits_section();
SectionOf<AccessLog> access_log_section();

SectionOf<Worth> worth_section();
SectionOf<Guard> guard_section();
SectionOf<Rehearsal> rehearsal_section();
SectionOf<Console> console_section();
SectionOf<Sales> sales_section();

SectionOf<Watch> watch_section();
SectionOf<OnCall> oncall_section();
SectionOf<Channels> channels_section();
// What must hold between the parts of the on-call plan, and between it and the checks.
void check_oncall(const OnCall& oncall, const Node& node, Reader& reader);
void check_watch(const Replaceable& live, const Node& file, Reader& reader);

}  // namespace tenfold::config
