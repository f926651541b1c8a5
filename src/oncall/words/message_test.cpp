#include "oncall/words/message.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "oncall/link/signed_link.hpp"
#include "oncall/words/phrases.hpp"
#include "oncall/words/sms.hpp"

namespace tenfold::oncall {
namespace {

using namespace std::chrono_literals;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using Kind = Message::Kind;

// 03:24 in Berlin; the trouble began at 03:12.
const WallTime now = WallTime(std::chrono::sys_days(std::chrono::year(2026) / 11 / 25)) + 2h + 24min;
constexpr Language languages[] = {Language::en, Language::de, Language::fr, Language::es};

Plan example_plan() {
  Plan plan{.shop = "Corner Shop", .time_zone = "Europe/Berlin"};
  return plan;
}

Alert alert() {
  return {.id = 7,
          .escalation = "shop-down",
          .severity = "critical",
          .began = now - 12min,
          .troubles = {{.source = "front-page",
                        .what = "down: connection refused",
                        .severity = "critical",
                        .escalation = "shop-down",
                        .since = now - 12min}},
          .told = {"ada", "bela"}};
}

Alert over() {
  Alert alert = oncall::alert();
  alert.state = Alert::State::over;
  alert.troubles.clear();
  alert.past = {"front-page"};
  alert.over_at = now;
  return alert;
}

Order order(Kind kind, Language language, Recipient::Kind to = Recipient::Kind::person) {
  Order order{.alert = 7, .kind = kind, .recipient = {.who = "ada", .language = language, .kind = to}, .step = 1};
  if (to == Recipient::Kind::outside_party) order.recipient.customer_number = "K-4711";
  return order;
}

Message say(const Order& order, const Alert& about, std::string note = {}) {
  const Plan of = example_plan();
  return make_message({.plan = of, .note = std::move(note)}, about, order, now);
}
Message say(Kind kind, Language language, Recipient::Kind to = Recipient::Kind::person) {
  return say(order(kind, language, to), kind == Kind::over ? over() : alert());
}

struct Golden {
  Kind kind;
  Language language;
  const char* subject;
  const char* short_text;
  const char* spoken;
};

const Golden people[] = {
    {Kind::alert, Language::en, "Corner Shop: front-page: down: connection refused",
     "Corner Shop: front-page: down: connection refused, since 03:12, critical",
     "This is an alert from Corner Shop. front-page: down: connection refused. It began at 3 12 in the morning. This "
     "is "
     "critical. Press 1 to take care of it. Press 2 to pass it on to the next person. Press 9 to hear this again."},
    {Kind::alert, Language::de, "Corner Shop: front-page: ausgefallen: Verbindung abgelehnt",
     "Corner Shop: front-page: ausgefallen: Verbindung abgelehnt, seit 03:12, kritisch",
     "Dies ist ein Alarm von Corner Shop. front-page: ausgefallen: Verbindung abgelehnt. Die Störung begann um 3 Uhr "
     "12. "
     "Das ist kritisch. Drücken Sie die 1, um sich darum zu kümmern. Drücken Sie die 2, um den Alarm an die nächste "
     "Person weiterzugeben. Drücken Sie die 9, um diese Nachricht noch einmal zu hören."},
    {Kind::alert, Language::fr, "Corner Shop : front-page : en panne : connexion refusée",
     "Corner Shop : front-page : en panne : connexion refusée, depuis 03:12, critique",
     "Ceci est une alerte de Corner Shop. front-page : en panne : connexion refusée. Le problème a commencé à 3 "
     "heures "
     "12. C'est critique. Appuyez sur le 1 pour prendre l'alerte en charge. Appuyez sur le 2 pour transmettre l'alerte "
     "à la "
     "personne suivante. Appuyez sur le 9 pour réécouter ce message."},
    {Kind::alert, Language::es, "Corner Shop: front-page: caído: conexión rechazada",
     "Corner Shop: front-page: caido: conexion rechazada, desde 03:12, critico",
     "Esta es una alerta de Corner Shop. front-page: caído: conexión rechazada. El problema empezó a las 3 y 12 de la "
     "madrugada. Es crítico. Pulse 1 para hacerse cargo. Pulse 2 para pasar la alerta a la siguiente persona. Pulse 9 "
     "para volver a escuchar este mensaje."},

    {Kind::reminder, Language::en, "Reminder: Corner Shop: front-page: down: connection refused",
     "Reminder: Corner Shop: front-page: down: connection refused, since 03:12, critical",
     "This is a reminder from Corner Shop. Nobody has taken care of this yet. front-page: down: connection refused. It "
     "began at 3 12 in the morning. This is critical. Press 1 to take care of it. Press 2 to pass it on to the next "
     "person. Press 9 to hear this again."},
    {Kind::reminder, Language::de, "Erinnerung: Corner Shop: front-page: ausgefallen: Verbindung abgelehnt",
     "Erinnerung: Corner Shop: front-page: ausgefallen: Verbindung abgelehnt, seit 03:12, kritisch",
     "Dies ist eine Erinnerung von Corner Shop. Noch hat sich niemand darum gekümmert. front-page: ausgefallen: "
     "Verbindung abgelehnt. Die Störung begann um 3 Uhr 12. Das ist kritisch. Drücken Sie die 1, um sich darum zu "
     "kümmern. Drücken Sie die 2, um den Alarm an die nächste Person weiterzugeben. Drücken Sie die 9, um diese "
     "Nachricht noch einmal zu hören."},
    {Kind::reminder, Language::fr, "Rappel : Corner Shop : front-page : en panne : connexion refusée",
     "Rappel : Corner Shop : front-page : en panne : connexion refusée, depuis 03:12, critique",
     "Ceci est un rappel de Corner Shop. Personne ne s'en est encore occupé. front-page : en panne : connexion "
     "refusée. Le problème a commencé à 3 heures 12. C'est critique. Appuyez sur le 1 pour prendre l'alerte en charge. "
     "Appuyez sur le 2 pour transmettre l'alerte à la personne suivante. Appuyez sur le 9 pour réécouter ce message."},
    {Kind::reminder, Language::es, "Recordatorio: Corner Shop: front-page: caído: conexión rechazada",
     "Recordatorio: Corner Shop: front-page: caido: conexion rechazada, desde 03:12, critico",
     "Este es un recordatorio de Corner Shop. Nadie se ha hecho cargo todavía. front-page: caído: conexión rechazada. "
     "El problema empezó a las 3 y 12 de la madrugada. Es crítico. Pulse 1 para hacerse cargo. Pulse 2 para pasar la "
     "alerta a la siguiente persona. Pulse 9 para volver a escuchar este mensaje."},

    {Kind::over, Language::en, "Corner Shop: over: front-page", "Corner Shop: over: front-page",
     "The trouble at Corner Shop is over. Affected: front-page. It lasted 12 minutes. Press 9 to hear this again."},
    {Kind::over, Language::de, "Corner Shop: vorbei: front-page", "Corner Shop: vorbei: front-page",
     "Die Störung bei Corner Shop ist vorbei. Betroffen: front-page. Die Störung dauerte 12 Minuten. Drücken Sie die "
     "9, um "
     "diese Nachricht noch einmal zu hören."},
    {Kind::over, Language::fr, "Corner Shop : terminé : front-page", "Corner Shop : terminé : front-page",
     "Le problème chez Corner Shop est terminé. Contrôles concernés : front-page. Le problème a duré 12 minutes. "
     "Appuyez sur le "
     "9 pour réécouter ce message."},
    {Kind::over, Language::es, "Corner Shop: terminado: front-page", "Corner Shop: terminado: front-page",
     "El problema en Corner Shop ha terminado. Comprobaciones afectadas: front-page. El problema duró 12 minutos. "
     "Pulse 9 para "
     "volver a escuchar este mensaje."},

    {Kind::gap, Language::en, "Gap in the on-call plan: Corner Shop: front-page: down: connection refused",
     "Gap in the on-call plan: Corner Shop: front-page: down: connection refused, since 03:12, critical",
     "This is an alert from Corner Shop. Step 2 of the escalation shop-down reached nobody. That is why everybody is "
     "told. front-page: down: connection refused. It began at 3 12 in the morning. This is critical. Press 1 to take "
     "care of it. Press 2 to pass it on to the next person. Press 9 to hear this again."},
    {Kind::gap, Language::de, "Lücke im Bereitschaftsplan: Corner Shop: front-page: ausgefallen: Verbindung abgelehnt",
     "Lücke im Bereitschaftsplan: Corner Shop: front-page: ausgefallen: Verbindung abgelehnt, seit 03:12, kritisch",
     "Dies ist ein Alarm von Corner Shop. Schritt 2 der Eskalation shop-down hat niemanden erreicht. Deshalb werden "
     "alle benachrichtigt. front-page: ausgefallen: Verbindung abgelehnt. Die Störung begann um 3 Uhr 12. Das ist "
     "kritisch. Drücken Sie die 1, um sich darum zu kümmern. Drücken Sie die 2, um den Alarm an die nächste Person "
     "weiterzugeben. Drücken Sie die 9, um diese Nachricht noch einmal zu hören."},
    {Kind::gap, Language::fr,
     "Trou dans le planning d'astreinte : Corner Shop : front-page : en panne : connexion refusée",
     "Trou dans le planning d'astreinte : Corner Shop : front-page : en panne : connexion refusée, depuis 03:12, "
     "critique",
     "Ceci est une alerte de Corner Shop. L'étape 2 de l'escalade shop-down n'a trouvé personne. C'est pourquoi tout "
     "le monde est prévenu. front-page : en panne : connexion refusée. Le problème a commencé à 3 heures 12. C'est "
     "critique. Appuyez sur le 1 pour prendre l'alerte en charge. Appuyez sur le 2 pour transmettre l'alerte à la "
     "personne "
     "suivante. Appuyez sur le 9 pour réécouter ce message."},
    {Kind::gap, Language::es, "Hueco en el plan de guardias: Corner Shop: front-page: caído: conexión rechazada",
     "Hueco en el plan de guardias: Corner Shop: front-page: caido: conexion rechazada, desde 03:12, critico",
     "Esta es una alerta de Corner Shop. El paso 2 de la escalada shop-down no encontró a nadie. Por eso se avisa a "
     "todos. front-page: caído: conexión rechazada. El problema empezó a las 3 y 12 de la madrugada. Es crítico. Pulse "
     "1 para hacerse cargo. Pulse 2 para pasar la alerta a la siguiente persona. Pulse 9 para volver a escuchar este "
     "mensaje."},

    {Kind::drill, Language::en, "Drill: Corner Shop", "Drill: Corner Shop",
     "This is a drill. Corner Shop is testing whether its alerts reach you. Nothing is wrong. Press 1 to confirm that "
     "you got this call. Press 2 to pass it on to the next person. Press 9 to hear this again."},
    {Kind::drill, Language::de, "Übung: Corner Shop", "Übung: Corner Shop",
     "Dies ist eine Übung. Corner Shop prüft, ob Alarme Sie erreichen. Es liegt keine Störung vor. Drücken Sie die 1, "
     "um diesen Anruf zu bestätigen. Drücken Sie die 2, um den Alarm an die nächste Person weiterzugeben. Drücken Sie "
     "die 9, um diese Nachricht noch einmal zu hören."},
    {Kind::drill, Language::fr, "Exercice : Corner Shop", "Exercice : Corner Shop",
     "Ceci est un exercice. Corner Shop vérifie que ses alertes vous parviennent. Il n'y a aucun problème. Appuyez sur "
     "le 1 pour confirmer la réception de cet appel. Appuyez sur le 2 pour transmettre l'alerte à la personne "
     "suivante. "
     "Appuyez sur le 9 pour réécouter ce message."},
    {Kind::drill, Language::es, "Simulacro: Corner Shop", "Simulacro: Corner Shop",
     "Esto es un simulacro. Corner Shop comprueba que sus alertas le llegan. No hay ningún problema. Pulse 1 para "
     "confirmar que ha recibido esta llamada. Pulse 2 para pasar la alerta a la siguiente persona. Pulse 9 para volver "
     "a escuchar este mensaje."},

    {Kind::uplink, Language::en, "Corner Shop: monitoring without internet",
     "Corner Shop: monitoring without internet, since 03:12, critical",
     "The monitoring of Corner Shop has lost its own internet connection. It began at 3 12 in the morning. This is "
     "critical. Press 1 to take care of it. Press 2 to pass it on to the next person. Press 9 to hear this again."},
    {Kind::uplink, Language::de, "Corner Shop: Überwachung ohne Internet",
     "Corner Shop: Überwachung ohne Internet, seit 03:12, kritisch",
     "Die Überwachung von Corner Shop hat selbst keine Verbindung zum Internet mehr. Die Störung begann um 3 Uhr 12. "
     "Das ist kritisch. Drücken Sie die 1, um sich darum zu kümmern. Drücken Sie die 2, um den Alarm an die nächste "
     "Person weiterzugeben. Drücken Sie die 9, um diese Nachricht noch einmal zu hören."},
    {Kind::uplink, Language::fr, "Corner Shop : surveillance sans Internet",
     "Corner Shop : surveillance sans Internet, depuis 03:12, critique",
     "La surveillance de Corner Shop a perdu sa propre connexion à Internet. Le problème a commencé à 3 heures 12. "
     "C'est critique. Appuyez sur le 1 pour prendre l'alerte en charge. Appuyez sur le 2 pour transmettre l'alerte à "
     "la "
     "personne suivante. Appuyez sur le 9 pour réécouter ce message."},
    {Kind::uplink, Language::es, "Corner Shop: supervisión sin Internet",
     "Corner Shop: supervision sin Internet, desde 03:12, critico",
     "La supervisión de Corner Shop ha perdido su propia conexión a Internet. El problema empezó a las 3 y 12 de la "
     "madrugada. Es crítico. Pulse 1 para hacerse cargo. Pulse 2 para pasar la alerta a la siguiente persona. Pulse 9 "
     "para volver a escuchar este mensaje."},
};

TEST(Words, SayWhatIsTheMatterInFourLanguages) {
  for (const Golden& each : people) {
    SCOPED_TRACE(std::string(name(each.kind)) + ' ' + std::string(name(each.language)));
    const Message message = say(each.kind, each.language);
    EXPECT_EQ(message.subject, each.subject);
    EXPECT_EQ(message.short_text, each.short_text);
    EXPECT_EQ(message.spoken, each.spoken);
    EXPECT_EQ(message.language, each.language);
  }
}

TEST(Words, IntroduceThemselvesToOutsideParties) {
  const std::pair<Language, const char*> cases[] = {
      {Language::en,
       "Hello. This is an automatic call from Corner Shop, customer number K, 4, 7, 1, 1. Our online shop is in "
       "trouble "
       "and we need your help. front-page: down: connection refused. It began at 3 12 in the morning. This is "
       "critical. Press 1 to confirm that you are looking into it. Press 2 if you cannot help. Press 9 to hear this "
       "again."},
      {Language::de,
       "Guten Tag. Dies ist ein automatischer Anruf von Corner Shop, Kundennummer K, 4, 7, 1, 1. Unser Online-Shop ist "
       "gestört und wir brauchen Ihre Hilfe. front-page: ausgefallen: Verbindung abgelehnt. Die Störung begann um 3 "
       "Uhr "
       "12. Das ist kritisch. Drücken Sie die 1, um zu bestätigen, dass Sie sich darum kümmern. Drücken Sie die 2, "
       "wenn Sie nicht helfen können. Drücken Sie die 9, um diese Nachricht noch einmal zu hören."},
      {Language::fr,
       "Bonjour. Ceci est un appel automatique de Corner Shop, numéro de client K, 4, 7, 1, 1. Notre boutique en ligne "
       "rencontre un problème et nous avons besoin de votre aide. front-page : en panne : connexion refusée. Le "
       "problème a commencé à 3 heures 12. C'est critique. Appuyez sur le 1 pour confirmer que vous vous en occupez. "
       "Appuyez sur le 2 si vous ne pouvez pas nous aider. Appuyez sur le 9 pour réécouter ce message."},
      {Language::es,
       "Hola. Esta es una llamada automática de Corner Shop, número de cliente K, 4, 7, 1, 1. Nuestra tienda en línea "
       "tiene un problema y necesitamos su ayuda. front-page: caído: conexión rechazada. El problema empezó a las 3 y "
       "12 de la madrugada. Es crítico. Pulse 1 para confirmar que se ocupa de ello. Pulse 2 si no puede ayudarnos. "
       "Pulse 9 para volver a escuchar este mensaje."}};
  for (const auto& [language, spoken] : cases) {
    EXPECT_EQ(say(Kind::alert, language, Recipient::Kind::outside_party).spoken, spoken);
  }
  Order without = order(Kind::alert, Language::en, Recipient::Kind::outside_party);
  without.recipient.customer_number.clear();
  EXPECT_THAT(say(without, alert()).spoken,
              testing::StartsWith("Hello. This is an automatic call from Corner Shop. Our"));
}

TEST(Words, WriteTheSame) {
  const std::pair<Language, const char*> cases[] = {
      {Language::en,
       "This is an alert from Corner Shop.\n- front-page: down: connection refused\nSince: 25 November 2026, 03:12 "
       "(CET)\nSeverity: critical\nTold so far: ada, bela"},
      {Language::de,
       "Dies ist ein Alarm von Corner Shop.\n- front-page: ausgefallen: Verbindung abgelehnt\nSeit: 25. November 2026, "
       "03:12 Uhr (CET)\nSchwere: kritisch\nBisher benachrichtigt: ada, bela"},
      {Language::fr,
       "Ceci est une alerte de Corner Shop.\n- front-page : en panne : connexion refusée\nDepuis : 25 novembre 2026 à "
       "03:12 (CET)\nGravité : critique\nDéjà prévenus : ada, bela"},
      {Language::es,
       "Esta es una alerta de Corner Shop.\n- front-page: caído: conexión rechazada\nDesde: 25 de noviembre de 2026, "
       "03:12 (CET)\nGravedad: crítico\nAvisados hasta ahora: ada, bela"}};
  for (const auto& [language, text] : cases) EXPECT_EQ(say(Kind::alert, language).text, text);
}

TEST(Words, LinksAreForPeopleAndForWhatIsNotOver) {
  const Plan of = example_plan();
  const Wording wording{.plan = of, .link_url = "https://console.shop.example", .link_secret = "secret"};
  const Message message = make_message(wording, alert(), order(Kind::alert, Language::en), now);
  ASSERT_FALSE(message.acknowledge_url.empty());
  const auto claim = verify_link(message.acknowledge_url.substr(wording.link_url.size()), "secret", now + 24h - 1s);
  ASSERT_TRUE(claim);
  EXPECT_EQ(claim->who, "ada");
  EXPECT_EQ(claim->alert, 7);
  EXPECT_THAT(message.text, EndsWith("To take care of it, open the link and press its button."));
  EXPECT_THAT(message.text, Not(HasSubstr("https://")));  // the channels write it where it belongs
  EXPECT_THAT(message.short_text, EndsWith('\n' + message.acknowledge_url));
  EXPECT_THAT(message.spoken, Not(HasSubstr("http")));
  EXPECT_EQ(make_message(wording, over(), order(Kind::over, Language::en), now).acknowledge_url, "");
  const auto outside = order(Kind::alert, Language::en, Recipient::Kind::outside_party);
  EXPECT_EQ(make_message(wording, alert(), outside, now).acknowledge_url, "");
}

// Who is woken need not hear how often it was looked; who reads at leisure may.
TEST(Words, ASecondLookThatSawTheSameIsWrittenButNeitherSpokenNorInAnSms) {
  for (const char* way : {"again on a fresh connection", "by another path", "when asked again",
                          "over IPv6 (2001:db8::1)", "by the resolver 192.0.2.1"}) {
    Alert about = alert();
    about.troubles[0].what = std::string("down: connection refused; the same ") + way;
    for (const Language language : languages) {
      const Message message = say(order(Kind::alert, language), about);
      const Message once = say(order(Kind::alert, language), alert());
      EXPECT_EQ(message.spoken, once.spoken);
      EXPECT_EQ(message.spoken_without_digits, once.spoken_without_digits);
      EXPECT_EQ(message.short_text, once.short_text);
      EXPECT_EQ(message.short_text_to_reply, once.short_text_to_reply);
      EXPECT_GT(message.text.size(), once.text.size());
      EXPECT_GT(message.subject.size(), once.subject.size());
    }
  }
  Alert about = alert();
  about.troubles[0].what = "down: the text \"; the same price\" is not in the page";
  EXPECT_THAT(say(order(Kind::alert, Language::en), about).short_text, HasSubstr("; the same price\" is not in"));
}

// UCS-2, of which a part has 70 characters: what to write back and since when are there all the same.
TEST(Words, AShortMessageInWhateverLettersSaysWhatToReply) {
  Plan of = example_plan();
  for (const char* name : {"Кофейня на углу", "🛒 Corner Shop", "角の店角の店角の店角の店角の店角の店角の店角の店"}) {
    of.shop = name;
    for (const Language language : languages) {
      for (const char* link : {"", "https://console.shop.example"}) {
        const Wording wording{
            .plan = of, .link_url = link, .link_secret = "secret", .open_alerts = Wording::OpenAlerts::several};
        const Message message = make_message(wording, alert(), order(Kind::alert, language), now);
        std::string_view text = message.short_text_to_reply;
        text = text.substr(0, text.find('\n'));
        EXPECT_THAT(std::string(text), ::testing::EndsWith("."));
        EXPECT_THAT(std::string(text), HasSubstr("03:12"));
        EXPECT_THAT(std::string(text), HasSubstr("1 7"));
        EXPECT_THAT(std::string(text), HasSubstr("2 7"));
        EXPECT_LE(sms_parts(text), 2u) << text;
      }
    }
  }
}

TEST(Words, ANotesOwnWordsAreWrittenAndNotSpoken) {
  const Message message = say(order(Kind::alert, Language::en), alert(), "The disk is full.");
  EXPECT_THAT(message.text, EndsWith("\n\nThe disk is full."));
  EXPECT_THAT(message.spoken, Not(HasSubstr("disk is full")));
}

TEST(Words, ManyChecksAreCountedAndSomeNamed) {
  Alert many = alert();
  for (int i = 1; i < 30; ++i) {
    many.troubles.push_back(many.troubles[0]);
    many.troubles.back().source = "check-" + std::to_string(i);
  }
  const Message message = say(order(Kind::alert, Language::de), many);
  EXPECT_THAT(message.subject, EndsWith("(+29)"));
  EXPECT_THAT(message.spoken,
              HasSubstr("30 Prüfungen melden eine Störung, darunter: front-page: ausgefallen: Verbindung "
                        "abgelehnt. check-1: ausgefallen: Verbindung abgelehnt. check-2:"));
  EXPECT_THAT(message.spoken, Not(HasSubstr("check-3")));
  EXPECT_THAT(message.text, HasSubstr("check-19"));
  EXPECT_THAT(message.text, Not(HasSubstr("check-20")));
  EXPECT_THAT(message.text, HasSubstr("(+10)"));
}

TEST(Words, TheDigitsAreThoseOfThePlan) {
  Plan of = example_plan();
  of.digits = {.acknowledge = 5, .escalate = 6, .say_again = 0};
  const Message message = make_message({.plan = of}, alert(), order(Kind::alert, Language::en), now);
  EXPECT_THAT(message.spoken,
              EndsWith("Press 5 to take care of it. Press 6 to pass it on to the next person. Press 0 to "
                       "hear this again."));
  EXPECT_EQ(message.digit_acknowledge, 5u);
  EXPECT_EQ(message.digit_escalate, 6u);
  EXPECT_EQ(message.digit_again, 0u);
  EXPECT_EQ(message.spoken.substr(0, message.spoken_without_digits.size()), message.spoken_without_digits);
  EXPECT_THAT(message.spoken_without_digits, Not(HasSubstr("Press")));
}

TEST(Words, WhatIsSpokenHasNoUrlsAndNoUnits) {
  EXPECT_EQ(speakable("slow: 2500 ms, 30s, 5% of https://shop.example/x (250ms)", Language::en),
            "slow: 2500 milliseconds, 30 seconds, 5 percent of an address (250ms)");
  EXPECT_EQ(speakable("2500 ms", Language::de), "2500 Millisekunden");
  EXPECT_EQ(speakable("1 s, 1s, 1,5 s, 1 min: 2 h", Language::de),
            "1 Sekunde, 1 Sekunde, 1,5 Sekunden, 1 Minute: 2 Stunden");
  EXPECT_EQ(speakable("no answer within 1 s: connected after 1 ms, then silence", Language::en),
            "no answer within 1 second: connected after 1 millisecond, then silence");
  EXPECT_EQ(speakable("www.shop.example is s 5 s", Language::fr), "une adresse is s 5 secondes");
}

std::size_t bytes_as_xml(std::string_view text) {
  std::size_t bytes = 0;
  for (const char c : text) bytes += c == '&' ? 5 : c == '<' || c == '>' ? 4 : c == '"' || c == '\'' ? 6 : 1;
  return bytes;
}

// However long and odd names are.
TEST(Words, StayWithinTheirBounds) {
  for (const std::string piece : {"&", "\"", "x", "ü", "語", "x "}) {
    std::string name;
    while (name.size() + piece.size() <= 200) name += piece;
    Plan of = example_plan();
    of.shop = name + name;
    Alert large = alert();
    large.escalation = name;
    for (int i = 0; i < 999; ++i) {
      large.troubles.push_back(large.troubles[0]);
      large.troubles.back().source = name;
      large.troubles.back().what = name + name + name + name + name;
    }
    for (int i = 0; i < 1'000; ++i) large.past.push_back(name), large.told.push_back(name);
    std::swap(large.troubles.front(), large.troubles.back());
    for (const Language language : languages) {
      for (const Kind kind : {Kind::alert, Kind::reminder, Kind::over, Kind::gap, Kind::drill, Kind::uplink}) {
        for (const auto to : {Recipient::Kind::person, Recipient::Kind::outside_party}) {
          Order of_it = order(kind, language, to);
          of_it.recipient.customer_number = name;
          const Message message = make_message({.plan = of, .note = name + name + name}, large, of_it, now);
          EXPECT_LE(bytes_as_xml(message.spoken), 1'800u);
          EXPECT_THAT(message.spoken, HasSubstr("9"));
          EXPECT_LE(message.subject.size(), 250u);
          EXPECT_LE(message.text.size(), 8'000u);
          EXPECT_LE(sms_parts(message.short_text), 2u) << message.short_text;
          const Message without_note = make_message({.plan = of}, large, of_it, now);
          EXPECT_EQ(sms_parts(without_note.short_text), 1u) << without_note.short_text;
        }
      }
    }
  }
}

// An acknowledgement may be lost with the program then: whoever is called or gets an SMS is to know.
TEST(Words, CallsAndSmsSayThatTheyComeFromMemory) {
  for (const Language language : {Language::en, Language::de, Language::fr, Language::es}) {
    const Message message = say(order(Kind::alert, language), alert(), "Note: the disk is full");
    EXPECT_THAT(message.spoken, HasSubstr(phrases(language).from_memory_spoken));
    EXPECT_THAT(message.spoken_without_digits, HasSubstr(phrases(language).from_memory_spoken));
    EXPECT_THAT(message.short_text, HasSubstr(phrases(language).from_memory_short));
    EXPECT_THAT(message.short_text_to_reply, HasSubstr(phrases(language).from_memory_short));
    EXPECT_THAT(say(order(Kind::alert, language), alert()).spoken,
                Not(HasSubstr(phrases(language).from_memory_spoken)));
  }
  const Order to_provider = order(Kind::alert, Language::en, Recipient::Kind::outside_party);
  EXPECT_THAT(say(to_provider, alert(), "Note: the disk is full").spoken, Not(HasSubstr("disk")));
}

}  // namespace
}  // namespace tenfold::oncall
