#include "oncall/words/reasons.hpp"

#include <algorithm>
#include <array>

// Each sentence of watch/probe and watch/state with its translations. In all four, {0} to {3} are what is filled in:
// {0:s} is a sentence of this table itself, {0:n} a count, {0:b} a count of bytes with its unit, {0:d} a duration. The
// first row that fits is taken, so that the longer of two that begin alike stands first.
namespace tenfold::oncall {
namespace {

constexpr std::size_t deepest = 4;  // sentences in sentences

struct Row {
  std::string_view english, german, french, spanish;
};

constexpr std::array rows{
    // Of two looks.
    Row{"{0:s}; the same {1:s}", "{0:s}; ebenso {1:s}", "{0:s} ; de même {1:s}", "{0:s}; lo mismo {1:s}"},
    Row{"{0:s}; at least {1} are expected", "{0:s}; mindestens {1} werden erwartet",
        "{0:s} ; au moins {1} sont attendus", "{0:s}; se esperan al menos {1}"},
    Row{"failed in {0} of the last {1} looks: {2:s}", "bei {0} der letzten {1} Prüfungen fehlgeschlagen: {2:s}",
        "échec de {0} des {1} derniers contrôles : {2:s}", "falló en {0} de las últimas {1} comprobaciones: {2:s}"},
    Row{"good {0:s}; before that: {1:s}", "in Ordnung {0:s}; davor: {1:s}", "bon {0:s} ; avant cela : {1:s}",
        "bien {0:s}; antes: {1:s}"},
    Row{"{0:s}; {1:s}: {2:s}", "{0:s}; {1:s}: {2:s}", "{0:s} ; {1:s} : {2:s}", "{0:s}; {1:s}: {2:s}"},
    Row{"again on a fresh connection", "über eine neue Verbindung", "sur une nouvelle connexion",
        "por una conexión nueva"},
    Row{"by another path", "auf anderem Weg", "par un autre chemin", "por otro camino"},
    Row{"when asked again", "bei erneuter Anfrage", "à la demande suivante", "al preguntar de nuevo"},
    Row{"by the resolver {0}", "über den Nameserver {0}", "par le serveur de noms {0}",
        "por el servidor de nombres {0}"},
    Row{"over {0} ({1})", "über {0} ({1})", "en {0} ({1})", "por {0} ({1})"},
    Row{"no heartbeat for {0:d}, expected every {1:d}", "kein Lebenszeichen seit {0:d}, erwartet im Abstand von {1:d}",
        "aucun signe de vie depuis {0:d}, attendu toutes les {1:d}",
        "sin señal de vida desde hace {0:d}, se esperaba cada {1:d}"},
    Row{"the job began {0:d} ago and has not ended", "der Auftrag begann vor {0:d} und ist nicht zu Ende",
        "la tâche a commencé il y a {0:d} et n'est pas finie", "la tarea empezó hace {0:d} y no ha terminado"},
    Row{"the anchor does not answer: {0:s}", "der Anker antwortet nicht: {0:s}", "l'ancre ne répond pas : {0:s}",
        "el ancla no responde: {0:s}"},
    Row{"none of {0} anchors answers: {1:s}", "keiner von {0} Ankern antwortet: {1:s}",
        "aucune des {0} ancres ne répond : {1:s}", "ninguna de las {0} anclas responde: {1:s}"},

    // Answers that are not as they should be.
    Row{"status {0}, expected {1}", "Status {0}, erwartet {1}", "statut {0}, attendu {1}",
        "estado {0}, se esperaba {1}"},
    Row{"the header {0} is missing", "die Kopfzeile {0} fehlt", "l'en-tête {0} manque", "falta la cabecera {0}"},
    Row{"the header {0} is {1}, expected {2}", "die Kopfzeile {0} ist {1}, erwartet {2}",
        "l'en-tête {0} est {1}, attendu {2}", "la cabecera {0} es {1}, se esperaba {2}"},
    Row{"the page is larger than {0:b}", "die Seite ist größer als {0:b}", "la page dépasse {0:b}",
        "la página ocupa más de {0:b}"},
    Row{"the page has {0:b}, expected at least {1:n}", "die Seite hat {0:b}, erwartet mindestens {1:n}",
        "la page a {0:b}, attendu au moins {1:n}", "la página tiene {0:b}, se esperaban al menos {1:n}"},
    Row{"the text {0} is not in the page", "der Text {0} fehlt auf der Seite", "le texte {0} n'est pas dans la page",
        "el texto {0} no está en la página"},
    Row{"the text {0} is in the page, and must not be", "der Text {0} steht auf der Seite und darf es nicht",
        "le texte {0} est dans la page et ne doit pas y être", "el texto {0} está en la página y no debe estar"},
    Row{"nothing in the page matches {0}", "nichts auf der Seite passt zu {0}", "rien dans la page ne correspond à {0}",
        "nada en la página coincide con {0}"},
    Row{"the answer is not JSON", "die Antwort ist kein JSON", "la réponse n'est pas du JSON",
        "la respuesta no es JSON"},
    Row{"the JSON has nothing at {0}", "im JSON steht nichts bei {0}", "le JSON n'a rien à {0}",
        "el JSON no tiene nada en {0}"},
    Row{"the JSON has {0} at {1}, expected {2}", "im JSON steht {0} bei {1}, erwartet {2}",
        "le JSON a {0} à {1}, attendu {2}", "el JSON tiene {0} en {1}, se esperaba {2}"},
    Row{"redirected to {0}, which is not followed", "weitergeleitet nach {0}, dem wird nicht gefolgt",
        "redirigé vers {0}, ce qui n'est pas suivi", "redirigido a {0}, y no se sigue"},
    Row{"more than {0} redirects, the last to {1}", "mehr als {0} Weiterleitungen, die letzte nach {1}",
        "plus de {0} redirections, la dernière vers {1}", "más de {0} redirecciones, la última a {1}"},

    Row{"the page is written in {0}, which is not known", "die Seite ist in {0} geschrieben, das unbekannt ist",
        "la page est écrite en {0}, qui n'est pas connu", "la página está escrita en {0}, que no se conoce"},
    Row{"the page cannot be unpacked: {0}", "die Seite lässt sich nicht entpacken: {0}",
        "la page ne peut pas être décompressée : {0}", "la página no se puede descomprimir: {0}"},

    // No answer.
    Row{"no whole answer within {0:d}: {1:b} came, then no end",
        "keine ganze Antwort innerhalb von {0:d}: nur {1:b}, dann kein Ende",
        "pas de réponse complète en {0:d} : reçu {1:b}, puis pas de fin",
        "sin respuesta completa en {0:d}: solo {1:b}, y luego ningún final"},
    Row{"no answer within {0:d}: {1:s}", "keine Antwort innerhalb von {0:d}: {1:s}", "pas de réponse en {0:d} : {1:s}",
        "sin respuesta en {0:d}: {1:s}"},
    Row{"no answer within {0:d}", "keine Antwort innerhalb von {0:d}", "pas de réponse en {0:d}",
        "sin respuesta en {0:d}"},
    Row{"connected after {0:d}, then silence", "verbunden nach {0:d}, dann Stille",
        "connecté après {0:d}, puis silence", "conectado tras {0:d}, y luego silencio"},
    Row{"connected after {0:d}, then the TLS handshake did not end",
        "verbunden nach {0:d}, dann endete der TLS-Handshake nicht",
        "connecté après {0:d}, puis la négociation TLS n'a pas abouti",
        "conectado tras {0:d}, y luego la negociación TLS no terminó"},
    Row{"no connection to {0}: {1:s}", "keine Verbindung zu {0}: {1:s}", "pas de connexion à {0} : {1:s}",
        "sin conexión con {0}: {1:s}"},
    Row{"no connection to {0}", "keine Verbindung zu {0}", "pas de connexion à {0}", "sin conexión con {0}"},
    Row{"connection refused", "Verbindung abgelehnt", "connexion refusée", "conexión rechazada"},
    Row{"{0} refuses the connection", "{0} lehnt die Verbindung ab", "{0} refuse la connexion",
        "{0} rechaza la conexión"},
    Row{"no way leads to {0}", "kein Weg führt zu {0}", "aucun chemin ne mène à {0}", "ningún camino lleva a {0}"},
    Row{"{0} closed the connection without an answer", "{0} schloss die Verbindung ohne Antwort",
        "{0} a fermé la connexion sans réponse", "{0} cerró la conexión sin responder"},
    Row{"{0} broke the connection off after {1:b} of the page", "{0} brach die Verbindung nach {1:b} der Seite ab",
        "{0} a rompu la connexion après {1:b} de la page", "{0} cortó la conexión tras {1:b} de la página"},
    Row{"the page broke off after {0:b}", "die Seite brach nach {0:b} ab", "la page s'est interrompue après {0:b}",
        "la página se cortó tras {0:b}"},
    Row{"what answers at {0} does not speak HTTP", "was bei {0} antwortet, spricht kein HTTP",
        "ce qui répond à {0} ne parle pas HTTP", "lo que responde en {0} no habla HTTP"},
    Row{"this machine forbids connections to {0}", "diese Maschine verbietet Verbindungen zu {0}",
        "cette machine interdit les connexions à {0}", "esta máquina prohíbe conexiones con {0}"},

    // Names.
    Row{"there is no name {0}", "den Namen {0} gibt es nicht", "le nom {0} n'existe pas", "el nombre {0} no existe"},
    Row{"{0} has no address", "{0} hat keine Adresse", "{0} n'a pas d'adresse", "{0} no tiene dirección"},
    Row{"{0} has no {1} record", "{0} hat keinen {1}-Eintrag", "{0} n'a pas d'enregistrement {1}",
        "{0} no tiene registro {1}"},
    Row{"the {0} record of {1} is {2}; {3} is missing", "der {0}-Eintrag von {1} ist {2}; {3} fehlt",
        "l'enregistrement {0} de {1} est {2} ; {3} manque", "el registro {0} de {1} es {2}; falta {3}"},
    Row{"no name server answered for {0}", "kein Nameserver antwortete für {0}",
        "aucun serveur de noms n'a répondu pour {0}", "ningún servidor de nombres respondió por {0}"},
    Row{"no name server answers for {0}", "kein Nameserver antwortet für {0}",
        "aucun serveur de noms ne répond pour {0}", "ningún servidor de nombres responde por {0}"},
    Row{"the name servers refuse or fail to answer for {0}", "die Nameserver antworten nicht für {0}",
        "les serveurs de noms ne répondent pas pour {0}", "los servidores de nombres no responden por {0}"},
    Row{"the name server cannot answer for {0} (SERVFAIL)", "der Nameserver kann für {0} nicht antworten (SERVFAIL)",
        "le serveur de noms ne peut pas répondre pour {0} (SERVFAIL)",
        "el servidor de nombres no puede responder por {0} (SERVFAIL)"},
    Row{"the name server refuses to answer for {0}", "der Nameserver lehnt eine Antwort für {0} ab",
        "le serveur de noms refuse de répondre pour {0}", "el servidor de nombres se niega a responder por {0}"},

    // Certificates.
    Row{"{0} shows no certificate", "{0} zeigt kein Zertifikat", "{0} ne montre aucun certificat",
        "{0} no muestra ningún certificado"},
    Row{"no TLS with {0}: {1:s}", "kein TLS mit {0}: {1:s}", "pas de TLS avec {0} : {1:s}", "sin TLS con {0}: {1:s}"},
    Row{"the connection was closed in the handshake", "die Verbindung wurde im Handshake geschlossen",
        "la connexion a été fermée pendant la négociation", "la conexión se cerró durante la negociación"},
    Row{"the certificate is signed by itself: no browser trusts it",
        "das Zertifikat ist von sich selbst signiert: kein Browser vertraut ihm",
        "le certificat est signé par lui-même : aucun navigateur ne lui fait confiance",
        "el certificado está firmado por sí mismo: ningún navegador confía en él"},
    Row{"the certificate is not for {0} but for {1}", "das Zertifikat ist nicht für {0}, sondern für {1}",
        "le certificat n'est pas pour {0} mais pour {1}", "el certificado no es para {0} sino para {1}"},
    Row{"the certificate of {0} cannot be trusted", "dem Zertifikat von {0} ist nicht zu trauen",
        "le certificat de {0} n'est pas digne de confiance", "el certificado de {0} no es de confianza"},
    Row{"the chain ends at {0}, which is not trusted", "die Kette endet bei {0}, dem nicht vertraut wird",
        "la chaîne finit à {0}, qui n'est pas de confiance", "la cadena termina en {0}, que no es de confianza"},
    Row{"the certificate's chain is incomplete or not trusted: {0} is signed by {1}, which is not known",
        "die Zertifikatskette ist unvollständig oder nicht vertrauenswürdig: {0} ist von {1} signiert, das unbekannt "
        "ist",
        "la chaîne du certificat est incomplète ou n'est pas de confiance : {0} est signé par {1}, qui n'est pas connu",
        "la cadena del certificado está incompleta o no es de confianza: {0} está firmado por {1}, desconocido"},
    Row{"{0:s} ended on {1}", "{0:s} lief am {1} ab", "{0:s} a expiré le {1}", "{0:s} caducó el {1}"},
    Row{"{0:s} ends on {1}, in {2:n} days", "{0:s} läuft am {1} ab, in {2:n} Tagen",
        "{0:s} expire le {1}, dans {2:n} jours", "{0:s} caduca el {1}, en {2:n} días"},
    Row{"{0:s} ends on {1}, in 1 day", "{0:s} läuft am {1} ab, in 1 Tag", "{0:s} expire le {1}, dans 1 jour",
        "{0:s} caduca el {1}, en 1 día"},
    Row{"the certificate of {0}", "das Zertifikat von {0}", "le certificat de {0}", "el certificado de {0}"},
    Row{"the certificate", "das Zertifikat", "le certificat", "el certificado"},
};

std::string_view of(const Row& row, Language language) {
  switch (language) {
    case Language::de: return row.german;
    case Language::fr: return row.french;
    case Language::es: return row.spanish;
    case Language::en: break;
  }
  return row.english;
}

struct Slot {
  std::size_t number = 0;
  char kind = ' ';         // 's', 'n', 'b', 'd'; blank: stays as it is
  std::size_t length = 0;  // of "{0:s}"
};

Slot slot_at(std::string_view pattern) {  // it begins with '{'
  const std::size_t end = pattern.find('}');
  return {static_cast<std::size_t>(pattern[1] - '0'), end == 4 ? pattern[3] : ' ', end + 1};
}

bool is_count(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789,") == std::string_view::npos;
}

bool is_duration(std::string_view text) {
  const std::size_t unit = text.find(' ');
  return unit != std::string_view::npos && text.find_first_not_of("0123456789.") == unit;
}

// "1 byte", "8,388,608 bytes"
bool is_bytes(std::string_view text) {
  const std::size_t unit = text.find(' ');
  return unit != std::string_view::npos && is_count(text.substr(0, unit)) &&
         (text.substr(unit) == " byte" || text.substr(unit) == " bytes");
}

bool fits(char kind, std::string_view text) {
  if (kind == 'n') return is_count(text);
  if (kind == 'b') return is_bytes(text);
  if (kind == 'd') return is_duration(text);
  return !text.empty();
}

using Values = std::array<std::string_view, 4>;

// What fills the slots, each as short as it can be; nothing: the text is not that sentence.
bool matched(std::string_view pattern, std::string_view text, Values& values) {
  const std::size_t at = pattern.find('{');
  if (at == std::string_view::npos) return pattern == text;
  if (!text.starts_with(pattern.substr(0, at))) return false;
  text.remove_prefix(at);
  const Slot slot = slot_at(pattern.substr(at));
  pattern.remove_prefix(at + slot.length);
  const std::string_view next = pattern.substr(0, pattern.find('{'));
  if (next.empty()) {
    values[slot.number] = text;
    return fits(slot.kind, text);
  }
  for (std::size_t end = text.find(next); end != std::string_view::npos; end = text.find(next, end + 1)) {
    values[slot.number] = text.substr(0, end);
    if (fits(slot.kind, values[slot.number]) && matched(pattern, text.substr(end), values)) return true;
  }
  return false;
}

std::string_view days_in(Language language) {
  switch (language) {
    case Language::de: return "Tagen";  // always behind a preposition that takes the dative
    case Language::fr: return "jours";
    case Language::es: return "días";
    case Language::en: break;
  }
  return "days";
}

// "8,388,608" and "1.5 s" with the language's marks.
std::string localized(std::string_view text, Language language) {
  std::string out;
  for (const char c : text.substr(0, text.find(" days"))) {
    if (c == '.') {
      out += ',';
    } else if (c == ',') {
      out += language == Language::fr ? ' ' : '.';
    } else {
      out += c;
    }
  }
  if (text.ends_with(" days")) out.append(" ").append(days_in(language));
  return out;
}

std::string bytes_in(std::string_view text, Language language) {
  const std::string_view number = text.substr(0, text.find(' '));
  const bool is_one = number == "1" || (language == Language::fr && number == "0");
  const std::string_view unit = language == Language::de   ? "Byte"
                                : language == Language::fr ? (is_one ? "octet" : "octets")
                                                           : (is_one ? "byte" : "bytes");
  return localized(number, language).append(" ").append(unit);
}

std::string translated(std::string_view text, Language language, std::size_t depth);

std::string filled(std::string_view pattern, const Values& values, Language language, std::size_t depth) {
  std::string out;
  while (!pattern.empty()) {
    if (pattern.front() != '{') {
      const std::size_t end = std::min(pattern.find('{'), pattern.size());
      out += pattern.substr(0, end);
      pattern.remove_prefix(end);
      continue;
    }
    const Slot slot = slot_at(pattern);
    const std::string_view value = values[slot.number];
    if (slot.kind == 's') {
      out += translated(value, language, depth + 1);
    } else if (slot.kind == 'b') {
      out += bytes_in(value, language);
    } else if (slot.kind == 'n' || slot.kind == 'd') {
      out += localized(value, language);
    } else {
      out += value;
    }
    pattern.remove_prefix(slot.length);
  }
  return out;
}

std::string translated(std::string_view text, Language language, std::size_t depth) {
  if (depth >= deepest) return std::string(text);
  for (const Row& row : rows) {
    Values values;
    if (matched(row.english, text, values)) return filled(of(row, language), values, language, depth);
  }
  // A journey's step stands before what it says: "basket: status 500, expected 200".
  const std::size_t colon = text.find(": ");
  if (colon == std::string_view::npos) return std::string(text);
  const std::string rest = translated(text.substr(colon + 2), language, depth + 1);
  if (rest == text.substr(colon + 2)) return std::string(text);
  return std::string(text.substr(0, colon)) + (language == Language::fr ? " : " : ": ") + rest;
}

}  // namespace

std::string_view without_second_look(std::string_view what) {
  constexpr std::string_view begin = "; the same ";
  const std::size_t at = what.rfind(begin);
  if (at == std::string_view::npos) return what;
  const std::string_view way = what.substr(at + begin.size());
  const bool is_one = std::ranges::any_of(std::array<std::string_view, 4>{"again on ", "by ", "when asked ", "over "},
                                          [&](std::string_view word) { return way.starts_with(word); });
  return is_one ? what.substr(0, at) : what;
}

std::string reason_in(std::string_view what, Language language) {
  return language == Language::en ? std::string(what) : translated(what, language, 0);
}

}  // namespace tenfold::oncall
