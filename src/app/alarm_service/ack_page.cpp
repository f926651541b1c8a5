#include "app/alarm_service/ack_page.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text/markup.hpp"
#include "oncall/people/local_time.hpp"
#include "oncall/words/phrases.hpp"
#include "oncall/words/reasons.hpp"
#include "oncall/words/when.hpp"

namespace tenfold::app {
namespace {

using oncall::Alert;
using oncall::Language;

constexpr std::size_t most_listed = 50;
constexpr std::string_view take_over = "take_over=1";

// {0} is the alert's number, a person's name, a time or a count; {1} a time.
struct Words {
  std::string_view alert, drill;
  std::string_view since, and_more;
  std::string_view ringing, silenced, settling, resting;
  std::string_view yours, anothers;  // {0} who (of another), and since when
  std::string_view take, take_drill, take_over;
  std::string_view taken, taken_detail;  // {0} who, {1} the number
  std::string_view over, over_detail;
  std::string_view expired, expired_detail;
  std::string_view not_ours, not_ours_detail;
};

constexpr Words english{"Alert {0}",
                        "Drill {0}",
                        "since {0}",
                        "and {0} more",
                        "it rings, and nobody has it yet",
                        "it is silenced for now",
                        "all is well again, it is nearly over",
                        "it is in maintenance: nobody is called until that is over",
                        "you have it, since {0}",
                        "{0} has it, since {1}",
                        "I take care of it",
                        "I have received it",
                        "I take it over from them",
                        "Thank you, {0}",
                        "Alert {1} is yours.",
                        "This alert is over",
                        "Nothing is left to do.",
                        "This link has expired",
                        "Links are good for 24 hours. If the alert is still open, a newer message has a newer one.",
                        "This link is not good",
                        "It is not from here, or a part of it is missing: copy all of it."};

constexpr Words german{"Alarm {0}",
                       "Probealarm {0}",
                       "seit {0}",
                       "und {0} weitere",
                       "es klingelt, noch hat ihn niemand",
                       "er ist vorerst stummgeschaltet",
                       "alles ist wieder gut, er ist fast vorbei",
                       "er ist in Wartung: bis zu deren Ende wird niemand angerufen",
                       "Sie haben ihn, seit {0}",
                       "{0} hat ihn, seit {1}",
                       "Ich kümmere mich darum",
                       "Ich habe ihn erhalten",
                       "Ich übernehme ihn",
                       "Danke, {0}",
                       "Alarm {1} ist Ihrer.",
                       "Dieser Alarm ist vorbei",
                       "Es ist nichts mehr zu tun.",
                       "Dieser Link ist abgelaufen",
                       "Links gelten 24 Stunden. Ist der Alarm noch offen, steht in einer neueren Nachricht ein neuer.",
                       "Dieser Link gilt nicht",
                       "Er ist nicht von hier, oder ein Teil fehlt: kopieren Sie ihn ganz."};

constexpr Words french{
    "Alerte {0}",
    "Exercice {0}",
    "depuis {0}",
    "et {0} de plus",
    "elle sonne, personne ne l'a encore prise",
    "elle est en sourdine pour l'instant",
    "tout va bien de nouveau, elle est presque terminée",
    "elle est en maintenance : personne n'est appelé jusqu'à la fin",
    "vous l'avez prise, depuis {0}",
    "{0} l'a prise, depuis {1}",
    "Je m'en occupe",
    "Je l'ai reçue",
    "Je prends la relève",
    "Merci, {0}",
    "L'alerte {1} est à vous.",
    "Cette alerte est terminée",
    "Il n'y a plus rien à faire.",
    "Ce lien a expiré",
    "Un lien est valable 24 heures. Si l'alerte est encore ouverte, un message plus récent en contient un nouveau.",
    "Ce lien n'est pas valable",
    "Il ne vient pas d'ici, ou il en manque une partie : copiez-le en entier."};

constexpr Words spanish{"Alerta {0}",
                        "Simulacro {0}",
                        "desde {0}",
                        "y {0} más",
                        "está sonando, nadie la ha tomado aún",
                        "está silenciada por ahora",
                        "todo vuelve a estar bien, casi ha terminado",
                        "está en mantenimiento: no se llama a nadie hasta que termine",
                        "usted la tiene, desde {0}",
                        "{0} la tiene, desde {1}",
                        "Yo me encargo",
                        "La he recibido",
                        "Tomo el relevo",
                        "Gracias, {0}",
                        "La alerta {1} es suya.",
                        "Esta alerta ha terminado",
                        "No queda nada por hacer.",
                        "Este enlace ha caducado",
                        "Un enlace vale 24 horas. Si la alerta sigue abierta, un mensaje más reciente trae otro.",
                        "Este enlace no es válido",
                        "No es de aquí, o le falta una parte: cópielo entero."};

const Words& words_in(Language language) {
  switch (language) {
    case Language::en: return english;
    case Language::de: return german;
    case Language::fr: return french;
    case Language::es: return spanish;
  }
  return english;
}

// Values are escaped before they are filled in.
template <class... Values>
std::string filled(std::string_view sentence, const Values&... values) {
  return fmt::format(fmt::runtime(sentence), values...);
}

Language language_for(const oncall::Plan& plan, std::string_view who) {
  if (const oncall::Person* person = oncall::find_person(plan, who)) return person->language;
  if (const oncall::OutsideParty* party = oncall::find_outside_party(plan, who)) return oncall::spoken_to(plan, *party);
  return oncall::main_language(plan);
}

std::string page(std::string_view shop, Language language, std::string_view title, const std::string& body) {
  return fmt::format(
      "<!doctype html>\n<html lang=\"{3}\"><head><meta charset=\"utf-8\"><title>{0}: {1}</title>"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
      "<meta name=\"robots\" content=\"noindex\"><link rel=\"stylesheet\" href=\"/console.css\"></head>\n"
      "<body><header><h1>{0}</h1></header><main>{2}</main></body></html>\n",
      markup_escaped(shop), markup_escaped(title), body, oncall::name(language));
}

// What a check says is "down", and why behind a colon.
std::string reason(std::string_view what, Language language) {
  const oncall::Phrases& phrases = oncall::phrases(language);
  constexpr std::string_view down = "down: ";
  if (what == "down") return std::string(phrases.down);
  if (!what.starts_with(down)) return oncall::reason_in(what, language);
  return fmt::format("{}{}{}", phrases.down, phrases.colon, oncall::reason_in(what.substr(down.size()), language));
}

std::string troubles(const Alert& alert, const Words& words, Language language, const absl::TimeZone& zone) {
  std::string list;
  for (std::size_t i = 0; i < std::min(alert.troubles.size(), most_listed); ++i) {
    const oncall::Trouble& trouble = alert.troubles[i];
    list += fmt::format("<li><strong>{}</strong> {} <span class=\"quiet\">{}</span></li>",
                        markup_escaped(trouble.source), markup_escaped(reason(trouble.what, language)),
                        filled(words.since, markup_escaped(oncall::written_when(language, zone, trouble.since))));
  }
  if (alert.troubles.size() > most_listed) {
    list += fmt::format("<li>{}</li>", filled(words.and_more, alert.troubles.size() - most_listed));
  }
  return list;
}

std::string state_of(const Alert& alert, const Visitor& visitor, const Words& words, const std::string& since) {
  if (visitor.holder) {
    return visitor.holder->by == visitor.who ? filled(words.yours, since)
                                             : filled(words.anothers, markup_escaped(visitor.holder->by), since);
  }
  switch (alert.state) {
    case Alert::State::silenced: return std::string(words.silenced);
    case Alert::State::settling: return std::string(words.settling);
    case Alert::State::resting: return std::string(words.resting);
    case Alert::State::over: return std::string(words.over);
    case Alert::State::ringing:
    case Alert::State::acknowledged: return std::string(words.ringing);
  }
  return {};
}

}  // namespace

std::string acknowledge_page(const oncall::Plan& plan, const oncall::AlertView& view, const Visitor& visitor) {
  const Alert& alert = view.alert;
  const Language language = language_for(plan, visitor.who);
  const Words& words = words_in(language);
  const auto zone = oncall::zone_of(plan.time_zone);
  const bool drill = alert.kind == Alert::Kind::drill;
  const bool is_anothers = visitor.holder && visitor.holder->by != visitor.who;
  const std::string since =
      visitor.holder ? markup_escaped(oncall::written_when(language, zone, visitor.holder->since)) : std::string();
  const std::string title = filled(drill ? words.drill : words.alert, alert.id);
  const std::string hidden = is_anothers ? "<input type=\"hidden\" name=\"take_over\" value=\"1\">" : std::string();
  return page(plan.shop, language, title,
              fmt::format("<div class=\"headline {}\"><strong>{}</strong><span>{}</span></div><ul>{}</ul>"
                          "<form method=\"post\">{}<button>{}</button></form>",
                          visitor.holder ? "unknown" : "bad", title, state_of(alert, visitor, words, since),
                          troubles(alert, words, language, zone), hidden,
                          is_anothers ? words.take_over
                          : drill     ? words.take_drill
                                      : words.take));
}

std::string acknowledge_answer(const oncall::Plan& plan, std::string_view who, std::int64_t alert,
                               LinkOutcome outcome) {
  const Language language = language_for(plan, who);
  const Words& words = words_in(language);
  std::string_view head;
  std::string_view detail;
  switch (outcome) {
    case LinkOutcome::taken: head = words.taken, detail = words.taken_detail; break;
    case LinkOutcome::over: head = words.over, detail = words.over_detail; break;
    case LinkOutcome::expired: head = words.expired, detail = words.expired_detail; break;
    case LinkOutcome::not_ours: head = words.not_ours, detail = words.not_ours_detail; break;
  }
  const std::string name = markup_escaped(who);
  return page(plan.shop, language, filled(head, who, alert),
              fmt::format("<div class=\"headline unknown\"><strong>{}</strong><span>{}</span></div>",
                          filled(head, name, alert), filled(detail, name, alert)));
}

bool takes_over(std::string_view form) {
  while (!form.empty()) {
    const std::string_view field = form.substr(0, form.find('&'));
    if (field == take_over) return true;
    form.remove_prefix(std::min(form.size(), field.size() + 1));
  }
  return false;
}

}  // namespace tenfold::app
