// TLS handshakes between our two sides, and with clients of OpenSSL's: what is agreed on, resumed and refused.
#include <thread>

#include "net/tls/test_world.hpp"

namespace tenfold::net {
namespace {

using testing::HasSubstr;

INSTANTIATE_TEST_SUITE_P(Worlds, TlsTest,
                         testing::Values(Kind::simulated, Kind::byte_by_byte, Kind::epoll, Kind::io_uring), kind_name);

// ---- handshakes ----

TEST_P(TlsTest, agrees_on_version_name_and_protocol) {
  shake_hands("www.shop.example");
  expect_connected();
  for (Stream* side : {&client(), &server()}) {
    EXPECT_EQ(side->tls()->version, "TLSv1.3");
    EXPECT_EQ(side->tls()->protocol, "http/1.1");
    EXPECT_EQ(side->tls()->server_name, "www.shop.example");
    EXPECT_FALSE(side->tls()->resumed);
  }
  EXPECT_EQ(client().peer(), listener->local());
  EXPECT_EQ(server().peer(), client().local());
  talk();
}

TEST_P(TlsTest, serves_a_client_that_offers_no_protocol_and_refuses_one_that_offers_only_others) {
  client_context = trusting({});
  shake_hands();
  expect_connected();
  EXPECT_EQ(server().tls()->protocol, "");

  client_context = trusting({"smtp"});
  shake_hands();
  ASSERT_FALSE(at_server.has_value());
  EXPECT_EQ(at_server.error().code, Errc::failed);
  ASSERT_FALSE(at_client.has_value());
  EXPECT_THAT(at_client.error().detail, HasSubstr("no application protocol"));
}

TEST_P(TlsTest, chooses_the_certificate_by_name) {
  const auto first = authority.issue("DNS:first.example").save(folder, "first");
  const auto wild = authority.issue("DNS:*.wild.example").save(folder, "wild");
  const auto exact = authority.issue("DNS:exact.wild.example").save(folder, "exact");
  server_context = context_of({first, wild, exact});
  for (const char* name : {"first.example", "any.wild.example", "exact.wild.example"}) {
    shake_hands(name);
    expect_connected();
  }
  shake_hands("unknown.example");
  ASSERT_FALSE(at_client.has_value());
  EXPECT_THAT(at_client.error().detail, HasSubstr("the certificate is for first.example, not for unknown.example"));
}

TEST_P(TlsTest, offers_both_kinds_of_key_for_the_same_names) {
  const auto ecdsa = authority.issue("DNS:shop.example").save(folder, "ecdsa");
  const auto rsa = authority.issue("DNS:shop.example", {.key = TestKeyKind::rsa}).save(folder, "rsa");
  server_context = context_of({ecdsa, rsa});
  for (const auto& [algorithms, kind] :
       {std::pair{"ECDSA+SHA256", EVP_PKEY_EC}, std::pair{"rsa_pss_rsae_sha256", EVP_PKEY_RSA}}) {
    CustomClient custom;
    SSL_CTX_set1_sigalgs_list(custom.context.get(), algorithms);
    shake_hands(custom);
    expect_connected();
    EXPECT_EQ(EVP_PKEY_get_base_id(X509_get0_pubkey(SSL_get0_peer_certificate(custom.ssl))), kind);
  }
}

TEST_P(TlsTest, tells_clients_by_how_they_begin) {
  shake_hands();
  expect_connected();
  const TlsFingerprint ours = server().tls()->fingerprint;
  EXPECT_EQ(ours.view().substr(0, 6), "t13d10");
  EXPECT_TRUE(client().tls()->fingerprint.empty());
  client_context = trusting({"http/1.1"});
  shake_hands("other.shop.example");
  expect_connected();
  EXPECT_EQ(server().tls()->fingerprint, ours);

  CustomClient custom;
  SSL_CTX_set_max_proto_version(custom.context.get(), TLS1_2_VERSION);
  shake_hands(custom);
  expect_connected();
  EXPECT_EQ(server().tls()->fingerprint.view().substr(0, 4), "t12d");
}

// After a HelloRetryRequest a client says once more what it is, and a little else.
TEST_P(TlsTest, tells_a_client_by_its_first_hello) {
  CustomClient first, second;
  SSL_CTX_set1_groups_list(first.context.get(), "X25519:P-256");
  shake_hands(first);
  expect_connected();
  const TlsFingerprint at_once = server().tls()->fingerprint;
  SSL_CTX_set1_groups_list(second.context.get(), "P-521:P-256");
  shake_hands(second);
  expect_connected();
  EXPECT_EQ(server().tls()->fingerprint, at_once);
}

TEST_P(TlsTest, speaks_tls_1_2) {
  CustomClient custom;
  SSL_CTX_set_max_proto_version(custom.context.get(), TLS1_2_VERSION);
  shake_hands(custom);
  expect_connected();
  EXPECT_EQ(server().tls()->version, "TLSv1.2");
  talk();
}

TEST_P(TlsTest, refuses_tls_1_1) {
  CustomClient custom;
  SSL_CTX_set_min_proto_version(custom.context.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(custom.context.get(), TLS1_1_VERSION);
  SSL_CTX_set_cipher_list(custom.context.get(), "ALL:@SECLEVEL=0");
  shake_hands(custom);
  ASSERT_FALSE(at_server.has_value());
  EXPECT_EQ(at_server.error().code, Errc::failed);
  EXPECT_THAT(at_server.error().detail, HasSubstr("unsupported protocol"));
  ASSERT_FALSE(at_client.has_value());
  EXPECT_THAT(at_client.error().detail, HasSubstr("alert protocol version"));
}

TEST_P(TlsTest, refuses_ciphers_without_forward_secrecy) {
  server_context = context_of({authority.issue("DNS:shop.example", {.key = TestKeyKind::rsa}).save(folder, "rsa")});
  CustomClient custom;
  SSL_CTX_set_max_proto_version(custom.context.get(), TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(custom.context.get(), "AES128-GCM-SHA256:ECDHE-RSA-AES128-SHA");
  shake_hands(custom);
  ASSERT_FALSE(at_server.has_value());
  EXPECT_THAT(at_server.error().detail, HasSubstr("no shared cipher"));
}

// ---- resumption ----

TEST_P(TlsTest, resumes_a_session_of_the_same_server_and_name) {
  EXPECT_FALSE(resumed_after_talk());
  EXPECT_TRUE(resumed_after_talk());
  EXPECT_TRUE(resumed_after_talk());
  EXPECT_FALSE(resumed_after_talk("www.shop.example"));
}

TEST_P(TlsTest, resumes_with_tls_1_2_tickets) {
  CustomClient custom;
  SSL_CTX_set_max_proto_version(custom.context.get(), TLS1_2_VERSION);
  shake_hands(custom);
  expect_connected();
  EXPECT_FALSE(server().tls()->resumed);
  custom.resume.reset(SSL_get1_session(custom.ssl));
  shake_hands(custom);
  expect_connected();
  EXPECT_TRUE(server().tls()->resumed);
}

TEST_P(TlsTest, a_reload_with_the_previous_context_keeps_sessions_and_one_without_ends_them) {
  EXPECT_FALSE(resumed_after_talk());
  const auto renewed = authority.issue("DNS:shop.example").save(folder, "renewed");
  server_context = context_of({renewed}, server_context.get());
  EXPECT_TRUE(resumed_after_talk());
  server_context = context_of({renewed});
  EXPECT_FALSE(resumed_after_talk());
}

TEST_P(TlsTest, tickets_outlive_a_key_change_and_end_with_their_key) {
  ManualClock clock;
  server_context = context_of({authority.issue("DNS:shop.example").save(folder, "timed")}, nullptr, &clock);
  EXPECT_FALSE(resumed_after_talk());
  clock.advance(6h);
  EXPECT_TRUE(resumed_after_talk());  // gets a ticket under the new key
  clock.advance(18h - 1s);
  EXPECT_TRUE(resumed_after_talk());
  clock.advance(18h);
  EXPECT_FALSE(resumed_after_talk());
}

// For the thread sanitizer above all: a context is shared by all workers.
void resume_over_and_over(const std::shared_ptr<const TlsServerContext>& server_context,
                          const std::shared_ptr<TlsClientContext>& client_context, int& resumed) {
  SimulatedWorld world(SIZE_MAX);
  const auto listener = *world.loop().listen(*Endpoint::parse("127.0.0.1:443"), {});
  for (int round = 0; round < 20; ++round) {
    Connected at_server = fail(Errc::failed), at_client = fail(Errc::failed);
    Result<void> wrote;
    std::optional<Result<std::string>> got;
    Scope scope;
    scope.spawn(serve_tls(*listener, server_context, no_deadline, {}, at_server));
    scope.spawn(dial_tls(world.loop(), listener->local(), client_context, "shop.example", no_deadline, at_client));
    world.settle();
    if (!at_server || !at_client) return;
    scope.spawn(write_all(**at_server, "x", no_deadline, wrote));
    scope.spawn(read_once(**at_client, no_deadline, got));
    world.settle();
    if ((*at_server)->tls()->resumed) ++resumed;
  }
}

TEST(TlsServerContext, serves_several_threads_at_once) {
  const TestFolder folder;
  const TestAuthority authority;
  const auto file = folder.write("authority.pem", authority.pem());
  const auto server_context = *make_tls_server_context(
      {authority.issue("DNS:shop.example").save(folder, "a"), authority.issue("DNS:other.example").save(folder, "b")},
      {});
  int resumed[3] = {};
  std::vector<std::thread> threads;
  for (int& count : resumed) {
    threads.emplace_back([&, client_context = *make_tls_client_context({.authorities_file = file})] {
      resume_over_and_over(server_context, client_context, count);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(resumed, testing::Each(19));
}

TEST_P(TlsTest, two_connections_at_once_resume_with_a_session_each) {
  EXPECT_FALSE(resumed_after_talk());  // brings two sessions
  const auto first_client = std::move(at_client), first_server = std::move(at_server);
  shake_hands();
  expect_connected();
  EXPECT_TRUE(client().tls()->resumed);
  const auto second_client = std::move(at_client), second_server = std::move(at_server);
  shake_hands();
  expect_connected();
  EXPECT_TRUE(client().tls()->resumed);
}

// ---- verification ----

TEST_P(TlsTest, refuses_a_certificate_for_other_names_and_says_which) {
  shake_hands("shop.elsewhere");
  ASSERT_FALSE(at_client.has_value());
  EXPECT_EQ(at_client.error().code, Errc::failed);
  EXPECT_THAT(at_client.error().detail, HasSubstr("ostname mismatch"));
  EXPECT_THAT(at_client.error().detail,
              HasSubstr("for shop.example, *.shop.example, 127.0.0.1, not for shop.elsewhere"));
  EXPECT_FALSE(at_server.has_value());
}

TEST_P(TlsTest, verifies_address_literals_as_addresses) {
  shake_hands("127.0.0.1");
  expect_connected();
  EXPECT_EQ(server().tls()->server_name, "");
  shake_hands("127.0.0.2");
  ASSERT_FALSE(at_client.has_value());
  EXPECT_THAT(at_client.error().detail, HasSubstr("not for 127.0.0.2"));
}

TEST_P(TlsTest, refuses_expired_and_not_yet_valid_certificates) {
  server_context = context_of(
      {authority.issue("DNS:shop.example", {.valid_from_days = -9, .valid_until_days = -1}).save(folder, "old")});
  shake_hands();
  ASSERT_FALSE(at_client.has_value());
  EXPECT_THAT(at_client.error().detail,
              HasSubstr("certificate has expired: the certificate of shop.example was valid until 20"));

  server_context = context_of({authority.issue("DNS:shop.example", {.valid_from_days = 2}).save(folder, "early")});
  shake_hands();
  ASSERT_FALSE(at_client.has_value());
  EXPECT_THAT(at_client.error().detail, HasSubstr("certificate is not yet valid"));
}

TEST_P(TlsTest, refuses_an_unknown_authority_unless_told_not_to_verify) {
  const TestAuthority stranger("Stranger");
  server_context = context_of({stranger.issue("DNS:shop.example").save(folder, "stranger")});
  shake_hands();
  ASSERT_FALSE(at_client.has_value());
  EXPECT_THAT(at_client.error().detail, HasSubstr("unable to get local issuer certificate"));

  client_context = *make_tls_client_context({.verify = false});
  shake_hands();
  expect_connected();
}

TEST_P(TlsTest, a_common_name_is_no_name) {
  server_context = context_of({authority.issue("").save(folder, "nameless")});
  shake_hands("test leaf");
  ASSERT_FALSE(at_client.has_value());
  EXPECT_THAT(at_client.error().detail, HasSubstr("ostname mismatch"));
}

TEST(TlsClientContext, refuses_a_missing_authorities_file) {
  const auto made = make_tls_client_context({.authorities_file = "/nowhere/authorities.pem"});
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().code, Errc::invalid);
  EXPECT_THAT(made.error().detail, HasSubstr("/nowhere/authorities.pem"));
}

// ---- handshakes that go wrong ----

TEST_P(TlsTest, garbage_instead_of_a_hello_fails) {
  using namespace std::string_view_literals;
  for (const std::string_view garbage :
       {"GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n"sv, "\x16\x03\x01\x00\x05hello-hello"sv, "SSH-2.0-x\r\n\r\n"sv}) {
    Scope scope;
    Result<void> wrote;
    scope.spawn(serve_tls(*listener, server_context, soon(), {}, at_server));
    scope.spawn(connect_raw(world->loop(), listener->local(), soon(), at_client));
    ASSERT_TRUE(world->run_until([&] { return at_client.has_value(); }));
    scope.spawn(write_all(client(), garbage, soon(), wrote));
    run(scope);
    ASSERT_FALSE(at_server.has_value());
    EXPECT_EQ(at_server.error().code, Errc::failed) << at_server.error().text();
    at_client = fail(Errc::failed);
  }
}

// A client's extension of so many zeros that nobody knows.
int add_filler(SSL*, unsigned int, unsigned int, const unsigned char** out, std::size_t* size, X509*, std::size_t, int*,
               void* filler) {
  const auto& zeros = *static_cast<const std::string*>(filler);
  *out = reinterpret_cast<const unsigned char*>(zeros.data());
  *size = zeros.size();
  return 1;
}

TEST_P(TlsTest, takes_a_client_hello_of_15_kib_and_refuses_a_longer_one_than_16) {
  for (const std::size_t bytes : {15'000u, 16'400u, 60'000u}) {
    CustomClient custom;
    std::string filler(bytes, '\0');
    constexpr unsigned int unknown = 0xfe00;
    SSL_CTX_add_custom_ext(custom.context.get(), unknown, SSL_EXT_CLIENT_HELLO, &add_filler, nullptr, &filler, nullptr,
                           nullptr);
    shake_hands(custom);
    if (bytes < most_hello_bytes) {
      expect_connected();
      continue;
    }
    ASSERT_FALSE(at_server.has_value()) << bytes;
    EXPECT_EQ(at_server.error().code, Errc::failed);
    EXPECT_THAT(at_server.error().detail, HasSubstr("the ClientHello is too long"));
    EXPECT_FALSE(at_client.has_value());
  }
}

TEST_P(TlsTest, a_silent_client_meets_the_deadline) {
  Scope scope;
  scope.spawn(serve_tls(*listener, server_context, world->loop().now() + 50ms, {}, at_server));
  scope.spawn(connect_raw(world->loop(), listener->local(), soon(), at_client));
  run(scope);
  ASSERT_FALSE(at_server.has_value());
  EXPECT_EQ(at_server.error().code, Errc::timed_out);
}

TEST_P(TlsTest, a_handshake_can_be_cancelled) {
  Scope scope;
  scope.spawn(serve_tls(*listener, server_context, soon(), scope.token(), at_server));
  scope.spawn(connect_raw(world->loop(), listener->local(), soon(), at_client));
  ASSERT_TRUE(world->run_until([&] { return at_client.has_value(); }));
  scope.cancel();
  run(scope);
  ASSERT_FALSE(at_server.has_value());
  EXPECT_EQ(at_server.error().code, Errc::cancelled);
}

TEST_P(TlsTest, a_peer_that_leaves_during_the_handshake_closes_it) {
  Scope scope;
  scope.spawn(serve_tls(*listener, server_context, soon(), {}, at_server));
  scope.spawn(connect_raw(world->loop(), listener->local(), soon(), at_client));
  ASSERT_TRUE(world->run_until([&] { return at_client.has_value(); }));
  at_client = fail(Errc::failed);
  run(scope);
  ASSERT_FALSE(at_server.has_value());
  EXPECT_EQ(at_server.error().code, Errc::closed);
}

TEST_P(TlsTest, a_client_reports_a_server_that_does_not_speak_tls) {
  Scope scope;
  Result<void> wrote;
  scope.spawn(accept_raw(*listener, at_server));
  scope.spawn(dial_tls(world->loop(), listener->local(), client_context, "shop.example", soon(), at_client));
  ASSERT_TRUE(world->run_until([&] { return at_server.has_value(); }));
  scope.spawn(write_all(server(), "HTTP/1.1 400 Bad Request\r\n\r\n", soon(), wrote));
  run(scope);
  ASSERT_FALSE(at_client.has_value());
  EXPECT_THAT(at_client.error().detail, HasSubstr("wrong version number"));
}

// ---- handshakes that are watched ----

// A processor that has worked for 100 us whenever it is asked. Ends the handshake with that step; 0: never.
struct Watched final : HandshakeWatch {
  Duration cpu_time() const override { return read += 100us; }
  Then took(Duration cpu_time) override {
    EXPECT_EQ(cpu_time, 100us);
    return ++steps == ends_with ? Then::ends : Then::goes_on;
  }
  mutable Duration read{};
  int steps = 0;
  int ends_with = 0;
};

Task<void> serve_watched(Listener& listener, std::shared_ptr<const TlsServerContext> context, TimePoint deadline,
                         HandshakeWatch& watch, Connected& into) {
  auto stream = co_await listener.accept();
  if (!stream) co_return;
  auto accepting = accept_tls(std::move(*stream), context, deadline, {}, &watch);
  into = co_await std::move(accepting);
}

class WatchedTlsTest : public TlsTest {
 protected:
  void shake_hands_watched(Watched& watch) {
    at_server = fail(Errc::failed);
    at_client = fail(Errc::failed);
    Scope scope;
    scope.spawn(serve_watched(*listener, server_context, soon(), watch, at_server));
    scope.spawn(dial_tls(world->loop(), listener->local(), client_context, "shop.example", soon(), at_client));
    run(scope);
  }
};

INSTANTIATE_TEST_SUITE_P(Worlds, WatchedTlsTest, testing::Values(Kind::simulated, Kind::byte_by_byte), kind_name);

TEST_P(WatchedTlsTest, each_step_is_told_with_what_it_cost) {
  Watched watch;
  shake_hands_watched(watch);
  expect_connected();
  if (GetParam() == Kind::byte_by_byte) {
    EXPECT_GT(watch.steps, 200) << "each byte is a piece";
  } else {
    EXPECT_EQ(watch.steps, 2) << "what begins it, and what ends it";
  }
  const Duration read = watch.read;
  EXPECT_EQ(read, watch.steps * 200us);
  talk();
  EXPECT_EQ(watch.read, read) << "once it is done nobody looks at the clock";
}

TEST_P(WatchedTlsTest, it_ends_where_its_watch_says_so_and_a_finished_one_does_not) {
  Watched watch;
  watch.ends_with = 1;
  shake_hands_watched(watch);
  ASSERT_FALSE(at_server.has_value());
  EXPECT_EQ(at_server.error().code, Errc::cancelled) << at_server.error().text();
  EXPECT_FALSE(at_client.has_value());
  EXPECT_EQ(watch.steps, 1);

  Watched whole;
  client_context = trusting();  // without a session to resume
  shake_hands_watched(whole);
  expect_connected();
  Watched last;
  last.ends_with = whole.steps;
  client_context = trusting();
  shake_hands_watched(last);
  expect_connected();
  EXPECT_EQ(last.steps, whole.steps);
}

}  // namespace
}  // namespace tenfold::net
