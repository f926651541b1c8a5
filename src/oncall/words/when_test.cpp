#include "oncall/words/when.hpp"

#include <gtest/gtest.h>

#include "oncall/people/local_time.hpp"

namespace tenfold::oncall {
namespace {

using namespace std::chrono_literals;

const WallTime midnight = WallTime(std::chrono::sys_days(std::chrono::year(2026) / 3 / 3));

struct SpokenCase {
  Duration since_midnight;
  const char* en;
  const char* de;
  const char* fr;
  const char* es;
};

TEST(When, TimesAsPeopleSayThem) {
  const SpokenCase cases[] = {
      {0h, "at 12 o'clock at night", "um 0 Uhr", "à minuit", "a las 12 en punto de la noche"},
      {5min, "at 12 oh 5 at night", "um 0 Uhr 5", "à minuit 5", "a las 12 y 5 de la noche"},
      {1h, "at 1 o'clock in the morning", "um ein Uhr", "à une heure", "a la una en punto de la madrugada"},
      {1h + 59min, "at 1 59 in the morning", "um ein Uhr 59", "à une heure 59", "a la una y 59 de la madrugada"},
      {6h + 30min, "at 6 30 in the morning", "um 6 Uhr 30", "à 6 heures 30", "a las 6 y 30 de la mañana"},
      {12h, "at 12 o'clock in the afternoon", "um 12 Uhr", "à midi", "a las 12 en punto de la tarde"},
      {13h + 10min, "at 1 10 in the afternoon", "um 13 Uhr 10", "à 13 heures 10", "a la una y 10 de la tarde"},
      {18h, "at 6 o'clock in the evening", "um 18 Uhr", "à 18 heures", "a las 6 en punto de la tarde"},
      {21h + 7min, "at 9 oh 7 in the evening", "um 21 Uhr 7", "à 21 heures 7", "a las 9 y 7 de la noche"},
      {23h + 45min, "at 11 45 at night", "um 23 Uhr 45", "à 23 heures 45", "a las 11 y 45 de la noche"},
  };
  const auto zone = zone_of("UTC");
  for (const auto& each : cases) {
    const WallTime at = midnight + each.since_midnight;
    EXPECT_EQ(spoken_when(Language::en, zone, at, midnight), each.en);
    EXPECT_EQ(spoken_when(Language::de, zone, at, midnight), each.de);
    EXPECT_EQ(spoken_when(Language::fr, zone, at, midnight), each.fr);
    EXPECT_EQ(spoken_when(Language::es, zone, at, midnight), each.es);
  }
}

TEST(When, DaysByTheShopsOwnMidnight) {
  const auto berlin = zone_of("Europe/Berlin");
  const WallTime at = midnight - 2h;  // 23:00 of the 2nd of March in Berlin
  EXPECT_EQ(spoken_when(Language::en, berlin, at, midnight - 1h - 1ns), "at 11 o'clock at night");
  EXPECT_EQ(spoken_when(Language::en, berlin, at, midnight - 1h), "yesterday at 11 o'clock at night");
  EXPECT_EQ(spoken_when(Language::de, berlin, at, midnight), "gestern um 23 Uhr");
  EXPECT_EQ(spoken_when(Language::fr, berlin, at, midnight), "hier à 23 heures");
  EXPECT_EQ(spoken_when(Language::es, berlin, at, midnight), "ayer a las 11 en punto de la noche");
  const WallTime later = midnight + 24h;
  EXPECT_EQ(spoken_when(Language::en, berlin, at, later), "on the 2nd of March at 11 o'clock at night");
  EXPECT_EQ(spoken_when(Language::de, berlin, at, later), "am 2. März um 23 Uhr");
  EXPECT_EQ(spoken_when(Language::fr, berlin, at, later), "le 2 mars à 23 heures");
  EXPECT_EQ(spoken_when(Language::fr, berlin, at - 24h, later), "le 1er mars à 23 heures");
  EXPECT_EQ(spoken_when(Language::es, berlin, at, later), "el 2 de marzo a las 11 en punto de la noche");
  EXPECT_EQ(short_when(berlin, at, midnight), "2.3. 23:00");
  EXPECT_EQ(short_when(berlin, at, midnight - 90min), "23:00");
}

TEST(When, TheZoneIsWrittenSinceAnHourMayComeTwice) {
  const auto berlin = zone_of("Europe/Berlin");
  const WallTime first = WallTime(std::chrono::sys_days(std::chrono::year(2026) / 10 / 25)) + 30min;
  EXPECT_EQ(written_when(Language::en, berlin, first), "25 October 2026, 02:30 (CEST)");
  EXPECT_EQ(written_when(Language::de, berlin, first + 1h), "25. Oktober 2026, 02:30 Uhr (CET)");
  EXPECT_EQ(written_when(Language::fr, berlin, first), "25 octobre 2026 à 02:30 (CEST)");
  EXPECT_EQ(written_when(Language::es, berlin, first), "25 de octubre de 2026, 02:30 (CEST)");
}

TEST(When, EnglishDaysEndAsTheyShould) {
  const std::pair<unsigned, const char*> cases[] = {{1, "1st"},   {2, "2nd"},   {3, "3rd"},   {4, "4th"},
                                                    {11, "11th"}, {12, "12th"}, {13, "13th"}, {21, "21st"},
                                                    {22, "22nd"}, {31, "31st"}};
  for (const auto& [day, text] : cases) {
    const WallTime at =
        WallTime(std::chrono::sys_days(std::chrono::year(2026) / std::chrono::January / std::chrono::day(day)));
    EXPECT_EQ(spoken_when(Language::en, zone_of("UTC"), at, midnight),
              std::string("on the ") + text + " of January at 12 o'clock at night");
  }
}

struct DurationCase {
  Duration duration;
  const char* en;
  const char* de;
  const char* fr;
  const char* es;
};

TEST(When, DurationsInWords) {
  const DurationCase cases[] = {
      {1min - 1ns, "less than a minute", "weniger als eine Minute", "moins d'une minute", "menos de un minuto"},
      {1min, "one minute", "eine Minute", "une minute", "un minuto"},
      {59min, "59 minutes", "59 Minuten", "59 minutes", "59 minutos"},
      {1h, "one hour", "eine Stunde", "une heure", "una hora"},
      {2h + 1min, "2 hours and one minute", "2 Stunden und eine Minute", "2 heures et une minute",
       "2 horas y un minuto"},
      {24h, "one day", "einen Tag", "un jour", "un día"},
      {49h + 59min, "2 days and one hour", "2 Tage und eine Stunde", "2 jours et une heure", "2 días y una hora"},
      {-1h, "less than a minute", "weniger als eine Minute", "moins d'une minute", "menos de un minuto"},
  };
  for (const auto& each : cases) {
    EXPECT_EQ(duration_words(Language::en, each.duration), each.en);
    EXPECT_EQ(duration_words(Language::de, each.duration), each.de);
    EXPECT_EQ(duration_words(Language::fr, each.duration), each.fr);
    EXPECT_EQ(duration_words(Language::es, each.duration), each.es);
  }
}

}  // namespace
}  // namespace tenfold::oncall
