#include "oncall/channels/sip/tone_detector.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numbers>
#include <random>
#include <stop_token>
#include <string>
#include <vector>

#include "oncall/channels/sip/g711.hpp"
#include "oncall/channels/sip/speech.hpp"

namespace tenfold::oncall::sip {
namespace {

using namespace std::chrono_literals;
using Samples = std::vector<std::int16_t>;

constexpr double rate = 8'000;

struct Tones {
  double low = 0;
  double high = 0;
  double low_amplitude = 8'000;
  double high_amplitude = 8'000;
};

Tones tones_of(char digit) {
  static constexpr std::string_view keys = "123A456B789C*0#D";
  static constexpr double lows[] = {697, 770, 852, 941};
  static constexpr double highs[] = {1209, 1336, 1477, 1633};
  const std::size_t at = keys.find(digit);
  return {.low = lows[at / 4], .high = highs[at % 4]};
}

Samples sound_of(const Tones& tones, Duration length, Duration offset = 0ms) {
  const auto count = static_cast<std::size_t>(std::chrono::duration<double>(length).count() * rate);
  const double start = std::chrono::duration<double>(offset).count();
  Samples samples(count);
  for (std::size_t i = 0; i < count; ++i) {
    const double turn = 2 * std::numbers::pi * (start + static_cast<double>(i) / rate);
    samples[i] = static_cast<std::int16_t>(tones.low_amplitude * std::sin(turn * tones.low) +
                                           tones.high_amplitude * std::sin(turn * tones.high));
  }
  return samples;
}

Samples silence(Duration length) {
  return Samples(static_cast<std::size_t>(std::chrono::duration<double>(length).count() * rate));
}

Samples joined(std::initializer_list<Samples> parts) {
  Samples all;
  for (const Samples& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

Samples noise(Duration length, double amplitude, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> bell(0, amplitude);
  Samples samples = silence(length);
  for (auto& sample : samples) sample = static_cast<std::int16_t>(std::clamp(bell(random), -32'000.0, 32'000.0));
  return samples;
}

Samples mixed(Samples one, const Samples& other) {
  for (std::size_t i = 0; i < one.size() && i < other.size(); ++i) {
    one[i] = static_cast<std::int16_t>(std::clamp(one[i] + other[i], -32'768, 32'767));
  }
  return one;
}

// In packets of 20 ms, through the line's coding, as it comes from the network.
std::string heard(const Samples& samples) {
  ToneDetector detector;
  std::string digits;
  for (std::size_t at = 0; at < samples.size(); at += 160) {
    const auto packet = std::span(samples).subspan(at, std::min<std::size_t>(160, samples.size() - at));
    const auto line = g711_decode(Law::a, g711_encode(Law::a, packet));
    if (const auto digit = detector.hear(line)) digits.push_back(*digit);
  }
  return digits;
}

TEST(ToneDetector, HearsEveryDigitOnce) {
  for (const char digit : std::string("0123456789*#ABCD")) {
    const Samples sound = joined({silence(33ms), sound_of(tones_of(digit), 100ms), silence(100ms)});
    EXPECT_EQ(heard(sound), std::string(1, digit));
  }
}

TEST(ToneDetector, HoldingAKeyIsOnePressAndPressingTwiceAreTwo) {
  const Samples press = sound_of(tones_of('9'), 100ms);
  EXPECT_EQ(heard(joined({sound_of(tones_of('1'), 3s), silence(100ms)})), "1");
  EXPECT_EQ(heard(joined({press, silence(60ms), press, silence(60ms)})), "99");
  EXPECT_EQ(heard(joined({sound_of(tones_of('1'), 100ms), sound_of(tones_of('2'), 100ms), silence(60ms)})), "12");
}

TEST(ToneDetector, SeventyMillisecondsAreAlwaysEnoughAndFortyNever) {
  for (int offset_ms = 0; offset_ms < 20; ++offset_ms) {
    const Duration offset = std::chrono::milliseconds(offset_ms);
    EXPECT_EQ(heard(joined({silence(offset), sound_of(tones_of('5'), 70ms, offset), silence(80ms)})), "5") << offset_ms;
    EXPECT_EQ(heard(joined({silence(offset), sound_of(tones_of('5'), 40ms, offset), silence(80ms)})), "") << offset_ms;
  }
}

TEST(ToneDetector, BadPhonesAreHeardToo) {
  for (const double off : {0.985, 1.015}) {
    Tones tones = tones_of('2');
    tones.low *= off;
    tones.high *= off;
    EXPECT_EQ(heard(joined({sound_of(tones, 120ms), silence(60ms)})), "2") << "off by " << off;
  }
  Tones twisted = tones_of('1');
  twisted.low_amplitude = 4'000;  // 6 dB below the other
  EXPECT_EQ(heard(joined({sound_of(twisted, 120ms), silence(60ms)})), "1");
  const Tones quiet{.low = 697, .high = 1209, .low_amplitude = 200, .high_amplitude = 200};
  EXPECT_EQ(heard(joined({sound_of(quiet, 120ms), silence(60ms)})), "1");
  const Samples noisy =
      mixed(joined({silence(50ms), sound_of(tones_of('1'), 150ms), silence(100ms)}), noise(300ms, 800, 1));
  EXPECT_EQ(heard(noisy), "1") << "17 dB above the noise";
}

TEST(ToneDetector, WhatIsNotADigit) {
  const auto pair = [](double low, double high, double low_amplitude, double high_amplitude) {
    return joined({sound_of({low, high, low_amplitude, high_amplitude}, 500ms), silence(60ms)});
  };
  EXPECT_EQ(heard(pair(697, 1209, 8'000, 0)), "") << "one tone";
  EXPECT_EQ(heard(pair(697, 770, 8'000, 8'000)), "") << "two of a group";
  EXPECT_EQ(heard(pair(697, 1209, 2'000, 8'000)), "") << "12 dB apart";
  EXPECT_EQ(heard(pair(440, 480, 8'000, 8'000)), "") << "a ringing tone";
  EXPECT_EQ(heard(pair(350, 440, 8'000, 8'000)), "") << "a dialling tone";
  EXPECT_EQ(heard(pair(425, 0, 8'000, 0)), "") << "a busy tone";
  EXPECT_EQ(heard(pair(1'000, 0, 12'000, 0)), "") << "a mailbox's beep";
  EXPECT_EQ(heard(pair(1'400, 0, 12'000, 0)), "") << "another's";
  EXPECT_EQ(heard(pair(1'100, 2'100, 8'000, 8'000)), "") << "a fax";
  EXPECT_EQ(heard(pair(697, 1209, 40, 40)), "") << "too quiet to be meant";
}

TEST(ToneDetector, NoiseIsNoDigit) {
  for (unsigned seed = 1; seed <= 10; ++seed) {
    EXPECT_EQ(heard(noise(30s, 100.0 * seed * seed, seed)), "") << "seed " << seed;
  }
}

// The message as it comes back from a phone's loudspeaker, from a whisper to an overloaded line.
TEST(ToneDetector, NothingThatIsSpokenIsADigit) {
  const std::vector<std::pair<Language, std::string>> texts{
      {Language::en,
       "This is Tenfold, calling for Corner Shop. The front page is down since three o'clock. Checkout answers slowly. "
       "This is "
       "critical. Press 1 to take it. Press 2 to pass it on. Press 9 to hear it again. One two three four five six "
       "seven eight nine zero."},
      {Language::de,
       "Hier ist Tenfold für den Eckladen. Die Startseite ist seit drei Uhr ausgefallen. Drücken Sie die Eins, um zu "
       "übernehmen, die "
       "Zwei, um weiterzugeben, die Neun, um es noch einmal zu hören. Eins zwei drei vier fünf sechs sieben acht neun "
       "null."},
      {Language::fr,
       "Ici Tenfold pour la boutique du coin. La page d'accueil est en panne depuis trois heures. Appuyez sur un pour "
       "la prendre, sur "
       "deux pour la passer. Un deux trois quatre cinq six sept huit neuf zéro."},
      {Language::es,
       "Aquí Tenfold para la tienda de la esquina. La portada no responde desde las tres. Pulse uno para hacerse "
       "cargo, dos para "
       "pasarla. Uno dos tres cuatro cinco seis siete ocho nueve cero."},
  };
  Speech speech("espeak-ng");
  for (const auto& [language, text] : texts) {
    const auto sound = speech.say(text, language, {});
    ASSERT_TRUE(sound) << sound.error().text();
    for (const double loudness : {0.05, 0.3, 1.0, 4.0}) {
      Samples echo = **sound;
      for (auto& sample : echo) sample = static_cast<std::int16_t>(std::clamp(sample * loudness, -32'768.0, 32'767.0));
      EXPECT_EQ(heard(echo), "") << name(language) << " at " << loudness;
    }
  }
}

TEST(ToneDetector, ADigitOverTheEchoOfTheMessageIsHeard) {
  Speech speech("espeak-ng");
  const auto sound = speech.say("The front page is down since three o'clock.", Language::en, {});
  ASSERT_TRUE(sound) << sound.error().text();
  Samples echo = **sound;
  for (auto& sample : echo) sample = static_cast<std::int16_t>(sample / 8);
  EXPECT_EQ(heard(mixed(echo, joined({silence(700ms), sound_of(tones_of('1'), 150ms)}))), "1");
}

}  // namespace
}  // namespace tenfold::oncall::sip
