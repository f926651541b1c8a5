#include "oncall/channels/act_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string_view>

#include "oncall/plain_text.hpp"

namespace tenfold::oncall::channels {
namespace {

using ActKind = ActOutcome::Kind;

struct Sentences {
  std::string_view taken, taken_already;
  std::string_view taken_by_another;  // {0} who has it
  std::string_view theirs_if_it_comes_back, nothing_is_wrong, nobody_is_rung;
  std::string_view next_is_called, next_is_written_to;
  std::string_view nobody_is_left_for_a_minute;
  std::string_view nobody_is_left;  // {0} minutes
  std::string_view passed_on_already;
  std::string_view drill_passed, drill_goes_on, drill_fails;
  std::string_view party_notes, party_is_noted, party_declines;
  std::string_view over;
  std::string_view in_memory;  // behind what changes something, while the disk cannot be written
  std::string_view heard;
  std::string_view goodbye;
};

constexpr Sentences said_in_english{
    .taken = "Thank you. The alert is yours now. Nobody else will be called for it.",
    .taken_already = "The alert is yours already. Nobody else will be called for it.",
    .taken_by_another = "{0} has taken this alert already. There is nothing for you to do.",
    .theirs_if_it_comes_back =
        "Thank you. Nothing is wrong any more at the moment. If it comes back soon, it is yours.",
    .nothing_is_wrong = "Nothing is wrong any more at the moment. If it comes back soon, it rings again.",
    .nobody_is_rung = "Nobody is called for this alert at the moment: it is silenced, or in maintenance.",
    .next_is_called = "All right. The next person is told now, by phone.",
    .next_is_written_to = "All right. The next person is written to now. Nobody else is called.",
    .nobody_is_left_for_a_minute = "All right. Nobody further is called now. It goes on within a minute.",
    .nobody_is_left = "All right. Nobody further is called now. It goes on in {0} minutes.",
    .passed_on_already = "You have passed this alert on already. It goes on with the others.",
    .drill_passed = "Thank you. The drill is passed. Nobody else will be called for it.",
    .drill_goes_on = "All right. The drill goes on with the next person.",
    .drill_fails = "All right. Nobody else is left to call. Unless somebody still answers, the drill has failed.",
    .party_notes =
        "Thank you. We note that you are looking into it, and do not call you again about it. The shop's own "
        "people go on being called.",
    .party_is_noted = "Thank you. We note that you are looking into it, and do not call you again about it.",
    .party_declines = "Thank you. We note that you cannot help, and go on calling the shop's own people.",
    .over = "This is over already. There is nothing to do.",
    .in_memory = "Your answer could not be written to the disk. If the program restarts, you may be called again.",
    .heard = "Thank you. Your key was heard.",
    .goodbye = "Goodbye.",
};

constexpr Sentences said_in_german{
    .taken = "Danke. Der Alarm gehört jetzt Ihnen. Es wird niemand sonst deswegen angerufen.",
    .taken_already = "Der Alarm gehört schon Ihnen. Es wird niemand sonst deswegen angerufen.",
    .taken_by_another = "{0} hat diesen Alarm schon übernommen. Sie müssen nichts tun.",
    .theirs_if_it_comes_back =
        "Danke. Im Augenblick ist alles wieder in Ordnung. Kommt es bald zurück, gehört es Ihnen.",
    .nothing_is_wrong = "Im Augenblick ist alles wieder in Ordnung. Kommt es bald zurück, klingelt es wieder.",
    .nobody_is_rung =
        "Wegen dieses Alarms wird im Augenblick niemand angerufen: er ist stummgeschaltet oder in Wartung.",
    .next_is_called = "In Ordnung. Die nächste Person erfährt es jetzt, am Telefon.",
    .next_is_written_to = "In Ordnung. Der nächsten Person wird jetzt geschrieben. Angerufen wird niemand sonst.",
    .nobody_is_left_for_a_minute =
        "In Ordnung. Jetzt wird niemand weiter angerufen. Es geht in weniger als einer Minute weiter.",
    .nobody_is_left = "In Ordnung. Jetzt wird niemand weiter angerufen. Es geht in {0} Minuten weiter.",
    .passed_on_already = "Sie haben diesen Alarm schon weitergegeben. Es geht mit den anderen weiter.",
    .drill_passed = "Danke. Die Übung ist bestanden. Es wird niemand sonst deswegen angerufen.",
    .drill_goes_on = "In Ordnung. Die Übung geht mit der nächsten Person weiter.",
    .drill_fails =
        "In Ordnung. Es ist niemand sonst anzurufen. Wenn niemand mehr antwortet, ist die Übung "
        "nicht bestanden.",
    .party_notes =
        "Danke. Wir halten fest, dass Sie sich darum kümmern, und rufen Sie deswegen nicht wieder an. Die "
        "Leute des Shops werden weiter angerufen.",
    .party_is_noted = "Danke. Wir halten fest, dass Sie sich darum kümmern, und rufen Sie deswegen nicht wieder an.",
    .party_declines = "Danke. Wir halten fest, dass Sie nicht helfen können, und rufen weiter die Leute des Shops an.",
    .over = "Es ist schon vorbei. Es gibt nichts zu tun.",
    .in_memory =
        "Ihre Antwort konnte nicht gespeichert werden. Startet das Programm neu, werden Sie vielleicht noch "
        "einmal angerufen.",
    .heard = "Danke. Ihre Taste wurde gehört.",
    .goodbye = "Auf Wiederhören.",
};

constexpr Sentences said_in_french{
    .taken = "Merci. L'alerte est maintenant à vous. Personne d'autre ne sera appelé.",
    .taken_already = "L'alerte est déjà à vous. Personne d'autre ne sera appelé.",
    .taken_by_another = "{0} a déjà pris cette alerte. Vous n'avez rien à faire.",
    .theirs_if_it_comes_back = "Merci. Tout va de nouveau bien pour l'instant. Si cela revient bientôt, c'est à vous.",
    .nothing_is_wrong = "Tout va de nouveau bien pour l'instant. Si cela revient bientôt, cela sonnera encore.",
    .nobody_is_rung = "Personne n'est appelé pour cette alerte en ce moment : elle est en sourdine, ou en maintenance.",
    .next_is_called = "D'accord. La personne suivante est prévenue maintenant, par téléphone.",
    .next_is_written_to = "D'accord. On écrit maintenant à la personne suivante. Personne d'autre n'est appelé.",
    .nobody_is_left_for_a_minute =
        "D'accord. Personne d'autre n'est appelé maintenant. Cela continue dans moins d'une minute.",
    .nobody_is_left = "D'accord. Personne d'autre n'est appelé maintenant. Cela continue dans {0} minutes.",
    .passed_on_already = "Vous avez déjà transmis cette alerte. Elle continue avec les autres.",
    .drill_passed = "Merci. L'exercice est réussi. Personne d'autre ne sera appelé.",
    .drill_goes_on = "D'accord. L'exercice continue avec la personne suivante.",
    .drill_fails = "D'accord. Il n'y a plus personne à appeler. Si personne ne répond encore, l'exercice a échoué.",
    .party_notes =
        "Merci. Nous notons que vous vous en occupez, et ne vous rappelons pas à ce sujet. Les "
        "personnes de la boutique continuent d'être appelées.",
    .party_is_noted = "Merci. Nous notons que vous vous en occupez, et ne vous rappelons pas à ce sujet.",
    .party_declines =
        "Merci. Nous notons que vous ne pouvez pas aider, et continuons d'appeler les personnes de la "
        "boutique.",
    .over = "C'est déjà terminé. Il n'y a rien à faire.",
    .in_memory = "Votre réponse n'a pas pu être enregistrée. Si le programme redémarre, vous serez peut-être rappelé.",
    .heard = "Merci. Votre touche a été entendue.",
    .goodbye = "Au revoir.",
};

constexpr Sentences said_in_spanish{
    .taken = "Gracias. La alerta es suya ahora. No se llamará a nadie más por ella.",
    .taken_already = "La alerta ya es suya. No se llamará a nadie más por ella.",
    .taken_by_another = "{0} ya se ocupa de esta alerta. Usted no tiene que hacer nada.",
    .theirs_if_it_comes_back = "Gracias. Por ahora todo vuelve a estar bien. Si vuelve pronto, es suya.",
    .nothing_is_wrong = "Por ahora todo vuelve a estar bien. Si vuelve pronto, sonará otra vez.",
    .nobody_is_rung = "Por ahora no se llama a nadie por esta alerta: está silenciada, o en mantenimiento.",
    .next_is_called = "De acuerdo. Se avisa ahora a la siguiente persona, por teléfono.",
    .next_is_written_to = "De acuerdo. Se escribe ahora a la siguiente persona. No se llama a nadie más.",
    .nobody_is_left_for_a_minute = "De acuerdo. Ahora no se llama a nadie más. Sigue en menos de un minuto.",
    .nobody_is_left = "De acuerdo. Ahora no se llama a nadie más. Sigue en {0} minutos.",
    .passed_on_already = "Ya ha pasado esta alerta. Sigue con los demás.",
    .drill_passed = "Gracias. El simulacro está superado. No se llamará a nadie más por él.",
    .drill_goes_on = "De acuerdo. El simulacro sigue con la siguiente persona.",
    .drill_fails = "De acuerdo. No queda nadie más a quien llamar. Si nadie responde ya, el simulacro no se supera.",
    .party_notes =
        "Gracias. Anotamos que se ocupan de ello, y no les llamamos otra vez por esto. Se sigue llamando al "
        "personal de la tienda.",
    .party_is_noted = "Gracias. Anotamos que se ocupan de ello, y no les llamamos otra vez por esto.",
    .party_declines = "Gracias. Anotamos que no pueden ayudar, y seguimos llamando al personal de la tienda.",
    .over = "Ya ha terminado. No hay nada que hacer.",
    .in_memory = "Su respuesta no se ha podido guardar. Si el programa se reinicia, quizá se le llame otra vez.",
    .heard = "Gracias. Se ha oído su tecla.",
    .goodbye = "Adiós.",
};

const Sentences& sentences(Language language) {
  switch (language) {
    case Language::de: return said_in_german;
    case Language::fr: return said_in_french;
    case Language::es: return said_in_spanish;
    case Language::en: break;
  }
  return said_in_english;
}

std::string nobody_is_left(const Sentences& words, Duration again_in) {
  const auto minutes = std::chrono::ceil<std::chrono::minutes>(again_in).count();
  if (minutes <= 1) return std::string(words.nobody_is_left_for_a_minute);
  return fmt::format(fmt::runtime(words.nobody_is_left), minutes);
}

std::string said(const Sentences& words, const ActOutcome& outcome) {
  switch (outcome.kind) {
    case ActKind::taken: return std::string(words.taken);
    case ActKind::taken_already: return std::string(words.taken_already);
    case ActKind::taken_by_another: return fmt::format(fmt::runtime(words.taken_by_another), plain(outcome.by, 80));
    case ActKind::theirs_if_it_comes_back: return std::string(words.theirs_if_it_comes_back);
    case ActKind::nothing_is_wrong: return std::string(words.nothing_is_wrong);
    case ActKind::nobody_is_rung: return std::string(words.nobody_is_rung);
    case ActKind::next_is_called: return std::string(words.next_is_called);
    case ActKind::next_is_written_to: return std::string(words.next_is_written_to);
    case ActKind::nobody_is_left: return nobody_is_left(words, outcome.again_in);
    case ActKind::passed_on_already: return std::string(words.passed_on_already);
    case ActKind::drill_passed: return std::string(words.drill_passed);
    case ActKind::drill_goes_on: return std::string(words.drill_goes_on);
    case ActKind::drill_fails: return std::string(words.drill_fails);
    case ActKind::party_notes: return std::string(words.party_notes);
    case ActKind::party_is_noted: return std::string(words.party_is_noted);
    case ActKind::party_declines: return std::string(words.party_declines);
    case ActKind::over: break;
  }
  return std::string(words.over);
}

bool changes_something(ActKind kind) {
  switch (kind) {
    case ActKind::taken:
    case ActKind::taken_already:
    case ActKind::theirs_if_it_comes_back:
    case ActKind::next_is_called:
    case ActKind::next_is_written_to:
    case ActKind::nobody_is_left:
    case ActKind::party_notes:
    case ActKind::party_is_noted:
    case ActKind::party_declines: return true;
    default: return false;
  }
}

}  // namespace

std::string act_words(const ActOutcome& outcome, Language language) {
  const Sentences& words = sentences(language);
  const bool may_be_lost = outcome.kept == ActOutcome::Kept::in_memory && changes_something(outcome.kind);
  std::string text = said(words, outcome);
  if (may_be_lost) text.append(" ").append(words.in_memory);
  return text.append(" ").append(words.goodbye);
}

std::string key_was_heard(Language language) {
  const Sentences& words = sentences(language);
  return std::string(words.heard).append(" ").append(words.goodbye);
}

}  // namespace tenfold::oncall::channels
