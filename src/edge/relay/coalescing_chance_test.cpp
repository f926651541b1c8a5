// Clients and origins that misbehave by chance while honest clients want the same pages: thousands of courses, each
// told by its seed. Whatever the others do, an honest client gets its own page, or an error that the origin itself gave
// for it, and gets it in the origin's time.
#include <gtest/gtest.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <list>
#include <optional>
#include <string>

#include "base/random.hpp"
#include "edge/edge_fixture.hpp"

namespace tenfold::edge {
namespace {

constexpr std::array languages{"de", "en", "fr"};
constexpr int pages = 4;
constexpr Duration longest_think = 2s;

struct Parsed {
  int status = 0;
  std::string body;
  bool complete = false;
};

// The final answer on a connection that closes behind it.
Parsed parse(std::string_view text) {
  Parsed parsed;
  while (text.size() > 12) {
    const auto end = text.find("\r\n\r\n");
    if (end == std::string_view::npos) return parsed;
    const std::string head(text.substr(0, end + 2));
    std::from_chars(head.data() + 9, head.data() + 12, parsed.status);
    text.remove_prefix(end + 4);
    if (parsed.status < 200) continue;
    if (head.find("chunked") != std::string::npos) {
      for (;;) {
        std::size_t size = 0;
        const auto line = text.find("\r\n");
        if (line == std::string_view::npos) return parsed;
        std::from_chars(text.data(), text.data() + line, size, 16);
        text.remove_prefix(line + 2);
        parsed.complete = size == 0 && text == "\r\n";
        if (size == 0 || text.size() < size + 2) return parsed;
        parsed.body += text.substr(0, size);
        text.remove_prefix(size + 2);
      }
    }
    const auto field =
        head.find("ontent-Length: ") != std::string::npos ? head.find("ontent-Length: ") : head.find("ontent-length: ");
    const std::size_t length = field == std::string::npos ? 0 : std::strtoul(head.c_str() + field + 15, nullptr, 10);
    parsed.body = text;
    parsed.complete = text.size() == length;
    return parsed;
  }
  return parsed;
}

struct Honest {
  int page = 0;
  int language = 0;
  TimePoint asked{};
  std::optional<TimePoint> answered;
  std::string received;
};

net::Task<void> ask_honestly(net::Loop& loop, net::Endpoint to, Honest& honest) {
  honest.asked = loop.now();
  auto stream = co_await loop.connect(to, {}, loop.now() + 5s);
  if (!stream) co_return;
  const std::string sends = "GET /" + std::to_string(honest.page) +
                            " HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\nAccept-Language: " +
                            languages[static_cast<std::size_t>(honest.language)] + "\r\n\r\n";
  auto wrote = co_await (*stream)->write(sends, loop.now() + 60s);
  while (wrote) {
    auto bytes = co_await (*stream)->read(loop.now() + 5min);
    if (!bytes || bytes->empty()) break;
    honest.received.append(bytes->view());
  }
  honest.answered = loop.now();
}

enum class Leaves : std::uint8_t { by_reset, after_reading_a_little };

// Sends something, idles, and is gone.
net::Task<void> misbehave(net::Loop& loop, net::Endpoint to, std::string sends, Duration idles, Leaves how) {
  auto stream = co_await loop.connect(to, {}, loop.now() + 5s);
  if (!stream) co_return;
  auto wrote = co_await (*stream)->write(sends, loop.now() + idles);
  auto slept = co_await loop.sleep_for(idles);
  if (wrote && slept && how == Leaves::after_reading_a_little) {
    auto bytes = co_await (*stream)->read(loop.now() + 100ms);
    static_cast<void>(bytes);
  }
  if (how == Leaves::by_reset) (*stream)->reset_on_close();
}

class ChanceTest : public EdgeTest {
 protected:
  void begin(std::uint64_t seed, bool origin_fails) {
    random.emplace(seed);
    fails = origin_fails;
    cache_options.memory_bytes = 2 * 1024 * 1024;
    cache_options.max_object_bytes = 200'000;
    for (int i = 1; i <= 2; ++i) {
      world.add_server(i).behaviour = [this](const Asked& asked) { return answer(asked); };
    }
    start(World::one_pool(2));
    at_rest_bytes = cache->snapshot().bytes;
  }
  int below(int limit) { return static_cast<int>(random->below(static_cast<std::uint64_t>(limit))); }
  bool one_in(int n) { return below(n) == 0; }

