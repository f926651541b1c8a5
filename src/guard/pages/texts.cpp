#include "guard/pages/texts.hpp"

#include <array>

namespace tenfold::guard {
namespace {

template <class T>
using InEach = std::array<T, http::page_languages>;  // English, German, French, Spanish

constexpr InEach<ChallengeText> challenge_texts = {{
    {.title = "One moment, please",
     .explanation =
         "The shop is very busy. So that customers get through, it asks for a small calculation first. Your browser "
         "does it by itself, in about a second.",
     .nothing_sent = "What you have just sent has not reached the shop: nothing was ordered or changed by it, and your "
                     "basket is as "
                     "it was.",
     .working = "Calculating. The page opens by itself.",
     .done = "Done. The page opens.",
     .done_with_form = "Done. Please go back and send it once more.",
     .often = "The shop asks for the calculation again and again. The next attempt begins within a minute; or you wait "
              "in the "
              "queue.",
     .no_cookies =
         "Your browser keeps no cookies for this shop, so that the shop does not recognise it. Please allow them for "
         "this page, and try again.",
     .without_script = "Without scripts, your browser waits in the queue instead. It goes there by itself.",
     .without_script_with_form =
         "Without scripts, your browser waits in the queue instead. From there it gets back to the page before.",
     .for_programs =
         "The shop is very busy and asks for a small calculation first. In a browser, load the page again; it is done "
         "there by itself."},
    {.title = "Einen Moment, bitte",
     .explanation =
         "Im Shop ist gerade sehr viel los. Damit Kunden durchkommen, verlangt er zuerst eine kleine Berechnung. Ihr "
         "Browser erledigt sie von selbst, in etwa einer Sekunde.",
     .nothing_sent =
         "Was Sie gerade gesendet haben, ist nicht beim Shop angekommen: Es wurde damit nichts bestellt oder geändert, "
         "und Ihr Warenkorb ist, wie er war.",
     .working = "Die Berechnung läuft. Die Seite öffnet sich von selbst.",
     .done = "Fertig. Die Seite öffnet sich.",
     .done_with_form = "Fertig. Bitte gehen Sie zurück und senden Sie es noch einmal ab.",
     .often =
         "Der Shop verlangt die Berechnung immer wieder. Der nächste Versuch beginnt innerhalb einer Minute; oder Sie "
         "warten in der Warteschlange.",
     .no_cookies = "Ihr Browser speichert für diesen Shop keine Cookies, so dass der Shop ihn nicht wiedererkennt. "
                   "Bitte erlauben "
                   "Sie Cookies für diese Seite, und versuchen Sie es noch einmal.",
     .without_script = "Ohne Skripte wartet Ihr Browser stattdessen in der Warteschlange. Er geht von selbst dorthin.",
     .without_script_with_form = "Ohne Skripte wartet Ihr Browser stattdessen in der Warteschlange. Von dort kommt er "
                                 "zurück zur vorigen Seite.",
     .for_programs =
         "Im Shop ist gerade sehr viel los, und er verlangt zuerst eine kleine Berechnung. Laden Sie die Seite im "
         "Browser neu; dort geschieht sie von selbst."},
    {.title = "Un instant, s’il vous plaît",
     .explanation =
         "La boutique est très sollicitée. Pour que ses clients puissent y accéder, elle demande d’abord un petit "
         "calcul. Votre navigateur le fait tout seul, en une seconde environ.",
     .nothing_sent = "Ce que vous venez d’envoyer n’est pas arrivé à la boutique : rien n’a été commandé ni modifié, "
                     "et votre panier "
                     "est resté tel quel.",
     .working = "Calcul en cours. La page s’ouvrira d’elle-même.",
     .done = "C’est fait. La page s’ouvre.",
     .done_with_form = "C’est fait. Veuillez revenir en arrière et l’envoyer encore une fois.",
     .often = "La boutique redemande sans cesse ce calcul. Le prochain essai commencera d’ici une minute ; vous pouvez "
              "aussi "
              "patienter dans la file d’attente.",
     .no_cookies =
         "Votre navigateur ne garde pas de cookies pour cette boutique, qui ne peut donc pas le reconnaître. Veuillez "
         "les autoriser pour cette page, puis réessayer.",
     .without_script = "Sans scripts, votre navigateur patiente dans la file d’attente. Il s’y rend de lui-même.",
     .without_script_with_form =
         "Sans scripts, votre navigateur patiente dans la file d’attente. De là, il revient à la page précédente.",
     .for_programs = "La boutique est très sollicitée et demande d’abord un petit calcul. Rechargez la page dans un "
                     "navigateur : il "
                     "s’y fait tout seul."},
    {.title = "Un momento, por favor",
     .explanation =
         "La tienda está muy concurrida. Para que los clientes puedan entrar, pide primero un pequeño cálculo. Su "
         "navegador lo hace por sí solo, en un segundo aproximadamente.",
     .nothing_sent =
         "Lo que acaba de enviar no ha llegado a la tienda: no se ha pedido ni cambiado nada, y su cesta sigue como "
         "estaba.",
     .working = "Calculando. La página se abrirá por sí sola.",
     .done = "Listo. La página se abre.",
     .done_with_form = "Listo. Vuelva atrás y envíelo otra vez.",
     .often =
         "La tienda pide el cálculo una y otra vez. El próximo intento empezará en menos de un minuto; también puede "
         "esperar en la cola.",
     .no_cookies =
         "Su navegador no guarda cookies de esta tienda, por lo que la tienda no lo reconoce. Permítalas para esta "
         "página e inténtelo de nuevo.",
     .without_script = "Sin scripts, su navegador espera en la cola. Va allí por sí solo.",
     .without_script_with_form = "Sin scripts, su navegador espera en la cola. Desde allí vuelve a la página anterior.",
     .for_programs =
         "La tienda está muy concurrida y pide primero un pequeño cálculo. Vuelva a cargar la página en un navegador: "
         "allí se hace solo."},
}};

constexpr InEach<WaitingText> waiting_texts = {{
    {.title = "You are in the queue",
     .explanation =
         "More people want to enter the shop than it can serve at once. They are let in one after the other.",
     .place = "Your place: {}",
     .wait_moment = "It is your turn in a few seconds.",
     .wait_minute = "It is your turn within a minute.",
     .wait_minutes = "It is your turn in about {} minutes.",
     .wait_long = "It takes more than an hour until it is your turn.",
     .wait_unknown = "How long it takes cannot be told yet.",
     .kept = "Please leave this page open. It asks after your place by itself and opens the shop when it is your turn. "
             "Your "
             "place is kept, in a cookie; if the page is closed for more than a minute, it is given up.",
     .nothing_sent = "What you have just sent has not reached the shop: nothing was ordered or changed by it, and your "
                     "basket is as "
                     "it was. When it is your turn, you are led back, and can send it once more.",
     .progress = "How many of those before you have been let in",
     .away = "The shop cannot be reached just now. This page goes on asking."},
    {.title = "Sie sind in der Warteschlange",
     .explanation =
         "Mehr Leute wollen in den Shop, als er auf einmal bedienen kann. Sie werden nacheinander eingelassen.",
     .place = "Ihr Platz: {}",
     .wait_moment = "Sie sind in wenigen Sekunden an der Reihe.",
     .wait_minute = "Sie sind innerhalb einer Minute an der Reihe.",
     .wait_minutes = "Sie sind in etwa {} Minuten an der Reihe.",
     .wait_long = "Es dauert mehr als eine Stunde, bis Sie an der Reihe sind.",
     .wait_unknown = "Wie lange es dauert, lässt sich noch nicht sagen.",
     .kept = "Bitte lassen Sie diese Seite offen. Sie fragt von selbst nach Ihrem Platz und öffnet den Shop, wenn Sie "
             "an der "
             "Reihe sind. Ihr Platz bleibt Ihnen, in einem Cookie; ist die Seite länger als eine Minute geschlossen, "
             "wird er "
             "aufgegeben.",
     .nothing_sent =
         "Was Sie gerade gesendet haben, ist nicht beim Shop angekommen: Es wurde damit nichts bestellt oder geändert, "
         "und Ihr Warenkorb ist, wie er war. Wenn Sie an der Reihe sind, kommen Sie zurück und können es noch einmal "
         "absenden.",
     .progress = "Wie viele von denen vor Ihnen schon eingelassen wurden",
     .away = "Der Shop ist gerade nicht zu erreichen. Diese Seite fragt weiter."},
    {.title = "Vous êtes dans la file d’attente",
     .explanation =
         "Plus de personnes veulent entrer dans la boutique qu’elle ne peut en servir à la fois. Elles entrent l’une "
         "après l’autre.",
     .place = "Votre place : {}",
     .wait_moment = "C’est à vous dans quelques secondes.",
     .wait_minute = "C’est à vous d’ici une minute.",
     .wait_minutes = "C’est à vous dans {} minutes environ.",
     .wait_long = "Il faudra plus d’une heure avant que ce soit à vous.",
     .wait_unknown = "On ne peut pas encore dire combien de temps il faudra.",
     .kept =
         "Veuillez laisser cette page ouverte. Elle demande d’elle-même où vous en êtes et ouvrira la boutique quand "
         "ce "
         "sera à vous. Votre place est gardée, dans un cookie ; si la page reste fermée plus d’une minute, elle est "
         "cédée.",
     .nothing_sent = "Ce que vous venez d’envoyer n’est pas arrivé à la boutique : rien n’a été commandé ni modifié, "
                     "et votre panier "
                     "est resté tel quel. Quand ce sera à vous, vous reviendrez à la page précédente et pourrez "
                     "l’envoyer encore une "
                     "fois.",
     .progress = "Combien de personnes devant vous sont déjà entrées",
     .away = "La boutique est injoignable pour le moment. Cette page continue à demander."},
    {.title = "Está en la cola",
     .explanation =
         "Más personas quieren entrar en la tienda de las que puede atender a la vez. Van entrando una tras otra.",
     .place = "Su lugar: {}",
     .wait_moment = "Le toca en unos segundos.",
     .wait_minute = "Le toca en menos de un minuto.",
     .wait_minutes = "Le toca en unos {} minutos.",
     .wait_long = "Falta más de una hora para que le toque.",
     .wait_unknown = "Todavía no se puede decir cuánto falta.",
     .kept =
         "Deje esta página abierta. Pregunta por sí sola por su lugar y abrirá la tienda cuando le toque. Su lugar se "
         "guarda, en una cookie; si la página está cerrada más de un minuto, se pierde.",
     .nothing_sent =
         "Lo que acaba de enviar no ha llegado a la tienda: no se ha pedido ni cambiado nada, y su cesta sigue como "
         "estaba. Cuando le toque, volverá a la página anterior y podrá enviarlo otra vez.",
     .progress = "Cuántas personas de las que van delante ya han entrado",
     .away = "No se puede acceder a la tienda en este momento. Esta página sigue preguntando."},
}};

constexpr InEach<WayText> way_texts = {{
    {.again = "Try again", .back = "Go back", .queue = "Wait in the queue instead"},
    {.again = "Noch einmal versuchen", .back = "Zurück", .queue = "Lieber in die Warteschlange"},
    {.again = "Réessayer", .back = "Revenir en arrière", .queue = "Plutôt la file d’attente"},
    {.again = "Intentar de nuevo", .back = "Volver atrás", .queue = "Esperar mejor en la cola"},
}};

}  // namespace

const ChallengeText& challenge_text(http::PageLanguage language) {
  return challenge_texts[static_cast<std::size_t>(language)];
}
const WaitingText& waiting_text(http::PageLanguage language) {
  return waiting_texts[static_cast<std::size_t>(language)];
}
const WayText& way_text(http::PageLanguage language) { return way_texts[static_cast<std::size_t>(language)]; }

}  // namespace tenfold::guard
