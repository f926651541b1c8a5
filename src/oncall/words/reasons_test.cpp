#include "oncall/words/reasons.hpp"

#include <gtest/gtest.h>

namespace tenfold::oncall {
namespace {

struct Case {
  const char* english;
  const char* german;
  const char* french;
  const char* spanish;
};

// The sentences of watch as they come: whoever changes one there changes its row.
const Case cases[] = {
    {"127.0.0.1:9 refuses the connection", "127.0.0.1:9 lehnt die Verbindung ab", "127.0.0.1:9 refuse la connexion",
     "127.0.0.1:9 rechaza la conexión"},
    {"connection refused", "Verbindung abgelehnt", "connexion refusée", "conexión rechazada"},
    {"status 500, expected 200-399", "Status 500, erwartet 200-399", "statut 500, attendu 200-399",
     "estado 500, se esperaba 200-399"},
    {"status 500, expected 200; the same when asked again", "Status 500, erwartet 200; ebenso bei erneuter Anfrage",
     "statut 500, attendu 200 ; de même à la demande suivante",
     "estado 500, se esperaba 200; lo mismo al preguntar de nuevo"},
    {"status 500, expected 200; over IPv6 ([::1]:80): [::1]:80 refuses the connection",
     "Status 500, erwartet 200; über IPv6 ([::1]:80): [::1]:80 lehnt die Verbindung ab",
     "statut 500, attendu 200 ; en IPv6 ([::1]:80) : [::1]:80 refuse la connexion",
     "estado 500, se esperaba 200; por IPv6 ([::1]:80): [::1]:80 rechaza la conexión"},
    {"no answer within 1.5 s: connected after 340 µs, then silence",
     "keine Antwort innerhalb von 1,5 s: verbunden nach 340 µs, dann Stille",
     "pas de réponse en 1,5 s : connecté après 340 µs, puis silence",
     "sin respuesta en 1,5 s: conectado tras 340 µs, y luego silencio"},
    {"no answer within 10 s: no connection to 10.0.0.1:443",
     "keine Antwort innerhalb von 10 s: keine Verbindung zu 10.0.0.1:443",
     "pas de réponse en 10 s : pas de connexion à 10.0.0.1:443",
     "sin respuesta en 10 s: sin conexión con 10.0.0.1:443"},
    {"no whole answer within 3 s: 8,388,608 bytes came, then no end",
     "keine ganze Antwort innerhalb von 3 s: nur 8.388.608 Byte, dann kein Ende",
     "pas de réponse complète en 3 s : reçu 8 388 608 octets, puis pas de fin",
     "sin respuesta completa en 3 s: solo 8.388.608 bytes, y luego ningún final"},
    {"the text \"Add to basket\" is not in the page", "der Text \"Add to basket\" fehlt auf der Seite",
     "le texte \"Add to basket\" n'est pas dans la page", "el texto \"Add to basket\" no está en la página"},
    {"basket: the JSON has \"0\" at \"/stock\", expected \"1\"",
     "basket: im JSON steht \"0\" bei \"/stock\", erwartet \"1\"",
     "basket : le JSON a \"0\" à \"/stock\", attendu \"1\"",
     "basket: el JSON tiene \"0\" en \"/stock\", se esperaba \"1\""},
    {"the certificate ends on 2026-11-28, in 3 days", "das Zertifikat läuft am 2026-11-28 ab, in 3 Tagen",
     "le certificat expire le 2026-11-28, dans 3 jours", "el certificado caduca el 2026-11-28, en 3 días"},
    {"the certificate ends on 2026-11-30, in 5 days; at least 14 are expected; the same when asked again",
     "das Zertifikat läuft am 2026-11-30 ab, in 5 Tagen; mindestens 14 werden erwartet; ebenso bei erneuter Anfrage",
     "le certificat expire le 2026-11-30, dans 5 jours ; au moins 14 sont attendus ; de même à la demande suivante",
     "el certificado caduca el 2026-11-30, en 5 días; se esperan al menos 14; lo mismo al preguntar de nuevo"},
    {"the certificate ends on 2026-11-26, in 1 day", "das Zertifikat läuft am 2026-11-26 ab, in 1 Tag",
     "le certificat expire le 2026-11-26, dans 1 jour", "el certificado caduca el 2026-11-26, en 1 día"},
    {"the certificate of \"R3\" ended on 2026-11-26", "das Zertifikat von \"R3\" lief am 2026-11-26 ab",
     "le certificat de \"R3\" a expiré le 2026-11-26", "el certificado de \"R3\" caducó el 2026-11-26"},
    {"the certificate is not for shop.example but for other.example",
     "das Zertifikat ist nicht für shop.example, sondern für other.example",
     "le certificat n'est pas pour shop.example mais pour other.example",
     "el certificado no es para shop.example sino para other.example"},
    {"the page broke off after 1 byte", "die Seite brach nach 1 Byte ab", "la page s'est interrompue après 1 octet",
     "la página se cortó tras 1 byte"},
    {"the page has 0 bytes, expected at least 1,000", "die Seite hat 0 Byte, erwartet mindestens 1.000",
     "la page a 0 octet, attendu au moins 1 000", "la página tiene 0 bytes, se esperaban al menos 1.000"},
    {"no whole answer within 3 s: 1 byte came, then no end",
     "keine ganze Antwort innerhalb von 3 s: nur 1 Byte, dann kein Ende",
     "pas de réponse complète en 3 s : reçu 1 octet, puis pas de fin",
     "sin respuesta completa en 3 s: solo 1 byte, y luego ningún final"},
    {"the page is written in \"klingon\", which is not known",
     "die Seite ist in \"klingon\" geschrieben, das unbekannt ist",
     "la page est écrite en \"klingon\", qui n'est pas connu",
     "la página está escrita en \"klingon\", que no se conoce"},
    {"there is no name shop.example", "den Namen shop.example gibt es nicht", "le nom shop.example n'existe pas",
     "el nombre shop.example no existe"},
    {"no heartbeat for 3 days, expected every 24 h", "kein Lebenszeichen seit 3 Tagen, erwartet im Abstand von 24 h",
     "aucun signe de vie depuis 3 jours, attendu toutes les 24 h",
     "sin señal de vida desde hace 3 días, se esperaba cada 24 h"},
    {"good over IPv6 (::1); before that: no answer within 3 s",
     "in Ordnung über IPv6 (::1); davor: keine Antwort innerhalb von 3 s",
     "bon en IPv6 (::1) ; avant cela : pas de réponse en 3 s", "bien por IPv6 (::1); antes: sin respuesta en 3 s"},
    {"failed in 5 of the last 20 looks: connection refused",
     "bei 5 der letzten 20 Prüfungen fehlgeschlagen: Verbindung abgelehnt",
     "échec de 5 des 20 derniers contrôles : connexion refusée",
     "falló en 5 de las últimas 20 comprobaciones: conexión rechazada"},
    {"none of 2 anchors answers: no answer within 2 s",
     "keiner von 2 Ankern antwortet: keine Antwort innerhalb von 2 s",
     "aucune des 2 ancres ne répond : pas de réponse en 2 s", "ninguna de las 2 anclas responde: sin respuesta en 2 s"},
    {"no TLS with 10.0.0.1:443: error:0A000126:SSL routines::unexpected eof",
     "kein TLS mit 10.0.0.1:443: error:0A000126:SSL routines::unexpected eof",
     "pas de TLS avec 10.0.0.1:443 : error:0A000126:SSL routines::unexpected eof",
     "sin TLS con 10.0.0.1:443: error:0A000126:SSL routines::unexpected eof"},
};

TEST(Reasons, AreSaidInTheLanguage) {
  for (const Case& each : cases) {
    EXPECT_EQ(reason_in(each.english, Language::en), each.english);
    EXPECT_EQ(reason_in(each.english, Language::de), each.german);
    EXPECT_EQ(reason_in(each.english, Language::fr), each.french);
    EXPECT_EQ(reason_in(each.english, Language::es), each.spanish);
  }
}

TEST(Reasons, WhatIsNotKnownStaysAsItIs) {
  for (const char* text : {"", "Wartungsarbeiten", "a: b: c", ": ", "status", "no answer within soon", "{0}",
                           "; the same ", "stock: {1:s}"}) {
    for (const Language language : {Language::de, Language::fr, Language::es})
      EXPECT_EQ(reason_in(text, language), text);
  }
}

// Whatever a server says, in however many pieces that look like sentences.
TEST(Reasons, AreBounded) {
  for (const char* piece : {"a; b: ", "good ; before that: ", "; the same ", "no connection to : ", ": "}) {
    std::string text;
    while (text.size() < 1000) text += piece;
    for (const Language language : {Language::de, Language::fr, Language::es}) {
      EXPECT_LT(reason_in(text, language).size(), 4 * text.size());
    }
  }
}

}  // namespace
}  // namespace tenfold::oncall
