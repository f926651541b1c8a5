// TLS streams once they stand: bytes and their ends, interference, and waits that end early.
#include "net/tls/test_world.hpp"

namespace tenfold::net {
namespace {

using testing::HasSubstr;

class TlsStreamTest : public TlsTest {};

INSTANTIATE_TEST_SUITE_P(Worlds, TlsStreamTest,
                         testing::Values(Kind::simulated, Kind::byte_by_byte, Kind::epoll, Kind::io_uring), kind_name);

// ---- bytes ----

TEST_P(TlsStreamTest, carries_big_transfers_both_ways_at_once) {
  shake_hands();
  expect_connected();
  const std::string up = pattern(world->big()), down = pattern(world->big() + 12345);
  std::string got_up, got_down;
  Result<void> results[4];
  Scope scope;
  scope.spawn(write_all(client(), up, soon(), results[0]));
  scope.spawn(write_all(server(), down, soon(), results[1]));
  scope.spawn(read_bytes(server(), up.size(), soon(), got_up, results[2]));
  scope.spawn(read_bytes(client(), down.size(), soon(), got_down, results[3]));
  run(scope);
  for (const auto& result : results) EXPECT_TRUE(result.has_value()) << result.error().text();
  EXPECT_TRUE(got_up == up);
  EXPECT_TRUE(got_down == down);
}

TEST_P(TlsStreamTest, gathers_parts_of_all_sizes_in_order) {
  shake_hands();
  expect_connected();
  std::vector<std::string> parts;
  std::string whole;
  for (const std::size_t size : {0, 1, 200, 0, 4096, 4095, 5, 20'000, 16'384, 1, 33'000, 0}) {
    parts.push_back(pattern(size + parts.size()).substr(parts.size()));
    whole += parts.back();
  }
  std::string got;
  Result<void> results[3];
  Scope scope;
  scope.spawn(write_parts(server(), parts, soon(), results[0]));
  scope.spawn(read_bytes(client(), whole.size(), soon(), got, results[1]));
  run(scope);
  scope.spawn(write_parts(server(), {"", ""}, soon(), results[2]));
  run(scope);
  for (const auto& result : results) EXPECT_TRUE(result.has_value()) << result.error().text();
  EXPECT_TRUE(got == whole);
}

void note_record_length(int sent, int, int content_type, const void* header, std::size_t, SSL*, void* lengths) {
  if (sent == 1 || content_type != SSL3_RT_HEADER) return;
  const auto* const bytes = static_cast<const unsigned char*>(header);
  static_cast<std::vector<int>*>(lengths)->push_back(bytes[3] << 8 | bytes[4]);
}

TEST_P(TlsStreamTest, records_are_short_at_first_and_then_as_long_as_can_be) {
  std::vector<int> lengths;
  CustomClient custom;
  // From OpenSSL 3.2 on each key has its layer of records, which takes the callback along when it is made.
  SSL_CTX_set_msg_callback(custom.context.get(), note_record_length);
  SSL_CTX_set_msg_callback_arg(custom.context.get(), &lengths);
  shake_hands(custom);
  expect_connected();
  talk();
  lengths.clear();
  const std::string bytes = pattern(4 * 4096 + 3 * 16384);
  std::string got;
  Result<void> results[2];
  Scope scope;
  scope.spawn(write_all(server(), bytes, soon(), results[0]));
  scope.spawn(read_bytes(client(), bytes.size(), soon(), got, results[1]));
  run(scope);
  EXPECT_TRUE(got == bytes);
  constexpr int overhead = 17;  // content type and tag
  // "answer" was sent before, so that the last short record begins before 16 KiB and ends after it.
  EXPECT_THAT(lengths, testing::ElementsAre(4096 + overhead, 4096 + overhead, 4096 + overhead, 4096 + overhead,
                                            16384 + overhead, 16384 + overhead, 16384 + overhead));
}

TEST_P(TlsStreamTest, either_side_can_finish_first_and_go_on_reading) {
  shake_hands();
  expect_connected();
  std::string at_end_of_server, at_end_of_client;
  Result<void> results[3];
  Scope scope;
  scope.spawn(read_to_end(server(), soon(), at_end_of_server, results[0]));
  scope.spawn(finish(client(), soon()));
  run(scope);
  EXPECT_TRUE(results[0].has_value()) << results[0].error().text();
  EXPECT_EQ(at_end_of_server, "");

  scope.spawn(read_to_end(client(), soon(), at_end_of_client, results[1]));
  scope.spawn(write_all(server(), "still here", soon(), results[2]));
  ASSERT_TRUE(world->run_until([&] { return at_end_of_client == "still here"; }));
  scope.spawn(finish(server(), soon()));
  run(scope);
  EXPECT_TRUE(results[1].has_value()) << results[1].error().text();
  EXPECT_TRUE(results[2].has_value()) << results[2].error().text();

  // The end is an end for every later read, and writing is over.
  std::optional<Result<std::string>> again;
  Result<void> late;
  scope.spawn(read_once(client(), soon(), again));
  scope.spawn(write_all(client(), "late", soon(), late));
  run(scope);
  EXPECT_EQ(again.value(), "");
  EXPECT_FALSE(late.has_value());
}

TEST_P(TlsStreamTest, an_end_without_close_notify_is_an_error) {
  shake_hands();
  expect_connected();
  talk();
  at_server = fail(Errc::failed);
  std::optional<Result<std::string>> got;
  Scope scope;
  scope.spawn(read_once(client(), soon(), got));
  run(scope);
  ASSERT_FALSE(got->has_value());
  EXPECT_EQ(got->error().code, Errc::closed);
}

TEST_P(TlsStreamTest, a_key_update_that_the_peer_asks_for_is_answered) {
  CustomClient custom;
  shake_hands(custom);
  expect_connected();
  for (int round = 0; round < 3; ++round) {
    ASSERT_EQ(SSL_key_update(custom.ssl, SSL_KEY_UPDATE_REQUESTED), 1);
    talk();
  }
}

Task<void> rest(Loop& loop, Duration time) {
  auto slept = co_await loop.sleep_for(time);
  static_cast<void>(slept);
}

// Each is sent with a byte, so that it is not merged with the next.
TEST_P(TlsStreamTest, too_many_key_updates_within_ten_seconds_end_the_connection) {
  CustomClient custom;
  shake_hands(custom);
  expect_connected();
  Scope scope;
  Result<void> wrote, result;
  std::string got;
  const auto change_keys = [&] {
    ASSERT_EQ(SSL_key_update(custom.ssl, SSL_KEY_UPDATE_NOT_REQUESTED), 1);
    scope.spawn(write_all(client(), "k", soon(), wrote));
    got.clear();
    scope.spawn(read_bytes(server(), 1, soon(), got, result));
    run(scope);
  };
  for (int round = 0; round < 32; ++round) change_keys();
  EXPECT_TRUE(result.has_value());
  EXPECT_EQ(key_updates(server()), 32u);
  change_keys();
  ASSERT_FALSE(result.has_value());
  EXPECT_THAT(result.error().detail, HasSubstr("too many key updates"));
}

TEST_P(TlsStreamTest, key_updates_that_come_slowly_go_on) {
  if (GetParam() == Kind::epoll || GetParam() == Kind::io_uring) GTEST_SKIP() << "takes a clock that is moved by hand";
  CustomClient custom;
  shake_hands(custom);
  expect_connected();
  for (int round = 0; round < 100; ++round) {
    ASSERT_EQ(SSL_key_update(custom.ssl, SSL_KEY_UPDATE_NOT_REQUESTED), 1);
    talk();
    Scope scope;
    scope.spawn(rest(world->loop(), 400ms));
    run(scope);
  }
  EXPECT_EQ(key_updates(server()), 100u);
}

TEST_P(TlsStreamTest, ciphertext_that_was_tampered_with_fails_and_tells_the_peer) {
  CustomClient custom;
  shake_hands(custom);
  expect_connected();
  talk();
  Scope scope;
  Result<void> wrote;
  std::optional<Result<std::string>> at_server_read, at_client_read;
  scope.spawn(
      write_all(*custom.below, std::string_view("\x17\x03\x03\x00\x14not-what-TLS-sends!!", 25), soon(), wrote));
  scope.spawn(read_once(server(), soon(), at_server_read));
  scope.spawn(read_once(client(), soon(), at_client_read));
  run(scope);
  EXPECT_EQ(at_server_read->error().code, Errc::failed);
  EXPECT_THAT(at_server_read->error().detail, HasSubstr("decryption failed or bad record mac"));
  EXPECT_THAT(at_client_read->error().detail, HasSubstr("alert bad record mac"));
  scope.spawn(write_all(server(), "more", soon(), wrote));
  run(scope);
  EXPECT_FALSE(wrote.has_value());
}

Task<void> serve_and_answer(Listener& listener, std::shared_ptr<const TlsServerContext> context,
                            std::string_view answer) {
  auto stream = co_await listener.accept();
  auto accepted = co_await accept_tls(std::move(*stream), context, no_deadline);
  if (!accepted) co_return;
  auto question = co_await (*accepted)->read(no_deadline);
  if (!question || question->empty()) co_return;
  auto written = co_await (*accepted)->write(answer, no_deadline);
  if (written) co_await (*accepted)->finish_writing(no_deadline);
}

Task<void> ask(Loop& loop, Endpoint at, std::shared_ptr<TlsClientContext> context, std::string& got,
               Result<void>& result) {
  auto stream = co_await loop.connect(at, {}, no_deadline);
  auto connected = co_await connect_tls(std::move(*stream), context, "shop.example", no_deadline);
  if (!connected) {
    result = std::unexpected(connected.error());
    co_return;
  }
  result = co_await (*connected)->write("question", no_deadline);
  if (result) co_await read_to_end(**connected, no_deadline, got, result);
}

TEST(TlsCuts, a_connection_reset_at_any_byte_ends_both_sides_and_never_passes_for_whole) {
  const TestFolder folder;
  const TestAuthority authority;
  const auto file = folder.write("authority.pem", authority.pem());
  const auto server_context = *make_tls_server_context({authority.issue("DNS:shop.example").save(folder, "shop")}, {});
  const auto client_context = *make_tls_client_context({.authorities_file = file});
  const std::string answer = pattern(3000);
  int whole = 0;
  for (std::uint64_t cut = 1; cut < 5000; cut += 7) {
    sim::SimNetwork network(cut);
    Loop& loop = network.make_loop();
    const Endpoint at = *Endpoint::parse("127.0.0.1:443");
    network.set_faults(at, {.largest_piece = 700, .reset_after_bytes = cut});
    const auto listener = *loop.listen(at, {});
    std::string got;
    Result<void> result;
    Scope scope;
    scope.spawn(serve_and_answer(*listener, server_context, answer));
    scope.spawn(ask(loop, at, client_context, got, result));
    network.settle();
    ASSERT_EQ(scope.running(), 0u) << "cut after " << cut;
    EXPECT_EQ(got, answer.substr(0, got.size()));
    if (result) {
      EXPECT_EQ(got.size(), answer.size()) << "cut after " << cut;
      ++whole;
    }
  }
  EXPECT_GT(whole, 10);  // the last cuts come after the end
}

// ---- waits that end early ----

TEST_P(TlsStreamTest, a_read_that_times_out_loses_nothing) {
  shake_hands();
  expect_connected();
  Scope scope;
  std::optional<Result<std::string>> first, second;
  Result<void> wrote;
  scope.spawn(read_once(server(), world->loop().now() + 20ms, first));
  run(scope);
  EXPECT_EQ(first->error().code, Errc::timed_out);
  scope.spawn(write_all(client(), "late", soon(), wrote));
  scope.spawn(read_once(server(), soon(), second));
  run(scope);
  EXPECT_EQ(second.value(), "late");
}

TEST_P(TlsStreamTest, can_be_destroyed_while_a_timed_out_read_goes_on_below) {
  shake_hands();
  expect_connected();
  Scope scope;
  std::optional<Result<std::string>> timed_out, at_peer;
  scope.spawn(read_once(server(), world->loop().now() + 20ms, timed_out));
  run(scope);
  EXPECT_EQ(timed_out->error().code, Errc::timed_out);
  at_server = fail(Errc::failed);
  scope.spawn(read_once(client(), soon(), at_peer));
  run(scope);
  EXPECT_FALSE(at_peer->has_value());
}

Task<void> read_and_destroy(Connected& stream, TimePoint deadline, std::string& got) {
  auto bytes = co_await (*stream)->read(deadline);
  if (bytes) got = bytes->view();
  stream = fail(Errc::failed);
}

TEST_P(TlsStreamTest, a_reader_may_destroy_the_stream_as_it_wakes) {
  shake_hands();
  expect_connected();
  const std::string sent = pattern(30'000);
  std::string got;
  Result<void> wrote;
  Scope scope;
  scope.spawn(read_and_destroy(at_server, soon(), got));
  scope.spawn(write_all(client(), sent, soon(), wrote));
  run(scope);
  EXPECT_FALSE(got.empty());
  EXPECT_EQ(got, sent.substr(0, got.size()));
}

TEST_P(TlsStreamTest, cancel_ends_waiting_and_later_reads_and_writes) {
  shake_hands();
  expect_connected();
  const std::string endless = pattern(20'000'000);
  Scope scope;
  std::optional<Result<std::string>> waiting, later;
  Result<void> writing, late;
  scope.spawn(read_once(client(), soon(), waiting));
  scope.spawn(write_all(client(), endless, soon(), writing));
  world->settle();
  ASSERT_EQ(scope.running(), 2u);
  client().cancel();
  run(scope);
  EXPECT_EQ(waiting->error().code, Errc::cancelled);
  EXPECT_EQ(writing.error().code, Errc::cancelled);
  scope.spawn(read_once(client(), soon(), later));
  scope.spawn(write_all(client(), "x", soon(), late));
  run(scope);
  EXPECT_EQ(later->error().code, Errc::cancelled);
  EXPECT_EQ(late.error().code, Errc::cancelled);
}

TEST_P(TlsStreamTest, a_write_to_a_peer_that_does_not_read_times_out) {
  shake_hands();
  expect_connected();
  const std::string endless = pattern(20'000'000);
  Scope scope;
  Result<void> writing;
  scope.spawn(write_all(server(), endless, world->loop().now() + 200ms, writing));
  run(scope);
  ASSERT_FALSE(writing.has_value());
  EXPECT_EQ(writing.error().code, Errc::timed_out);
}

}  // namespace
}  // namespace tenfold::net
