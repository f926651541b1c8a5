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
SectionOf<origin::PoolSettings> origin_section();
SectionOf<origin::HealthPolicy> health_section();
SectionOf<origin::EjectionPolicy> ejection_section();
SectionOf<origin::RetryPolicy> retries_section();
SectionOf<origin::HangPolicy> hang_section();
SectionOf<origin::RouteSettings> route_section();
// A server's address as it is written.
ServerAddress address_of(const origin::ServerSettings& server);
SectionOf<Cache> cache_section();
SectionOf<Limits> limits_section();
SectionOf<AccessLog> access_log_section();

SectionOf<Worth> worth_section();
SectionOf<Guard> guard_section();
SectionOf<Rehearsal> rehearsal_section();
SectionOf<Console> console_section();
SectionOf<Sales> sales_section();

// What must hold between worth, guard and sales.
void check_guarding(const Replaceable& live, const Node& file, Reader& reader);

SectionOf<Watch> watch_section();
SectionOf<OnCall> oncall_section();
SectionOf<Channels> channels_section();
// What must hold between the parts of the on-call plan, and between it and the checks.
void check_oncall(const OnCall& oncall, const Node& node, Reader& reader);
void check_watch(const Replaceable& live, const Node& file, Reader& reader);

}  // namespace tenfold::config
