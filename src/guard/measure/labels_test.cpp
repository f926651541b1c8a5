#include "guard/measure/labels.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "guard/measure/key.hpp"
#include "guard/measure/test_traffic.hpp"

namespace tenfold::guard::measure_test {
namespace {

http::Headers fields(const std::vector<std::string_view>& names) {
  http::Headers headers;
  for (const std::string_view name : names) headers.add(name, "x");
  return headers;
}

TEST(FieldOrder, TellsTheOrderAndNotTheCase) {
  const FieldOrder curl = field_order(fields({"Host", "User-Agent", "Accept"}));
  EXPECT_EQ(field_order(fields({"host", "USER-AGENT", "accept"})), curl);
  EXPECT_NE(field_order(fields({"Host", "Accept", "User-Agent"})).hash, curl.hash);
  EXPECT_NE(field_order(fields({"Host", "User-Agent"})).hash, curl.hash);
  EXPECT_NE(field_order(fields({"Host", "User-Agent", "Accept", "Accept"})).hash, curl.hash);
  EXPECT_NE(field_order(fields({"Host", "User-Agent", "Accepts"})).hash, curl.hash);
}

TEST(FieldOrder, TellsLongNamesWhole) {
  const auto hash = [](std::string_view name) { return field_order(fields({name})).hash; };
  EXPECT_NE(hash("sec-ch-ua-platform"), hash("sec-ch-ua-platforn"));
  EXPECT_NE(hash("sec-ch-ua-platform"), hash("tec-ch-ua-platform"));
  EXPECT_NE(hash("12345678"), hash("1234567"));
  EXPECT_EQ(hash("SEC-CH-UA-Platform"), hash("sec-ch-ua-platform"));
}

TEST(FieldOrder, LeavesOutWhatDependsOnTheVisitAndWhatProxiesWrite) {
  const FieldOrder first = field_order(fields({"Host", "Accept"}));
  const FieldOrder second = field_order(fields({"X-Forwarded-For", "Host", "Referer", "Accept", "Cookie", "Via"}));
  EXPECT_EQ(second.hash, first.hash);
  EXPECT_EQ(first.text().substr(0, 5), "02nn_");
  EXPECT_EQ(second.text().substr(0, 5), "02cr_");
  EXPECT_EQ(second.text().size(), std::string_view("02cr_01234567").size());
}

TEST(FieldOrder, IsTheSameInAllVersionsOfThisProgram) {
  EXPECT_EQ(field_order(fields({"Host", "User-Agent", "Accept"})).text(), "03nn_72459f50");
  EXPECT_EQ(field_order({}).text(), "00nn_00000000");
}

TEST(FieldOrder, CountsUpTo99) {
  EXPECT_EQ(field_order(fields(std::vector<std::string_view>(99, "a"))).text().substr(0, 5), "99nn_");
  EXPECT_EQ(field_order(fields(std::vector<std::string_view>(300, "a"))).text().substr(0, 5), "99nn_");
}

TEST(Different, CountsExactlyUpToEight) {
  Different some;
  for (std::uint32_t i = 0; i < 7; ++i) some.add(i % 4);
  EXPECT_EQ(some.count(), 4u);
  Different more;
  for (std::uint32_t i = 2; i < 20; ++i) more.add(i);
  EXPECT_EQ(more.count(), Different::most);
  some.add(more);
  EXPECT_EQ(some.count(), Different::most);
}

net::TlsFingerprint tls(std::string_view text) {
  net::TlsFingerprint fingerprint;
  fingerprint.text.fill('0');
  text.copy(fingerprint.text.data(), text.size());
  return fingerprint;
}

Labels looks(std::string_view fingerprint, std::uint32_t order) {
  return {.tls = fingerprint.empty() ? net::TlsFingerprint() : tls(fingerprint),
          .fields = {.hash = order, .fields = 3}};
}

class LabelsTest : public testing::Test {
 protected:
  static std::uint64_t key(std::string_view client) { return client_key(address(client)); }
  static Heavy heavy(std::string_view client) { return {.prefix = Prefix::of(address(client), Level::client)}; }
  void follow(const std::vector<std::string_view>& clients) {
    std::vector<Heavy> all;
    for (const std::string_view client : clients) all.push_back(heavy(client));
    const std::vector<const LabelTable*> both{&tables[0], &tables[1]};
    book.follow(all, both);
    for (LabelTable& table : tables) table.clear();
  }
  const LabelsOfClient& of(std::size_t index) const { return book.labels()[index]; }

  LabelTable tables[2]{LabelTable(secret), LabelTable(secret)};
  LabelBook book;
};

TEST_F(LabelsTest, AreThoseSeenLastAndHowManyDifferentOnesThereWere) {
  tables[0].note(key("192.0.2.1"), looks("t13d1", 1));
  tables[0].note(key("192.0.2.1"), looks("t13d2", 1));
  tables[0].note(key("192.0.2.1"), looks("t13d1", 2));
  tables[1].note(key("192.0.2.1"), looks("t13d1", 3));
  tables[1].note(key("2001:db8::1"), looks("", 4));
  follow({"192.0.2.1", "2001:db8::2"});  // the same /64
  EXPECT_EQ(of(0).last.tls, tls("t13d1"));
  EXPECT_EQ(of(0).tls.count(), 2u);
  EXPECT_EQ(of(0).orders.count(), 3u);
  EXPECT_TRUE(of(1).last.tls.empty());
  EXPECT_EQ(of(1).tls.count(), 0u);
  EXPECT_EQ(of(1).orders.count(), 1u);
}

TEST_F(LabelsTest, LastForAsLongAsTheClientIsFollowed) {
  tables[0].note(key("192.0.2.1"), looks("t13d1", 1));
  follow({"192.0.2.1"});
  tables[1].note(key("192.0.2.1"), looks("t12i5", 1));
  follow({"192.0.2.9", "192.0.2.1"});
  EXPECT_EQ(of(0).orders.count(), 0u);
  EXPECT_EQ(of(1).tls.count(), 2u);
  follow({"192.0.2.1"});  // a window in which it said nothing
  EXPECT_EQ(of(0).last.tls, tls("t12i5"));
  EXPECT_EQ(of(0).tls.count(), 2u);
  follow({});
  follow({"192.0.2.1"});
  EXPECT_EQ(of(0).orders.count(), 0u);
}

TEST_F(LabelsTest, WhoAsksMuchIsSeenAmongAHundredThousandOthers) {
  int seen = 0;
  for (std::uint32_t window = 0; window < 20; ++window) {
    for (std::uint32_t i = 0; i < 100'000; ++i) {
      const std::uint32_t other = window * 100'000 + i;
      tables[0].note(client_key(net::IpAddress::v4(0x0b000000u + other * 0x9e37u % 0x10000000u)), looks("", other));
      if (i % 100 == 0) tables[0].note(key("192.0.2.1"), looks("t13d1", 7));
    }
    const LabelsOfClient* const found = tables[0].find(key("192.0.2.1"));
    if (found == nullptr) continue;
    ++seen;
    EXPECT_EQ(found->last.tls, tls("t13d1"));
    EXPECT_EQ(found->orders.count(), 1u);  // never another's
    tables[0].clear();
  }
  EXPECT_GE(seen, 10);
}

}  // namespace
}  // namespace tenfold::guard::measure_test
