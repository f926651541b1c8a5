#include "config/dialling.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace tenfold::config {
namespace {

TEST(Dialling, WhatIsDialledInsideTheCountryOnlyIsLeftOut) {
  const std::pair<const char*, const char*> cases[] = {
      {"+4901511234567", "+491511234567"},                                           // Germany
      {"+4402079460000", "+442079460000"},                                           // Great Britain
      {"+330123456789", "+33123456789"},                                             // France
      {"+410441234567", "+41441234567"},                                             // Switzerland
      {"+784951234567", "+74951234567"},                                             // Russia
      {"+787271234567", "+77271234567"},                                             // Kazakhstan
      {"+360612345678", "+3612345678"},                                              // Hungary
      {"+370861234567", "+37061234567"},                                             // Lithuania, until 2026
      {"+370061234567", "+37061234567"},                                             // and since
      {"+52015512345678", "+525512345678"},  {"+520445512345678", "+525512345678"},  // Mexico
      {"+520455512345678", "+525512345678"}, {"+112125550100", "+12125550100"},      // North America
      {"+37580291234567", "+375291234567"},                                          // Belarus
  };
  for (const auto& [written, right] : cases) EXPECT_EQ(without_trunk_prefix(written), right) << written;
}

TEST(Dialling, WhatBelongsToTheNumberStays) {
  for (const char* number :
       {"+491511234567", "+390612345678", "+393471234567", "+3780549123456", "+2250701234567", "+242061234567",
        "+78121234567", "+78001234567", "+12125550100", "+3612345678", "+37061234567", "+4712345678", "+34912345678",
        "+302101234567", "+525512345678", "+8613800138000", "0151", "+", ""}) {
    EXPECT_EQ(without_trunk_prefix(number), number);
  }
}

}  // namespace
}  // namespace tenfold::config
