#include "oncall/channels/phrases.hpp"

namespace tenfold::oncall::channels {
namespace {

constexpr Phrases english{
    .not_understood = "That key does nothing here. Once more.",
    .goodbye = "No key was pressed, so the alert goes on. Goodbye.",
    .goodbye_drill = "No key was pressed, so the drill goes on. Goodbye.",
    .goodbye_over = "Goodbye.",
    .only_keys =
        "There is an alert from your shop. Its words are in the text message or mail. Press {0} to acknowledge, {1} "
        "for "
        "the next person.",
    .no_digits_here =
        "This call cannot hear keys. To acknowledge, open the link in the text message or mail, or the "
        "console of Tenfold.",
    .acknowledge_label = "Acknowledge",
    .escalate_label = "Next person",
};

constexpr Phrases german{
    .not_understood = "Diese Taste hat hier keine Bedeutung. Noch einmal.",
    .goodbye = "Es wurde keine Taste gedrückt, der Alarm läuft also weiter. Auf Wiederhören.",
    .goodbye_drill = "Es wurde keine Taste gedrückt, die Übung geht also weiter. Auf Wiederhören.",
    .goodbye_over = "Auf Wiederhören.",
    .only_keys =
        "Ihr Shop meldet einen Alarm. Was geschehen ist, steht in der Kurznachricht oder Mail. Drücken Sie {0} zum "
        "Bestätigen, {1} für die nächste Person.",
    .no_digits_here =
        "Dieser Anruf kann keine Tasten hören. Zum Bestätigen öffnen Sie den Link in der Kurznachricht oder "
        "Mail, oder die Konsole von Tenfold.",
    .acknowledge_label = "Bestätigen",
    .escalate_label = "Nächste Person",
};

constexpr Phrases french{
    .not_understood = "Cette touche n'a pas d'effet ici. Encore une fois.",
    .goodbye = "Aucune touche n'a été pressée, l'alerte continue donc. Au revoir.",
    .goodbye_drill = "Aucune touche n'a été pressée, l'exercice continue donc. Au revoir.",
    .goodbye_over = "Au revoir.",
    .only_keys =
        "Il y a une alerte de votre boutique. Les détails sont dans le message ou le courriel. Appuyez sur {0} pour "
        "confirmer, sur {1} pour la personne suivante.",
    .no_digits_here =
        "Cet appel ne peut pas entendre les touches. Pour confirmer, ouvrez le lien du message ou du "
        "courriel, ou la console de Tenfold.",
    .acknowledge_label = "Confirmer",
    .escalate_label = "Personne suivante",
};

constexpr Phrases spanish{
    .not_understood = "Esa tecla no hace nada aquí. Otra vez.",
    .goodbye = "No se ha pulsado ninguna tecla, así que la alerta sigue. Adiós.",
    .goodbye_drill = "No se ha pulsado ninguna tecla, así que el simulacro sigue. Adiós.",
    .goodbye_over = "Adiós.",
    .only_keys =
        "Hay una alerta de su tienda. Los detalles están en el mensaje o en el correo. Pulse {0} para confirmar, {1} "
        "para la siguiente persona.",
    .no_digits_here =
        "Esta llamada no puede oír teclas. Para confirmar, abra el enlace del mensaje o del correo, o la "
        "consola de Tenfold.",
    .acknowledge_label = "Confirmar",
    .escalate_label = "Siguiente persona",
};

}  // namespace

const Phrases& phrases(Language language) {
  switch (language) {
    case Language::de: return german;
    case Language::fr: return french;
    case Language::es: return spanish;
    case Language::en: break;
  }
  return english;
}

std::string_view goodbye(Message::Kind kind, Language language) {
  const Phrases& words = phrases(language);
  switch (kind) {
    case Message::Kind::over: return words.goodbye_over;
    case Message::Kind::drill: return words.goodbye_drill;
    case Message::Kind::alert:
    case Message::Kind::reminder:
    case Message::Kind::gap:
    case Message::Kind::uplink: break;
  }
  return words.goodbye;
}

}  // namespace tenfold::oncall::channels
