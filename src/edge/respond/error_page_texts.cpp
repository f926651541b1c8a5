#include "edge/respond/error_page_texts.hpp"

namespace tenfold::edge {
namespace {

// An order may have gone through though its confirmation was lost: the one thing that must not be left unsaid.
constexpr std::string_view again_en =
    "Please try again in a moment. If you were placing an order, look for a confirmation in your e-mail before you "
    "order again.";
constexpr std::string_view again_de =
    "Bitte versuchen Sie es gleich noch einmal. Falls Sie gerade bestellt haben, sehen Sie zuerst in Ihren E-Mails "
    "nach, ob die Bestätigung schon da ist.";
constexpr std::string_view again_fr =
    "Veuillez réessayer dans un instant. Si vous étiez en train de commander, vérifiez d’abord si une confirmation "
    "est arrivée par e-mail.";
constexpr std::string_view again_es =
    "Inténtelo de nuevo en un momento. Si estaba haciendo un pedido, compruebe primero si ya ha recibido la "
    "confirmación por correo electrónico.";

constexpr std::string_view reload_en = "Please go back and try again, or start from the home page.";
constexpr std::string_view reload_de =
    "Bitte gehen Sie zurück und versuchen Sie es noch einmal, oder beginnen Sie auf der Startseite.";
constexpr std::string_view reload_fr = "Veuillez revenir en arrière et réessayer, ou repartir de la page d’accueil.";
constexpr std::string_view reload_es = "Vuelva atrás e inténtelo de nuevo, o empiece desde la página de inicio.";

constexpr std::array table = {
    ErrorTexts{
        400,
        "",
        {{
            {"This request could not be understood", "Your browser sent something that the shop cannot read.",
             reload_en},
            {"Diese Anfrage war nicht zu verstehen", "Ihr Browser hat etwas gesendet, das der Shop nicht lesen kann.",
             reload_de},
            {"Cette demande n’a pas pu être comprise",
             "Votre navigateur a envoyé quelque chose que la boutique ne peut pas lire.", reload_fr},
            {"No se pudo entender esta solicitud", "Su navegador envió algo que la tienda no puede leer.", reload_es},
        }}},
    ErrorTexts{
        403,
        "",
        {{
            {"This page is not open to you", "The shop does not allow access to this page from here.",
             "If you think that this is a mistake, please contact the shop."},
            {"Diese Seite ist für Sie nicht zugänglich", "Der Shop erlaubt von hier keinen Zugriff auf diese Seite.",
             "Wenn Sie das für einen Irrtum halten, wenden Sie sich bitte an den Shop."},
            {"Cette page ne vous est pas accessible", "La boutique n’autorise pas l’accès à cette page d’ici.",
             "Si vous pensez qu’il s’agit d’une erreur, veuillez contacter la boutique."},
            {"Esta página no está disponible para usted", "La tienda no permite el acceso a esta página desde aquí.",
             "Si cree que se trata de un error, póngase en contacto con la tienda."},
        }}},
    ErrorTexts{
        404,
        "",
        {{
            {"This page does not exist", "The address may be mistyped, or the page has moved.",
             "Please check the address, or look for what you want from the home page."},
            {"Diese Seite gibt es nicht",
             "Die Adresse ist vielleicht falsch geschrieben, oder die Seite ist umgezogen.",
             "Bitte prüfen Sie die Adresse, oder suchen Sie von der Startseite aus."},
            {"Cette page n’existe pas", "L’adresse est peut-être mal écrite, ou la page a été déplacée.",
             "Veuillez vérifier l’adresse, ou chercher à partir de la page d’accueil."},
            {"Esta página no existe", "Puede que la dirección esté mal escrita o que la página haya cambiado de sitio.",
             "Compruebe la dirección o busque desde la página de inicio."},
        }}},
    ErrorTexts{
        405,
        "",
        {{
            {"This cannot be done here", "This page does not support what was asked of it.", reload_en},
            {"Das geht hier nicht", "Diese Seite kann nicht tun, was von ihr verlangt wurde.", reload_de},
            {"Cette action n’est pas possible ici", "Cette page ne permet pas ce qui lui a été demandé.", reload_fr},
            {"Esto no se puede hacer aquí", "Esta página no admite lo que se le ha pedido.", reload_es},
        }}},
    ErrorTexts{
        408,
        "",
        {{
            {"That took too long", "Your request did not arrive completely. The connection may be slow.", again_en},
            {"Das hat zu lange gedauert",
             "Ihre Anfrage ist nicht vollständig angekommen. Vielleicht ist die Verbindung langsam.", again_de},
            {"Cela a pris trop de temps",
             "Votre demande n’est pas arrivée en entier. La connexion est peut-être lente.", again_fr},
            {"Ha tardado demasiado", "Su solicitud no ha llegado completa. Puede que la conexión sea lenta.", again_es},
        }}},
    ErrorTexts{413,
               "",
               {{
                   {"This is too large", "What you are sending is larger than the shop accepts.",
                    "Please send a smaller file, for instance a smaller picture."},
                   {"Das ist zu groß", "Was Sie senden, ist größer, als der Shop annimmt.",
                    "Bitte senden Sie eine kleinere Datei, zum Beispiel ein kleineres Bild."},
                   {"C’est trop volumineux", "Ce que vous envoyez dépasse ce que la boutique accepte.",
                    "Veuillez envoyer un fichier plus petit, par exemple une image réduite."},
                   {"Es demasiado grande", "Lo que está enviando supera lo que la tienda acepta.",
                    "Envíe un archivo más pequeño, por ejemplo una imagen reducida."},
               }}},
    ErrorTexts{
        414,
        "",
        {{
            {"This address is too long", "The link is longer than the shop accepts.", reload_en},
            {"Diese Adresse ist zu lang", "Der Link ist länger, als der Shop annimmt.", reload_de},
            {"Cette adresse est trop longue", "Le lien est plus long que ce que la boutique accepte.", reload_fr},
            {"Esta dirección es demasiado larga", "El enlace es más largo de lo que la tienda acepta.", reload_es},
        }}},
    ErrorTexts{
        421,
        "",
        {{
            {"This shop is not served here", "The request reached a server that does not answer for this address.",
             "Please open the shop's address anew in your browser."},
            {"Dieser Shop ist hier nicht zu Hause",
             "Die Anfrage kam bei einem Server an, der für diese Adresse nicht zuständig ist.",
             "Bitte öffnen Sie die Adresse des Shops in Ihrem Browser neu."},
            {"Cette boutique n’est pas servie ici",
             "La demande est arrivée à un serveur qui ne répond pas pour cette adresse.",
             "Veuillez rouvrir l’adresse de la boutique dans votre navigateur."},
            {"Esta tienda no se sirve aquí", "La solicitud llegó a un servidor que no responde por esta dirección.",
             "Abra de nuevo la dirección de la tienda en su navegador."},
        }}},
    ErrorTexts{429,
               "10",
               {{
                   {"That was very quick", "More requests came from your connection than the shop can answer at once.",
                    "Please wait a few seconds and try again."},
                   {"Das ging sehr schnell",
                    "Von Ihrem Anschluss kamen mehr Anfragen, als der Shop auf einmal beantworten kann.",
                    "Bitte warten Sie einige Sekunden und versuchen Sie es noch einmal."},
                   {"C’était très rapide",
                    "Votre connexion a envoyé plus de demandes que la boutique ne peut en traiter à la fois.",
                    "Veuillez attendre quelques secondes et réessayer."},
                   {"Ha sido muy rápido",
                    "Desde su conexión llegaron más solicitudes de las que la tienda puede atender a la vez.",
                    "Espere unos segundos e inténtelo de nuevo."},
               }}},
    ErrorTexts{429,
               "60",
               {{
                   {"That was very quick", "More requests came from your connection than the shop can answer at once.",
                    "Please try again later."},
                   {"Das ging sehr schnell",
                    "Von Ihrem Anschluss kamen mehr Anfragen, als der Shop auf einmal beantworten kann.",
                    "Bitte versuchen Sie es später noch einmal."},
                   {"C’était très rapide",
                    "Votre connexion a envoyé plus de demandes que la boutique ne peut en traiter à la fois.",
                    "Veuillez réessayer plus tard."},
                   {"Ha sido muy rápido",
                    "Desde su conexión llegaron más solicitudes de las que la tienda puede atender a la vez.",
                    "Inténtelo de nuevo más tarde."},
               }},
               Trouble::refused},
    ErrorTexts{431,
               "",
               {{
                   {"Your browser sent too much", "It stores more for this shop than the shop accepts with a request.",
                    "Please delete the cookies of this shop in your browser and try again."},
                   {"Ihr Browser hat zu viel gesendet",
                    "Er hat für diesen Shop mehr gespeichert, als mit einer Anfrage angenommen wird.",
                    "Bitte löschen Sie in Ihrem Browser die Cookies dieses Shops und versuchen Sie es noch einmal."},
                   {"Votre navigateur a envoyé trop de données",
                    "Il garde pour cette boutique plus que ce qu’elle accepte avec une demande.",
                    "Veuillez supprimer les cookies de cette boutique dans votre navigateur et réessayer."},
                   {"Su navegador envió demasiados datos",
                    "Guarda para esta tienda más de lo que se acepta con una solicitud.",
                    "Borre las cookies de esta tienda en su navegador e inténtelo de nuevo."},
               }}},
    ErrorTexts{500,
               "",
               {{
                   {"Something went wrong", "The shop could not answer your request. It is not your fault.", again_en},
                   {"Da ist etwas schiefgegangen",
                    "Der Shop konnte Ihre Anfrage nicht beantworten. Es liegt nicht an Ihnen.", again_de},
                   {"Une erreur est survenue",
                    "La boutique n’a pas pu répondre à votre demande. Ce n’est pas de votre faute.", again_fr},
                   {"Algo ha fallado", "La tienda no pudo responder a su solicitud. No es culpa suya.", again_es},
               }}},
    ErrorTexts{
        501,
        "",
        {{
            {"This cannot be done here", "The shop does not support what was asked of it.", reload_en},
            {"Das geht hier nicht", "Der Shop kann nicht tun, was von ihm verlangt wurde.", reload_de},
            {"Cette action n’est pas possible ici", "La boutique ne permet pas ce qui lui a été demandé.", reload_fr},
            {"Esto no se puede hacer aquí", "La tienda no admite lo que se le ha pedido.", reload_es},
        }}},
    ErrorTexts{
        502,
        "5",
        {{
            {"The shop did not answer", "The shop's server cannot be reached, or its answer was cut short.", again_en},
            {"Der Shop hat nicht geantwortet",
             "Der Server des Shops ist nicht zu erreichen, oder seine Antwort brach ab.", again_de},
            {"La boutique n’a pas répondu",
             "Le serveur de la boutique est injoignable, ou sa réponse a été interrompue.", again_fr},
            {"La tienda no respondió", "No se puede llegar al servidor de la tienda, o su respuesta se cortó.",
             again_es},
        }}},
    ErrorTexts{503,
               "10",
               {{
                   {"The shop is very busy", "The shop cannot answer at the moment.", again_en},
                   {"Im Shop ist gerade viel los", "Der Shop kann im Moment nicht antworten.", again_de},
                   {"La boutique est très sollicitée", "La boutique ne peut pas répondre pour le moment.", again_fr},
                   {"La tienda está muy concurrida", "La tienda no puede responder en este momento.", again_es},
               }}},
    ErrorTexts{
        503,
        "10",
        {{
            {"The shop cannot be reached just now", "The shop's server does not answer at the moment.", again_en},
            {"Der Shop ist gerade nicht zu erreichen", "Der Server des Shops antwortet im Moment nicht.", again_de},
            {"La boutique est injoignable pour le moment", "Le serveur de la boutique ne répond pas pour le moment.",
             again_fr},
            {"No se puede acceder a la tienda en este momento", "El servidor de la tienda no responde en este momento.",
             again_es},
        }},
        Trouble::unreachable},
    ErrorTexts{503,
               "10",
               {{
                   {"The shop cannot answer just now", "The shop's server cannot be reached, or has too much to do.",
                    again_en},
                   {"Der Shop kann gerade nicht antworten",
                    "Der Server des Shops ist nicht zu erreichen, oder er hat zu viel zu tun.", again_de},
                   {"La boutique ne peut pas répondre pour le moment",
                    "Le serveur de la boutique est injoignable, ou il est surchargé.", again_fr},
                   {"La tienda no puede responder en este momento",
                    "No se puede llegar al servidor de la tienda, o está sobrecargado.", again_es},
               }},
               Trouble::either},
    ErrorTexts{
        504,
        "10",
        {{
            {"The shop took too long", "The shop's server did not answer in time.", again_en},
            {"Der Shop hat zu lange gebraucht", "Der Server des Shops hat nicht rechtzeitig geantwortet.", again_de},
            {"La boutique a mis trop de temps", "Le serveur de la boutique n’a pas répondu à temps.", again_fr},
            {"La tienda tardó demasiado", "El servidor de la tienda no respondió a tiempo.", again_es},
        }}},
    ErrorTexts{
        505,
        "",
        {{
            {"This program is not supported", "It speaks a version of HTTP that the shop does not know.",
             "Please use an up-to-date browser."},
            {"Dieses Programm wird nicht unterstützt", "Es spricht eine Fassung von HTTP, die der Shop nicht kennt.",
             "Bitte verwenden Sie einen aktuellen Browser."},
            {"Ce programme n’est pas pris en charge", "Il utilise une version de HTTP que la boutique ne connaît pas.",
             "Veuillez utiliser un navigateur à jour."},
            {"Este programa no es compatible", "Utiliza una versión de HTTP que la tienda no conoce.",
             "Utilice un navegador actualizado."},
        }}},
    ErrorTexts{
        0,
        "",
        {{
            {"This request was not accepted", "The shop cannot do what was asked of it.", reload_en},
            {"Diese Anfrage wurde nicht angenommen", "Der Shop kann nicht tun, was von ihm verlangt wurde.", reload_de},
            {"Cette demande n’a pas été acceptée", "La boutique ne peut pas faire ce qui lui a été demandé.",
             reload_fr},
            {"No se aceptó esta solicitud", "La tienda no puede hacer lo que se le ha pedido.", reload_es},
        }}},
    ErrorTexts{0,
               "",
               {{
                   {"Something went wrong", "The shop could not answer your request. It is not your fault.", again_en},
                   {"Da ist etwas schiefgegangen",
                    "Der Shop konnte Ihre Anfrage nicht beantworten. Es liegt nicht an Ihnen.", again_de},
                   {"Une erreur est survenue",
                    "La boutique n’a pas pu répondre à votre demande. Ce n’est pas de votre faute.", again_fr},
                   {"Algo ha fallado", "La tienda no pudo responder a su solicitud. No es culpa suya.", again_es},
               }}},
};

}  // namespace

std::span<const ErrorTexts> error_texts() { return table; }

}  // namespace tenfold::edge
