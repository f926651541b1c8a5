#include "edge/worker/proxy_protocol.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "net/sim/sim_loop.hpp"

namespace tenfold::edge {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using Status = ProxyHeader::Status;

const std::string signature = "\r\n\r\n\0\r\nQUIT\n"s;

std::string u16(std::size_t value) { return {static_cast<char>(value >> 8), static_cast<char>(value & 0xff)}; }

std::string v2(unsigned char command, unsigned char family, const std::string& block) {
  return signature + static_cast<char>(0x20 | command) + static_cast<char>(family) + u16(block.size()) + block;
}

std::string tlv(unsigned char type, const std::string& value) {
  return static_cast<char>(type) + u16(value.size()) + value;
}

// 192.0.2.7:40001 to 198.51.100.1:443
const std::string inet_block = "\xc0\x00\x02\x07\xc6\x33\x64\x01\x9c\x41\x01\xbb"s;
constexpr unsigned char tcp4 = 0x11;
constexpr unsigned char tcp6 = 0x21;

std::string source_of(const ProxyHeader& header) { return header.source ? header.source->text() : "none"; }

// ---- version 1 ----

TEST(ProxyHeaderV1, TellsBothEndpoints) {
  const std::string bytes = "PROXY TCP4 192.0.2.7 198.51.100.1 40001 443\r\nGET / HTTP/1.1\r\n";

  const ProxyHeader header = parse_proxy_header(bytes);

  ASSERT_EQ(header.status, Status::complete) << header.reason;
  EXPECT_EQ(header.command, ProxyCommand::proxy);
  EXPECT_EQ(header.source->text(), "192.0.2.7:40001");
  EXPECT_EQ(header.destination->text(), "198.51.100.1:443");
  EXPECT_EQ(bytes.substr(header.consumed, 3), "GET");
}

TEST(ProxyHeaderV1, ReadsIpv6AndTheUnknownFamily) {
  EXPECT_EQ(source_of(parse_proxy_header("PROXY TCP6 2001:db8::1 2001:db8::2 1 2\r\n")), "[2001:db8::1]:1");
  for (const char* const line : {"PROXY UNKNOWN\r\n", "PROXY UNKNOWN ffff:f...f:ffff whatever\r\n"}) {
    const ProxyHeader header = parse_proxy_header(line);
    ASSERT_EQ(header.status, Status::complete) << line;
    EXPECT_EQ(source_of(header), "none");
    EXPECT_EQ(header.consumed, std::string_view(line).size());
  }
}

TEST(ProxyHeaderV1, TheLongestLineIsReadAndOneByteMoreIsNot) {
  // given "PROXY UNKNOWN" and padding up to 107 bytes, line end included
  const std::string longest = "PROXY UNKNOWN " + std::string(107 - 14 - 2, 'x') + "\r\n";
  ASSERT_EQ(longest.size(), longest_proxy_v1_bytes);
  const std::string longer = "PROXY UNKNOWN " + std::string(107 - 14 - 1, 'x') + "\r\n";

  EXPECT_EQ(parse_proxy_header(longest).status, Status::complete);
  EXPECT_EQ(parse_proxy_header(longest.substr(0, 106)).status, Status::need_more);
  EXPECT_EQ(parse_proxy_header(longer).status, Status::invalid);
  EXPECT_EQ(parse_proxy_header(longer.substr(0, 107)).status, Status::invalid);
}

TEST(ProxyHeaderV1, RefusesWhatIsNotExactlyRight) {
  for (const char* const line : {
           "GET / HTTP/1.1\r\n",
           "PROXZ",
           "PROXY\r\n",
           "PROXY \r\n",
           "PROXY TCP4\r\n",
           "PROXY TCP5 192.0.2.7 198.51.100.1 1 2\r\n",
           "PROXY tcp4 192.0.2.7 198.51.100.1 1 2\r\n",
           "PROXY TCP4 192.0.2.7 198.51.100.1 1 2\n",
           "PROXY TCP4 192.0.2.7 198.51.100.1 1 2\rx",
           "PROXY TCP4 192.0.2.7 198.51.100.1 1 2 \r\n",
           "PROXY TCP4 192.0.2.7 198.51.100.1 1 2 3\r\n",
           "PROXY TCP4  192.0.2.7 198.51.100.1 1 2\r\n",
           "PROXY TCP4 192.0.2.7 198.51.100.1 1\r\n",
           "PROXY TCP4 192.0.2.7 198.51.100.1 65536 2\r\n",
           "PROXY TCP4 192.0.2.7 198.51.100.1 01 2\r\n",
           "PROXY TCP4 192.0.2.7 198.51.100.1 -1 2\r\n",
           "PROXY TCP4 192.0.2 198.51.100.1 1 2\r\n",
           "PROXY TCP4 2001:db8::1 2001:db8::2 1 2\r\n",
           "PROXY TCP6 192.0.2.7 198.51.100.1 1 2\r\n",
       }) {
    EXPECT_EQ(parse_proxy_header(line).status, Status::invalid) << line;
    EXPECT_FALSE(parse_proxy_header(line).reason.empty());
  }
}

// ---- version 2 ----

TEST(ProxyHeaderV2, TellsBothEndpoints) {
  const std::string bytes = v2(1, tcp4, inet_block) + "rest";

  const ProxyHeader header = parse_proxy_header(bytes);

  ASSERT_EQ(header.status, Status::complete) << header.reason;
  EXPECT_EQ(header.command, ProxyCommand::proxy);
  EXPECT_EQ(header.source->text(), "192.0.2.7:40001");
  EXPECT_EQ(header.destination->text(), "198.51.100.1:443");
  EXPECT_EQ(bytes.substr(header.consumed), "rest");
}

TEST(ProxyHeaderV2, ReadsIpv6) {
  const std::string block = "\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\x01" + "\x20\x01\x0d\xb8"s +
                            std::string(11, '\0') + "\x02" + u16(4711) + u16(80);

  const ProxyHeader header = parse_proxy_header(v2(1, tcp6, block));

  ASSERT_EQ(header.status, Status::complete) << header.reason;
  EXPECT_EQ(header.source->text(), "[2001:db8::1]:4711");
  EXPECT_EQ(header.destination->text(), "[2001:db8::2]:80");
}

TEST(ProxyHeaderV2, LocalAndForeignFamiliesNameNoClient) {
  const struct {
    std::string bytes;
    ProxyCommand command;
  } cases[] = {
      {v2(0, 0x00, ""), ProxyCommand::local},
      {v2(0, tcp4, inet_block), ProxyCommand::local},
      {v2(0, 0xff, "whatever"), ProxyCommand::local},  // the family counts for nothing
      {v2(1, 0x00, ""), ProxyCommand::proxy},
      {v2(1, 0x00, "whatever"), ProxyCommand::proxy},
      {v2(1, 0x12, inet_block), ProxyCommand::proxy},             // UDP
      {v2(1, 0x31, std::string(216, 'u')), ProxyCommand::proxy},  // UNIX
  };
  for (const auto& [bytes, command] : cases) {
    const ProxyHeader header = parse_proxy_header(bytes);
    ASSERT_EQ(header.status, Status::complete) << header.reason;
    EXPECT_EQ(header.command, command);
    EXPECT_EQ(source_of(header), "none");
    EXPECT_EQ(header.consumed, bytes.size());
  }
}

TEST(ProxyHeaderV2, SkipsExtensions) {
  const std::string bytes = v2(1, tcp4, inet_block + tlv(0x01, "h2") + tlv(0x04, "") + tlv(0xea, "\x01vpce-1"));

  EXPECT_EQ(source_of(parse_proxy_header(bytes)), "192.0.2.7:40001");
}

// The checksum was computed apart, with Python: a bitwise CRC32c that gives 0xE3069283 for "123456789".
TEST(ProxyHeaderV2, ARightChecksumPassesAndAWrongOneDoesNot) {
  const std::string right = v2(1, tcp4,
                               inet_block + tlv(0x03,
                                                "\xf2"
                                                "\x14"
                                                "\x10"
                                                "\x1a"s));
  ASSERT_EQ(right.size(), 35u);
  std::string wrong = right;
  wrong[16] ^= 1;

  EXPECT_EQ(source_of(parse_proxy_header(right)), "192.0.2.7:40001") << parse_proxy_header(right).reason;
  EXPECT_EQ(parse_proxy_header(wrong).status, Status::invalid);
  EXPECT_EQ(parse_proxy_header(v2(1, tcp4, inet_block + tlv(0x03, "abc"))).status, Status::invalid);
}

TEST(ProxyHeaderV2, RefusesWhatIsNotExactlyRight) {
  for (const std::string& bytes : {
           "\r\n\r\nx"s,
           signature + "\x11",                 // version 1
           signature + "\x22",                 // unknown command
           signature + "\x21\x41",             // unknown family
           signature + "\x21\x13",             // unknown transport
           v2(1, tcp4, inet_block.substr(1)),  // too short for its addresses
           v2(1, tcp6, inet_block), v2(1, 0x31, std::string(215, 'u')),
           v2(1, tcp4, inet_block + "\x01"),                                                   // a cut-off extension
           v2(1, tcp4, inet_block + "\x01\x00"s), v2(1, tcp4, inet_block + "\x01\x00\x02x"s),  // longer than the header
       }) {
    EXPECT_EQ(parse_proxy_header(bytes).status, Status::invalid) << testing::PrintToString(bytes);
  }
}

TEST(ProxyHeaderV2, TheLongestHeaderIsReadAndOneByteMoreIsRefusedUnseen) {
  const std::size_t padding = longest_proxy_v2_bytes - 16 - 12 - 3;
  const std::string longest = v2(1, tcp4, inet_block + tlv(0x04, std::string(padding, '\0')));
  ASSERT_EQ(longest.size(), longest_proxy_v2_bytes);
  const std::string longer = v2(1, tcp4, inet_block + tlv(0x04, std::string(padding + 1, '\0')));

  EXPECT_EQ(parse_proxy_header(longest).status, Status::complete);
  EXPECT_EQ(parse_proxy_header(longest.substr(0, longest.size() - 1)).status, Status::need_more);
  EXPECT_EQ(parse_proxy_header(longer.substr(0, 16)).status, Status::invalid);
}

TEST(ProxyHeader, EveryBeginningOfAHeaderWantsMore) {
  for (const std::string& whole : {v2(1, tcp4, inet_block + tlv(0x01, "h2")), v2(0, 0, ""),
                                   "PROXY TCP4 192.0.2.7 198.51.100.1 40001 443\r\n"s, "PROXY UNKNOWN\r\n"s}) {
    for (std::size_t length = 0; length < whole.size(); ++length) {
      EXPECT_EQ(parse_proxy_header(whole.substr(0, length)).status, Status::need_more) << length;
    }
  }
}

// ---- reading from a stream ----

struct Seen {
  Result<ProxiedStart> start = fail(Errc::failed);
  std::string rest;
  Duration took{};
};

net::Task<void> serve_one(net::Listener& listener, Seen& seen) {
  auto stream = co_await listener.accept();
  const TimePoint began = (*stream)->loop().now();
  seen.start = co_await read_proxy_header(**stream, began + 5s);
  seen.took = (*stream)->loop().now() - began;
  while (seen.start.has_value()) {
    auto bytes = co_await (*stream)->read(no_deadline);
    if (!bytes || bytes->empty()) co_return;
    seen.rest.append(bytes->view());
  }
}

enum class Afterwards : std::uint8_t { close, stay };

net::Task<void> send_one(net::Loop& loop, net::Endpoint to, std::string bytes, Afterwards afterwards) {
  auto stream = co_await loop.connect(to, {}, no_deadline);
  (void)co_await (*stream)->write(bytes, no_deadline);
  if (afterwards == Afterwards::close) co_await (*stream)->finish_writing(no_deadline);
  // Until the server closes.
  (void)co_await (*stream)->read(no_deadline);
}

class ReadProxyHeader : public testing::Test {
 protected:
  Seen exchange(std::string bytes, Afterwards afterwards = Afterwards::close) {
    Seen seen;
    net::Scope scope;
    scope.spawn(serve_one(*listener, seen));
    scope.spawn(send_one(client, at, std::move(bytes), afterwards));
    EXPECT_TRUE(network.run_until([&] { return scope.running() == 0; }));
    return seen;
  }

