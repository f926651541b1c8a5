#include "oncall/channels/sip/sound_keys.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "oncall/channels/sip/loop.hpp"
#include "oncall/channels/sip/media.hpp"

namespace tenfold::oncall::sip {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

const std::string rfc_key = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";  // of RFC 4568's own example

TEST(SoundKeys, AreReadFromTheDescription) {
  const auto line = read_crypto("1 AES_CM_128_HMAC_SHA1_80 inline:" + rfc_key + "|2^20");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->tag, "1");
  EXPECT_EQ(line->key[0], 'Y');
  EXPECT_EQ(line->key[29], 's');
  EXPECT_TRUE(read_crypto("  3  aes_cm_128_hmac_sha1_80  inline:" + rfc_key));
}

TEST(SoundKeys, WhatIsNotUnderstoodIsNone) {
  for (const std::string& text :
       {std::string(), std::string("1"), "1 AES_CM_128_HMAC_SHA1_32 inline:" + rfc_key,
        "x AES_CM_128_HMAC_SHA1_80 inline:" + rfc_key, "1234567890 AES_CM_128_HMAC_SHA1_80 inline:" + rfc_key,
        "1 AES_CM_128_HMAC_SHA1_80 " + rfc_key, "1 AES_CM_128_HMAC_SHA1_80 inline:" + rfc_key.substr(1),
        "1 AES_CM_128_HMAC_SHA1_80 inline:" + rfc_key + "AAAA",
        "1 AES_CM_128_HMAC_SHA1_80 inline:" + rfc_key + "|2^20|1:4",
        "1 AES_CM_128_HMAC_SHA1_80 inline:" + rfc_key + " UNENCRYPTED_SRTP",
        "1 AES_CM_128_HMAC_SHA1_80 inline:" + rfc_key + ";inline:" + rfc_key,
        "1 AES_CM_128_HMAC_SHA1_80 inline:" + std::string(40, '\xff')}) {
    EXPECT_FALSE(read_crypto(text)) << text;
  }
}

// Two ends of a call on one loop.
class TwoEnds : public testing::Test {
 protected:
  TwoEnds() : loop_(std::move(*Loop::start())) {}
  ~TwoEnds() override {
    on_loop([&] {
      one_.reset();
      other_.reset();
    });
  }
  void on_loop(const std::function<void()>& task) {
    std::promise<void> done;
    loop_->post([&] {
      task();
      done.set_value();
    });
    done.get_future().wait();
  }
  static std::unique_ptr<Media> end(SoundCipher cipher, std::function<void(char)> pressed) {
    sa local{};
    sa_set_str(&local, "127.0.0.1", 0);
    auto made = Media::open(local, local, {.first = 20'000, .last = 30'000}, cipher,
                            {.played = [] {}, .pressed = std::move(pressed)});
    EXPECT_TRUE(made);
    return std::move(*made);
  }
  // One offers, the other answers; the errno of who gives up.
  int connect(SoundCipher one, SoundCipher other) {
    int code = 0;
    on_loop([&] {
      one_ = end(one, [](char) {});
      other_ = end(other, [](char) {});
      const auto offer = one_->offer();
      described_ = std::string(reinterpret_cast<const char*>(mbuf_buf(offer.get())), mbuf_get_left(offer.get()));
      mbuf* answer = nullptr;
      code = other_->take_offer(offer.get(), &answer);
      const Re<mbuf> owner(answer);
      if (code == 0) code = one_->take_answer(answer);
      if (code != 0) return;
      one_->start();
      other_->start();
    });
    return code;
  }
  std::uint64_t heard() {
    std::uint64_t packets = 0;
    on_loop([&] { packets = std::min(one_->packets_heard(), other_->packets_heard()); });
    return packets;
  }
  std::unique_ptr<Loop> loop_;
  std::unique_ptr<Media> one_;
  std::unique_ptr<Media> other_;
  std::string described_;
};

TEST_F(TwoEnds, HearEachOtherEncrypted) {
  ASSERT_EQ(connect(SoundCipher::srtp, SoundCipher::srtp), 0);
  EXPECT_THAT(described_, HasSubstr("RTP/SAVP 8 0 101"));
  EXPECT_THAT(described_, HasSubstr("a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:"));
  const auto end = std::chrono::steady_clock::now() + 20s;
  while (heard() < 5 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  EXPECT_GE(heard(), 5u);
}

TEST_F(TwoEnds, HearEachOtherPlainlyAsBefore) {
  ASSERT_EQ(connect(SoundCipher::none, SoundCipher::none), 0);
  const auto end = std::chrono::steady_clock::now() + 20s;
  while (heard() < 5 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  EXPECT_GE(heard(), 5u);
}

TEST_F(TwoEnds, DoNotSpeakWhereOneOfThemDoesNotEncrypt) {
  EXPECT_NE(connect(SoundCipher::srtp, SoundCipher::none), 0);
  EXPECT_NE(connect(SoundCipher::none, SoundCipher::srtp), 0);
}

}  // namespace
}  // namespace tenfold::oncall::sip
