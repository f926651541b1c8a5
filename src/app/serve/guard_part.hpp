#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "console/api_part.hpp"
#include "console/model.hpp"
#include "edge/brain/brain.hpp"

namespace tenfold::app {

// The guard in the API and the metrics: /api/v1/guard (how things stand, and why), /api/v1/clients (who takes what),
// /api/v1/blocks (what is done about whom; lifting it). The brain may be set once, before the console serves.
class GuardPart final : public console::ApiPart, public console::MetricsSource {
 public:
  explicit GuardPart(const Clock& clock) : clock_(clock) {}
  void set(edge::Brain& brain) { brain_ = &brain; }

  std::vector<Endpoint> endpoints() const override;
  Answer answer(const Request& request) override;
  std::string reading() const override;
  void write_metrics(MetricsText& text) const override;

 private:
  Answer lift(const Request& request);

  const Clock& clock_;
  edge::Brain* brain_ = nullptr;
};

}  // namespace tenfold::app
