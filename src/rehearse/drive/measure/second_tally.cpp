#include "rehearse/drive/measure/second_tally.hpp"

namespace tenfold::rehearse {

void SecondTally::clear() {
  counts = {};
  for (FineHistogram* histogram : {&response, &service, &first_byte, &arrival_error}) {
    if (histogram->count() > 0) histogram->clear();
  }
  for (TemplateTally& each : templates) {
    each.planned = each.sent = each.failed = 0;
    if (each.response.count() > 0) each.response.clear();
  }
}

}  // namespace tenfold::rehearse
