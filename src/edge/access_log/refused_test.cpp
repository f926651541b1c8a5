// Requests that never begin their walk are in the access log: the edge in a simulated network.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "edge/access_log/access_format.hpp"
#include "edge/access_log/access_ring.hpp"
#include "edge/edge_fixture.hpp"

namespace tenfold::edge {
namespace {

class RefusedTest : public EdgeTest {
 protected:
  RefusedTest() {
    world.add_server(1);
    start(World::one_pool(1));
    site->access_log = &ring;
  }
  ~RefusedTest() override { site->access_log = nullptr; }
  // The lines that the bytes leave, from the request's own words on.
  std::vector<std::string> lines_of(const std::string& bytes) {
    ask(bytes);
    std::vector<std::string> lines;
    AccessEntry entry;
    AccessTime time;
    while (ring.next(entry)) {
      EXPECT_EQ(entry.client, net::IpAddress::v4(0xc6336407));
      std::string line;
      format_combined(entry, time, line);
      lines.push_back(line.substr(line.find('"'), line.find('"', line.find('"') + 1) + 5 - line.find('"')));
    }
    ring.release();
    return lines;
  }

  AccessRing ring{0};
};

using Lines = std::vector<std::string>;

TEST_F(RefusedTest, WhatCannotBeReadHasADashForItsWords) {
  EXPECT_EQ(lines_of("GET /page HTTP/1.1\r\nBad Field\r\n\r\n"), Lines{"\"-\" 400"});
  EXPECT_EQ(lines_of("GET /page HTTP/1.1\r\nHost: a\r\nA: " + std::string(100'000, 'b') + "\r\n\r\n"),
            Lines{"\"-\" 431"});
  EXPECT_EQ(lines_of("GET /" + std::string(100'000, 'b') + " HTTP/1.1\r\n\r\n"), Lines{"\"-\" 414"});
}

TEST_F(RefusedTest, WhatComesTooSlowlyToo) { EXPECT_EQ(lines_of("GET /page HTT"), Lines{"\"-\" 408"}); }

TEST_F(RefusedTest, WhatTheEdgeItselfAnsweredHasItsOneLine) {
  EXPECT_EQ(lines_of("TRACE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), Lines{"\"TRACE / HTTP/1.1\" 405"});
  EXPECT_EQ(lines_of("POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n").size(), 1u);
}

}  // namespace
}  // namespace tenfold::edge
