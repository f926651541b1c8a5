#include "oncall/channels/sip/speech.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "oncall/channels/sip/spoken_by.hpp"

namespace tenfold::oncall::sip {
namespace {

using namespace std::chrono_literals;

double seconds_of(const Sound& sound) { return static_cast<double>(sound->size()) / 8'000; }

double rms_of(const Sound& sound) {
  double sum = 0;
  for (const auto sample : *sound) sum += static_cast<double>(sample) * sample;
  return std::sqrt(sum / static_cast<double>(sound->size()));
}

// A program in place of espeak-ng, which counts how often it ran in the file beside it.
class SpeechProgram : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "tenfold-speech-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string program(const std::string& body) {
    const auto file = folder_ / "program";
    std::ofstream(file) << "#!/bin/sh\necho run >> " << (folder_ / "runs").string() << "\n" << body << "\n";
    chmod(file.c_str(), 0755);
    return file;
  }
  std::size_t runs() const {
    std::ifstream file(folder_ / "runs");
    std::size_t count = 0;
    for (std::string line; std::getline(file, line);) ++count;
    return count;
  }

  std::filesystem::path folder_;
};

TEST(Speech, SpeaksFourLanguages) {
  Speech speech("espeak-ng");
  for (const Language language : {Language::en, Language::de, Language::fr, Language::es}) {
    const auto sound = speech.say("Tenfold. 1, 2, 9. Ä é ñ.", language, {});
    ASSERT_TRUE(sound) << sound.error().text();
    EXPECT_GT(seconds_of(*sound), 1.5) << name(language);
    EXPECT_LT(seconds_of(*sound), 10) << name(language);
    EXPECT_GT(rms_of(*sound), 500) << name(language);
  }
}

TEST(Speech, ATextThatLooksLikeAnOptionIsSpoken) {
  Speech speech("espeak-ng");
  const auto sound = speech.say("--version -x $(id)", Language::en, {});
  ASSERT_TRUE(sound) << sound.error().text();
  EXPECT_GT(rms_of(*sound), 500);
}

TEST(Speech, ALongTextIsCutAndABookEndsAtTheBound) {
  Speech speech("espeak-ng");
  std::string book;
  while (book.size() < 100'000) book += "Die Straße ist naß, äöü. ";
  const auto sound = speech.say(book, Language::de, {});
  ASSERT_TRUE(sound) << sound.error().text();
  EXPECT_LE(seconds_of(*sound), std::chrono::duration<double>(Speech::longest_sound).count() + 1);
}

TEST(Speech, AMissingProgramNamesThePackage) {
  Speech speech("espeak-ng-that-is-not-here");
  const auto sound = speech.say("Hello", Language::en, {});
  ASSERT_FALSE(sound);
  EXPECT_EQ(sound.error().code, Errc::not_found);
  EXPECT_NE(sound.error().detail.find("install the package espeak-ng"), std::string::npos);
}

TEST_F(SpeechProgram, WhatWasSaidIsKept) {
  Speech speech(program("exec espeak-ng \"$@\""));
  const auto first = speech.say("Down", Language::en, {});
  ASSERT_TRUE(first) << first.error().text();
  EXPECT_EQ(speech.say("Down", Language::en, {}).value(), *first);
  EXPECT_EQ(runs(), 1u);
  ASSERT_TRUE(speech.say("Down", Language::de, {}));
  EXPECT_EQ(runs(), 2u) << "in another language it is another sound";
}

TEST_F(SpeechProgram, OnlySoManyAreKeptAndTheOldestGoesFirst) {
  Speech speech(program("exec espeak-ng \"$@\""));
  ASSERT_TRUE(speech.say("zero", Language::en, {}));
  for (std::size_t text = 1; text < Speech::most_kept; ++text)
    ASSERT_TRUE(speech.say(std::to_string(text), Language::en, {}));
  ASSERT_TRUE(speech.say("zero", Language::en, {}));
  EXPECT_EQ(runs(), Speech::most_kept) << "all are kept, and zero is the youngest now";
  ASSERT_TRUE(speech.say("one more", Language::en, {}));
  ASSERT_TRUE(speech.say("zero", Language::en, {}));
  EXPECT_EQ(runs(), Speech::most_kept + 1);
  ASSERT_TRUE(speech.say("1", Language::en, {}));
  EXPECT_EQ(runs(), Speech::most_kept + 2) << "had to go";
}

TEST_F(SpeechProgram, ItsComplaintIsHandedOn) {
  Speech speech(program("echo no such voice >&2; exit 3"));
  const auto sound = speech.say("Hello", Language::en, {});
  ASSERT_FALSE(sound);
  EXPECT_NE(sound.error().detail.find("no such voice"), std::string::npos) << sound.error().detail;
}

TEST_F(SpeechProgram, OneThatHangsIsEnded) {
  const SpeechOrder order{
      .program = program("exec sleep 60"), .voice = "en", .text = "Hello", .most_bytes = 1'000, .longest = 200ms};
  const auto began = std::chrono::steady_clock::now();
  const auto file = spoken_by(order, {});
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, Errc::timed_out);
  EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
}

TEST_F(SpeechProgram, OneThatIsNotWantedAnyMoreIsEnded) {
  std::stop_source stop;
  stop.request_stop();
  const SpeechOrder order{
      .program = program("exec sleep 60"), .voice = "en", .text = "Hello", .most_bytes = 1'000, .longest = 60s};
  EXPECT_EQ(spoken_by(order, stop.get_token()).error().code, Errc::cancelled);
}

TEST_F(SpeechProgram, OneThatNeverStopsSpeakingIsCut) {
  const SpeechOrder order{
      .program = program("exec yes"), .voice = "en", .text = "Hello", .most_bytes = 100'000, .longest = 30s};
  const auto file = spoken_by(order, {});
  ASSERT_TRUE(file) << file.error().text();
  EXPECT_EQ(file->size(), 100'000u);
}

TEST_F(SpeechProgram, OneThatDoesNotReadAndEndsIsNoHarm) {
  const SpeechOrder order{.program = program("exec <&-; exit 0"),
                          .voice = "en",
                          .text = std::string(500'000, 'x'),
                          .most_bytes = 1'000,
                          .longest = 30s};
  const auto file = spoken_by(order, {});
  ASSERT_TRUE(file) << file.error().text();
  EXPECT_TRUE(file->empty());
}

TEST_F(SpeechProgram, WhatIsNoWavIsAnError) {
  Speech speech(program("echo this is not a WAV file"));
  EXPECT_NE(speech.say("Hello", Language::en, {}).error().detail.find("not a WAV file"), std::string::npos);
}

std::vector<std::uint8_t> wav(std::uint16_t channels, std::uint32_t rate, std::uint16_t bits, std::uint32_t data_says,
                              std::size_t data_bytes) {
  std::vector<std::uint8_t> file;
  const auto text = [&](std::string_view words) { file.insert(file.end(), words.begin(), words.end()); };
  const auto number = [&](std::uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) file.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  };
  text("RIFF");
  number(0x7ffff024, 4);
  text("WAVEfmt ");
  number(16, 4);
  number(1, 2);
  number(channels, 2);
  number(rate, 4);
  number(rate * channels * bits / 8, 4);
  number(channels * bits / 8U, 2);
  number(bits, 2);
  text("data");
  number(data_says, 4);
  file.resize(file.size() + data_bytes, 1);
  return file;
}

TEST(Wav, OfKnownAndOfUnknownLength) {
  EXPECT_EQ(samples_of_wav(wav(1, 8'000, 16, 320, 320))->size(), 160u);
  EXPECT_EQ(samples_of_wav(wav(1, 8'000, 16, 0x7ffff000, 320))->size(), 160u);
  EXPECT_EQ(samples_of_wav(wav(1, 8'000, 16, 320, 319))->size(), 159u) << "half a sample is none";
  EXPECT_EQ(samples_of_wav(wav(1, 8'000, 16, 320, 320))->front(), 0x0101);
}

TEST(Wav, WhatWeDoNotTake) {
  EXPECT_FALSE(samples_of_wav({}));
  EXPECT_FALSE(samples_of_wav(wav(2, 8'000, 16, 320, 320)));
  EXPECT_FALSE(samples_of_wav(wav(1, 8'000, 8, 320, 320)));
  EXPECT_FALSE(samples_of_wav(wav(1, 7'999, 16, 320, 320)));
  EXPECT_FALSE(samples_of_wav(wav(1, 48'001, 16, 320, 320)));
  auto cut = wav(1, 8'000, 16, 320, 320);
  for (const std::size_t size : {0UL, 11UL, 12UL, 19UL, 25UL, 40UL}) {
    EXPECT_FALSE(samples_of_wav(std::span(cut).first(size))) << size;
  }
}

}  // namespace
}  // namespace tenfold::oncall::sip
