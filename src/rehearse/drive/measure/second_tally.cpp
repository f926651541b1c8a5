#include "rehearse/drive/measure/second_tally.hpp"

namespace tenfold::rehearse {

void SecondTally::clear() {
  counts = {};
  for (FineHistogram* histogram : {&response, &service, &first_byte, &arrival_error}) {
    if (histogram->count() > 0) histogram->clear();
  }
  for (std::string& cause : causes) cause.clear();
  for (TemplateTally& each : templates) {
    if (each.planned == 0 && each.sent == 0 && each.failed == 0 && each.statuses.empty()) continue;
    each.planned = each.sent = each.failed = 0;
    each.statuses = {};
    each.held = {};
    each.led_to.clear();
    if (each.response.count() > 0) each.response.clear();
  }
}

}  // namespace tenfold::rehearse