  static int page_of(std::string_view target) {
    int page = -1;
    if (target.size() > 1) std::from_chars(target.data() + 1, target.data() + target.size(), page);
    return page;
  }
  static std::string language_of(const Asked& asked) {
    const auto at = asked.head.find("ccept-Language: ");
    return at == std::string::npos ? "none" : asked.head.substr(at + 16, 2);
  }

  // "3 de 3 de 3 de ...": the page and variant all through.
  static std::string body_of(const std::string& page, const std::string& language, std::size_t bytes) {
    std::string body;
    while (body.size() < bytes) body += page + " " + language + " ";
    return body;
  }

  Answer answer(const Asked& asked) {
    const std::string page = asked.target().substr(1);
    Answer made;
    made.think = one_in(3) ? Duration(0) : std::chrono::milliseconds(below(2000));
    // What only a misbehaving client brings is answered with an error that says it may be kept.
    if (asked.head.size() > 3000 || asked.has("X-Odd")) {
      made.status = one_in(2) ? 400 : 431;
      made.fields = "Cache-Control: max-age=600\r\n";
      made.body = "blamed";
      return made;
    }
    const bool varies = page_of(asked.target()) % 2 == 0;
    const std::string language = varies ? language_of(asked) : "any";
    const std::size_t size = one_in(4) ? 100'000 + random->below(200'000) : random->below(20'000) + 5;
    made.body = asked.method() == "GET" && asked.body.empty() ? body_of(page, language, size) : "of a body";
    static constexpr std::array controls{"max-age=60",          "max-age=1, stale-while-revalidate=30",
                                         "max-age=1",           "no-store",
                                         "private, max-age=60", "max-age=0"};
    made.fields = "Cache-Control: " + std::string(controls[random->below(one_in(3) ? controls.size() : 3)]) + "\r\n";
    if (varies) made.fields += "Vary: Accept-Language\r\n";
    if (one_in(2)) made.fields += "ETag: \"" + std::to_string(below(3)) + "\"\r\n";
    if ((asked.has("f-None-Match") || asked.has("f-none-match")) && one_in(2)) {
      made.raw = "HTTP/1.1 304 X\r\nETag: \"" + std::to_string(below(3)) + "\"\r\nCache-Control: max-age=60\r\n" +
                 (one_in(4) ? "Set-Cookie: a=b\r\n" : "") + "\r\n";
      return made;
    }
    if (one_in(8)) made.before = "HTTP/1.1 103 X\r\nLink: </x>\r\n\r\n";
    if (one_in(4)) {
      std::array<char, 16> hex{};
      std::to_chars(hex.data(), hex.data() + hex.size(), made.body.size(), 16);
      made.raw = made.before + "HTTP/1.1 200 X\r\n" + made.fields + "Transfer-Encoding: chunked\r\n\r\n" + hex.data() +
                 "\r\n" + made.body + "\r\n0\r\n\r\n";
    }
    if (fails && one_in(5)) {
      if (one_in(2)) {
        made.status = one_in(2) ? 500 : 503;
        made.raw.clear();
      } else {
        made.raw.clear();
        made.body_sent = random->below(made.body.size());
      }
    }
    return made;
  }

  void let_one_misbehave() {
    const std::string target = "/" + std::to_string(below(pages));
    std::string head = "GET " + target + (one_in(8) ? " HTTP/1.0" : " HTTP/1.1") + "\r\nHost: shop.example\r\n";
    if (one_in(2)) head += "Accept-Language: " + std::string(languages[random->below(languages.size())]) + "\r\n";
    std::string body;
    switch (below(12)) {
      case 0: head += "X-Odd: 1\r\n"; break;
      case 1: head += "Cookie: " + std::string(5000, 'c') + "\r\n"; break;
      case 2:
        head += "Transfer-Encoding: chunked\r\n";
        body = "1\r\nx\r\nnonsense\r\n";
        break;
      case 3: head += "Content-Length: 1\r\n"; break;
      case 4: head += "Range: bytes=1-2\r\n"; break;
      case 5: head += "If-None-Match: \"1\"\r\n"; break;
      case 6: head += "Authorization: Basic x\r\n"; break;
      case 7: head += "Connection: Accept-Language\r\n"; break;
      case 8: head += "Expect: 100-continue\r\nContent-Length: 4\r\n"; break;
      case 9: head += "Cache-Control: no-store, no-cache, max-age=0\r\n"; break;
      default: break;
    }
    const Leaves how = one_in(2) ? Leaves::by_reset : Leaves::after_reading_a_little;
    visitors.spawn(
        misbehave(people, server->local(), head + "\r\n" + body, std::chrono::milliseconds(below(6000)), how));
  }

