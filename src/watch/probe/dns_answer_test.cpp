#include "watch/probe/dns_answer.hpp"

#include <gmock/gmock.h>

#include "watch/probe/test_name_server.hpp"

namespace tenfold::watch {
namespace {

using Record = DnsProbe::Record;
using ::testing::ElementsAre;

std::string header(unsigned questions, unsigned answers) {
  return dns_number(1) + dns_number(0x8180) + dns_number(questions) + dns_number(answers) + dns_number(0) +
         dns_number(0);
}
std::string record(const std::string& owner, int type, const std::string& data) {
  return owner + dns_number(static_cast<unsigned>(type)) + dns_number(1) + dns_number(0) + dns_number(60) +
         dns_number(static_cast<unsigned>(data.size())) + data;
}
Result<std::vector<std::string>> records(const std::string& message, Record kind) {
  return dns_records({reinterpret_cast<const std::uint8_t*>(message.data()), message.size()}, kind);
}

const std::string question = dns_name("shop.test") + dns_number(1) + dns_number(1);
const std::string good_answer = header(1, 3) + question + record("\xc0\x0c", 5, dns_name("CDN.test")) +
                                record("\xc0\x0c", 1, dns_address("192.0.2.1")) +
                                record("\xc0\x0c", 15, dns_number(20) + "\x04mail\xc0\x0c");

TEST(DnsAnswerTest, TakesTheRecordsOfOneKind) {
  EXPECT_THAT(records(good_answer, Record::a).value(), ElementsAre("192.0.2.1"));
  EXPECT_THAT(records(good_answer, Record::cname).value(), ElementsAre("cdn.test"));
  EXPECT_THAT(records(good_answer, Record::mx).value(), ElementsAre("20 mail.shop.test"));
  EXPECT_THAT(records(good_answer, Record::txt).value(), ElementsAre());
}

TEST(DnsAnswerTest, EveryShorterMessageIsAnError) {
  for (std::size_t size = 0; size < good_answer.size(); ++size) {
    EXPECT_FALSE(records(good_answer.substr(0, size), Record::mx)) << size;
  }
}

TEST(DnsAnswerTest, RecordsThatContradictTheirLength) {
  EXPECT_FALSE(records(header(0, 1) + record(dns_name("a"), 1, "abc"), Record::a));
  EXPECT_FALSE(records(header(0, 1) + record(dns_name("a"), 28, "abcd"), Record::aaaa));
  EXPECT_FALSE(records(header(0, 1) + record(dns_name("a"), 16,
                                             "\x05"
                                             "abc"),
                       Record::txt));
  EXPECT_FALSE(records(header(0, 1) + record(dns_name("a"), 5, dns_name("b") + "more"), Record::cname));
  EXPECT_FALSE(records(header(0, 1) + record(dns_name("a"), 15, dns_number(1)), Record::mx));
}

TEST(DnsAnswerTest, ANameThatPointsAtItselfIsAnError) {
  EXPECT_FALSE(records(header(0, 1) + record("\xc0\x0c", 5, dns_name("b")), Record::cname));
}

TEST(DnsAnswerTest, WhatCountsAsEqual) {
  EXPECT_TRUE(dns_answer_is(Record::aaaa, "2001:db8::1", "2001:0DB8:0::0001"));
  EXPECT_FALSE(dns_answer_is(Record::a, "192.0.2.1", "192.0.2.10"));
  EXPECT_TRUE(dns_answer_is(Record::ns, "ns.test", "NS.test."));
  EXPECT_TRUE(dns_answer_is(Record::mx, "10 mail.test", "mail.test"));
  EXPECT_FALSE(dns_answer_is(Record::mx, "10 mail.test", "20 mail.test"));
  EXPECT_FALSE(dns_answer_is(Record::txt, "Text", "text"));
}

}  // namespace
}  // namespace tenfold::watch
