#include "oncall/channels/phrases.hpp"

namespace tenfold::oncall::channels {
namespace {

constexpr Phrases english{
    .acknowledged = "Thank you. The alert is yours now. Nobody else will be called for it. Goodbye.",
    .escalated = "All right. The next person is being called. Goodbye.",
    .not_understood = "That key does nothing here. Once more.",
    .goodbye = "No key was pressed, so the alert goes on. Goodbye.",
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
    .acknowledged = "Danke. Der Alarm gehört jetzt Ihnen. Es wird niemand sonst deswegen angerufen. Auf Wiederhören.",
    .escalated = "In Ordnung. Die nächste Person wird angerufen. Auf Wiederhören.",
    .not_understood = "Diese Taste hat hier keine Bedeutung. Noch einmal.",
    .goodbye = "Es wurde keine Taste gedrückt, der Alarm läuft also weiter. Auf Wiederhören.",
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
    .acknowledged = "Merci. L'alerte est maintenant à vous. Personne d'autre ne sera appelé. Au revoir.",
    .escalated = "D'accord. La personne suivante est appelée. Au revoir.",
    .not_understood = "Cette touche n'a pas d'effet ici. Encore une fois.",
    .goodbye = "Aucune touche n'a été pressée, l'alerte continue donc. Au revoir.",
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
    .acknowledged = "Gracias. La alerta es suya ahora. No se llamará a nadie más por ella. Adiós.",
    .escalated = "De acuerdo. Se llama a la siguiente persona. Adiós.",
    .not_understood = "Esa tecla no hace nada aquí. Otra vez.",
    .goodbye = "No se ha pulsado ninguna tecla, así que la alerta sigue. Adiós.",
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

}  // namespace tenfold::oncall::channels
