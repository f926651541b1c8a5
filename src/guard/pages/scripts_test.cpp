#include "guard/pages/scripts.hpp"

#include <gtest/gtest.h>

namespace tenfold::guard {
namespace {

TEST(Compacted, LeavesTheCode) {
  constexpr std::string_view script =
      "// What it is.\n"
      "(function () {\n"
      "  'use strict';\n"
      "\n"
      "  var a = 'https://b',  b = 1;  // why\n"
      "    // a remark\n"
      "  for (var $c in d) if (a >>> 7 ^ b << 25) return - c, e_1 = new F(2 , 3);\n"
      "})();";

  EXPECT_EQ(compacted(script),
            "(function(){\n'use strict';\nvar a = 'https://b',  b = 1;\n"
            "for(var $c in d)if(a>>>7^b<<25)return-c,e_1=new F(2,3);\n})();\n");
}

// A script's end tag within a script would end it; and a page of ours says nothing in one language only.
TEST(Scripts, CanStandInAPage) {
  for (const std::string_view script : {solve_js, queue_js}) {
    EXPECT_EQ(script.find("</"), std::string_view::npos);
    EXPECT_EQ(script.find("<!--"), std::string_view::npos);
    EXPECT_LT(compacted(script).size() * 3, script.size() * 2);
    for (const char* sign : {"--", "+++"}) EXPECT_EQ(compacted(script).find(sign), std::string::npos);
  }
}

}  // namespace
}  // namespace tenfold::guard