  net::sim::SimNetwork network{11};
  net::sim::SimLoop& server = network.make_loop();
  net::sim::SimLoop& client = network.make_loop(net::IpAddress::v4(0x7f000002));
  net::Endpoint at = *net::Endpoint::parse("127.0.0.1:80");
  std::unique_ptr<net::Listener> listener = *server.listen(at, {});
};

TEST_F(ReadProxyHeader, WhatComesBehindItIsReadNext) {
  const Seen seen = exchange("PROXY TCP4 192.0.2.7 198.51.100.1 40001 443\r\n\x16\x03\x01 hello");

  ASSERT_TRUE(seen.start.has_value()) << seen.start.error().text();
  EXPECT_EQ(seen.start->source->text(), "192.0.2.7:40001");
  EXPECT_EQ(seen.rest, "\x16\x03\x01 hello");
}

TEST_F(ReadProxyHeader, AHeaderInPiecesIsPutTogether) {
  network.set_faults(at, {.largest_piece = 5});
  const std::string body(10'000, 'b');

  const Seen seen = exchange(v2(1, tcp4, inet_block + tlv(0x04, std::string(3000, '\0'))) + body);

  ASSERT_TRUE(seen.start.has_value()) << seen.start.error().text();
  EXPECT_EQ(seen.start->destination->text(), "198.51.100.1:443");
  EXPECT_EQ(seen.rest, body);
}

TEST_F(ReadProxyHeader, SomethingElseIsInvalidAtOnce) {
  const Seen seen = exchange("GET / HTTP/1.1\r\n", Afterwards::stay);

  ASSERT_FALSE(seen.start.has_value());
  EXPECT_EQ(seen.start.error().code, Errc::invalid);
  EXPECT_EQ(seen.took, 0s);
}

TEST_F(ReadProxyHeader, AnEndWithinTheHeaderIsClosed) {
  const Seen seen = exchange("PROXY TCP4 192.0.2.7");

  ASSERT_FALSE(seen.start.has_value());
  EXPECT_EQ(seen.start.error().code, Errc::closed);
}

TEST_F(ReadProxyHeader, AnUnfinishedHeaderTimesOut) {
  const Seen seen = exchange("PROXY TCP4 192.0.2.7", Afterwards::stay);

  ASSERT_FALSE(seen.start.has_value());
  EXPECT_EQ(seen.start.error().code, Errc::timed_out);
  EXPECT_GE(seen.took, 5s);
}

}  // namespace
}  // namespace tenfold::edge
