#include <fmt/format.h>

#include "watch/probe/test_world.hpp"

namespace tenfold::watch {
namespace {

using Record = DnsProbe::Record;
using DnsAnswer = TestNameServer::Answer;

class DnsLookTest : public ProberWorld {
 protected:
  DnsLookTest() {
    names_.add_address("shop.test", "192.0.2.1");
    names_.add_address("shop.test", "192.0.2.2");
    names_.add_address("shop.test", "2001:db8::1");
    names_.add("shop.test", TestNameServer::mx, dns_number(10) + dns_name("Mail.Shop.test"));
    names_.add("shop.test", TestNameServer::txt, dns_text("v=spf1 ") + dns_text("-all"));
    names_.add("shop.test", TestNameServer::ns, dns_name("ns1.shop.test"));
    names_.add("www.shop.test", TestNameServer::cname, dns_name("shop.cdn.test"));
  }
  CheckResult ask(Record record, std::vector<std::string> answers = {}, const std::string& name = "shop.test",
                  Duration timeout = 5s) {
    return look(DnsProbe{.name = name, .record = record, .answers = std::move(answers)}, timeout);
  }
};

TEST_F(DnsLookTest, EachKindOfRecord) {
  const CheckResult result = ask(Record::a, {"192.0.2.2", "192.0.2.1"});
  expect_good(result);
  EXPECT_EQ(result.address, "");
  EXPECT_GT(result.phases.name_lookup, 0ns);
  expect_good(ask(Record::aaaa, {"2001:DB8:0::1"}));
  expect_good(ask(Record::mx, {"mail.shop.test"}));
  expect_good(ask(Record::mx, {"10 mail.shop.test."}));
  expect_good(ask(Record::txt, {"v=spf1 -all"}));
  expect_good(ask(Record::ns, {"NS1.shop.test."}));
  expect_good(ask(Record::cname, {"shop.cdn.test"}, "www.shop.test"));
  expect_good(ask(Record::a));
}

TEST_F(DnsLookTest, AnswersThatAreMissing) {
  expect_failed(ask(Record::a, {"192.0.2.1", "192.0.2.3"}), Cause::content,
                "the A record of shop.test is \"192.0.2.1\", \"192.0.2.2\"; \"192.0.2.3\" is missing");
  expect_failed(ask(Record::mx, {"20 mail.shop.test"}), Cause::content, HasSubstr("\"10 mail.shop.test\""));
  expect_failed(ask(Record::a, {}, "no.test"), Cause::name, "there is no name no.test");
  expect_failed(ask(Record::cname), Cause::name, "shop.test has no CNAME record");
}

TEST_F(DnsLookTest, AnAliasAloneIsNoAddress) {
  expect_failed(ask(Record::a, {}, "www.shop.test"), Cause::content, "www.shop.test has no A record");
}

TEST_F(DnsLookTest, NameServersThatFail) {
  names_.set(DnsAnswer::failure);
  expect_failed(ask(Record::a), Cause::name,
                HasSubstr("answer for shop.test"));  // c-ares words it anew with each major
  names_.set(DnsAnswer::refusal);
  EXPECT_EQ(ask(Record::a).cause, Cause::name);
  names_.set(DnsAnswer::garbage);
  EXPECT_EQ(ask(Record::a).outcome, CheckResult::Outcome::failed);
  names_.set(DnsAnswer::silence);
  expect_failed(ask(Record::a, {}, "shop.test", 80ms), Cause::timeout,
                "no answer within 80 ms: no name server answered for shop.test");
  names_.set(DnsAnswer::records);
  expect_good(ask(Record::a));
}

TEST_F(DnsLookTest, AResolverOfItsOwn) {
  TestNameServer other(*poller_);
  other.add_address("shop.test", "198.51.100.7");
  const DnsProbe probe{
      .name = "shop.test", .record = Record::a, .answers = {"198.51.100.7"}, .resolver = other.where()};
  const CheckResult result = look(probe);
  expect_good(result);
  EXPECT_EQ(result.address, "127.0.0.1");
  EXPECT_EQ(names_.asked(), 0u);
  const CheckResult again = look_again(probe);
  expect_good(again);
  EXPECT_EQ(again.by, "when asked again");
  expect_failed(look(DnsProbe{.name = "shop.test", .resolver = "nonsense"}), Cause::name, HasSubstr("\"nonsense\""));
}

TEST_F(DnsLookTest, TheSecondLookAsksAnother) {
  TestNameServer other(*poller_);
  other.add_address("shop.test", "192.0.2.1");
  options_.other_resolver = other.where();
  names_.set(DnsAnswer::failure);
  const DnsProbe probe{.name = "shop.test", .answers = {"192.0.2.1"}};
  EXPECT_EQ(look(probe).cause, Cause::name);
  const CheckResult again = look_again(probe);
  expect_good(again);
  EXPECT_EQ(again.path, Path::other);
  EXPECT_EQ(again.by, "by the resolver " + other.where());
}

}  // namespace
}  // namespace tenfold::watch
