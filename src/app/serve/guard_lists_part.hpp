#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "console/api_part.hpp"
#include "edge/brain/brain.hpp"
#include "guard/known/owner_lists.hpp"

namespace tenfold::app {

// The owner's lists in the API: POST /api/v1/blocks (nobody from there is served), /api/v1/allowed (let be, whatever
// the guard decides) and its remove; and /api/v1/blocks/audit, the guard's last steps with their reasons. The brain may
// be set once, before the console serves.
class GuardListsPart final : public console::ApiPart {
 public:
  explicit GuardListsPart(const Clock& clock) : clock_(clock) {}
  void set(edge::Brain& brain) { brain_ = &brain; }

  std::vector<Endpoint> endpoints() const override;
  Answer answer(const Request& request) override;

  static constexpr Duration longest = std::chrono::days(366);
  static constexpr std::size_t most_steps = 1000;  // of an answer of /api/v1/blocks/audit

 private:
  Answer add(guard::OwnerList list, const std::string& body);
  Answer remove_allowed(const std::string& body);
  Answer allowed() const;
  Answer audit(std::string_view query) const;

  const Clock& clock_;
  edge::Brain* brain_ = nullptr;
};

}  // namespace tenfold::app