  void run(int steps) {
    for (int step = 0; step < steps; ++step) {
      if (one_in(2)) {
        let_one_misbehave();
      } else {
        Honest& honest = all.emplace_back();
        honest.page = below(pages);
        honest.language = below(3);
        visitors.spawn(ask_honestly(people, server->local(), honest));
      }
      if (one_in(30)) static_cast<void>(cache->purge("http://shop.example/" + std::to_string(below(pages))));
      world.network.advance(std::chrono::milliseconds(one_in(4) ? below(1500) : below(100)));
    }
    ASSERT_TRUE(world.network.run_until([&] { return visitors.running() == 0; }, 5min));
  }

  void judge(std::uint64_t seed) {
    for (const Honest& honest : all) {
      const Parsed got = parse(honest.received);
      const std::string about = "seed " + std::to_string(seed) + ", page " + std::to_string(honest.page) + " " +
                                languages[static_cast<std::size_t>(honest.language)] + ": " +
                                honest.received.substr(0, 300);
      ASSERT_TRUE(honest.answered) << about;
      const Duration took = *honest.answered - honest.asked;
      if (got.status == 200) {
        const std::string mine = std::to_string(honest.page) + " " +
                                 (honest.page % 2 == 0 ? languages[static_cast<std::size_t>(honest.language)] : "any") +
                                 " ";
        for (std::size_t at = 0; at + mine.size() <= got.body.size(); at += mine.size()) {
          ASSERT_EQ(got.body.compare(at, mine.size(), mine), 0) << about << " at " << at;
        }
      }
      if (!fails) {
        ASSERT_EQ(got.status, 200) << about;
        ASSERT_TRUE(got.complete) << about;
      } else {
        ASSERT_TRUE(got.status == 200 || got.status >= 500) << about;
      }
      // At worst it waits for one who is blamed, for the next who is, and then fetches for itself; longer where the
      // origin fails too.
      ASSERT_LE(took, (fails ? 10 : 6) * longest_think + 100ms) << about;
    }
  }

  void clean_up_and_count(std::uint64_t seed) {
    world.network.run_until([&] { return site->background.running() == 0; }, 5min);
    EXPECT_EQ(cache->snapshot().waiting, 0u) << seed;
    ASSERT_TRUE(cache->purge_prefix("http://shop.example/"));
    EXPECT_EQ(cache->snapshot().entries, 0u) << seed;
    // What may stay are the tables of the shards.
    EXPECT_LT(cache->snapshot().bytes, at_rest_bytes + 64 * 2048) << seed;
  }

  std::optional<FastRandom> random;
  bool fails = false;
  std::size_t at_rest_bytes = 0;
  std::list<Honest> all;
};

// Each course is a test fixture of its own, made by hand so that there can be many in one test.
class Course final : public ChanceTest {
 public:
  void TestBody() override {}
  void play(std::uint64_t seed, bool origin_fails) {
    begin(seed, origin_fails);
    run(40);
    if (HasFatalFailure()) return;
    judge(seed);
    if (HasFatalFailure()) return;
    clean_up_and_count(seed);
  }
};

// TENFOLD_SEEDS=5000 plays more of them.
std::uint64_t courses() {
  const char* const asked = std::getenv("TENFOLD_SEEDS");
  return asked != nullptr ? std::strtoull(asked, nullptr, 10) : 50;
}

TEST(CoalescingByChance, ClientsThatMisbehaveHurtNobodyElse) {
  for (std::uint64_t seed = 1; seed <= courses() && !testing::Test::HasFailure(); ++seed) Course().play(seed, false);
}

TEST(CoalescingByChance, OriginsThatFailTooGiveNobodyAnothersPage) {
  for (std::uint64_t seed = 1; seed <= courses() && !testing::Test::HasFailure(); ++seed) Course().play(seed, true);
}

}  // namespace
}  // namespace tenfold::edge
