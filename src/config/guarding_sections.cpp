#include "base/text/letters.hpp"
#include "config/cookie_domain.hpp"
#include "config/schema/compound.hpp"
#include "config/schema/scalars.hpp"
#include "config/sections.hpp"
#include "config/units.hpp"

namespace tenfold::config {
namespace {

constexpr std::size_t least_secret_bytes = 16;  // 128 bits, were they random

SectionOf<GuardAllow> guard_allow_section() {
  auto s = section<GuardAllow>("allow", "Requests that are served whatever the guard decides.");
  s->field("name", &GuardAllow::name, identifier(), "How metrics and messages call it.", Need::required);
  s->field("networks", &GuardAllow::networks, list(network()), "Where the requests come from.").otherwise("anywhere");
  s->field("paths", &GuardAllow::paths, list(request_pattern()), "What they ask for.").otherwise("anything");
  s->check([](GuardAllow& allow, const Node& node, Reader& reader) {
    if (allow.networks.empty() && allow.paths.empty()) {
      reader.error(node,
                   "allows everything from everywhere, expected networks or paths; to act on nothing set guard.mode");
    }
  });
  return s;
}

SectionOf<GuardDeny> guard_deny_section() {
  auto s = section<GuardDeny>("deny", "Networks from which nobody is served.");
  s->field("name", &GuardDeny::name, identifier(), "How metrics and messages call it.", Need::required);
  s->field("networks", &GuardDeny::networks, list(network(), {.least = 1}), "Where the requests come from.",
           Need::required);
  s->check([](GuardDeny& deny, const Node& node, Reader& reader) {
    for (const Network& network : deny.networks) {
      if (!holds_anyone(network)) continue;
      reader.error(node.at("networks"), fmt::format("{} is half of the world, expected a network of somebody's; to "
                                                    "close the shop stop it",
                                                    network.text));
    }
  });
  return s;
}

SectionOf<GuardApiKey> guard_api_key_section() {
  auto s = section<GuardApiKey>("api_keys", "Keys of applications, which are served whatever the guard decides.");
  s->field("name", &GuardApiKey::name, identifier(), "How metrics and messages call it.", Need::required);
  s->field("header", &GuardApiKey::header, identifier(),
           "The header field with the key; of Authorization what follows \"Bearer \".", Need::required);
  s->field("keys", &GuardApiKey::keys, list(secret(least_secret_bytes), {.least = 1, .most = 16}),
           "The keys; several while one is exchanged for another.", Need::required);
  s->check([](GuardApiKey& key, const Node& node, Reader& reader) {
    if (!equal_but_for_case(key.header, "cookie")) return;
    reader.error(node.at("header"),
                 fmt::format("header is {}, which browsers fill in by themselves, expected a field that only the "
                             "application sends, such as X-Api-Key or Authorization",
                             key.header));
  });
  return s;
}

}  // namespace

SectionOf<Worth> worth_section() {
  auto s = section<Worth>("worth",
                          "Requests by what they are worth to the shop; the first that matches counts. All that are "
                          "named are worth more than the rest, which is what no entry names, or the one with `/*`. "
                          "Whatever changes something before the rest (a POST to the cart) makes a customer.");
  s->field("name", &Worth::name, identifier(), "How metrics and messages call it.", Need::required);
  s->field("paths", &Worth::paths, list(request_pattern(), {.least = 1}),
           "Paths, with * for any run of characters, and a method before them if it matters.", Need::required);
  return s;
}

SectionOf<Guard> guard_section() {
  auto s = section<Guard>("guard", "What is done while there is not enough for everyone. Nobody is refused before.");
  s->field("mode", &Guard::mode,
           one_of<GuardMode>({{"off", GuardMode::off, "nothing is decided"},
                              {"observe", GuardMode::observe, "decides, counts and shows, but does not act"},
                              {"enforce", GuardMode::enforce, "acts"}}),
           "Whether the guard acts.");
  s->field(
      "kernel", &Guard::kernel,
      one_of<GuardKernel>({{"auto", GuardKernel::automatic, "xdp where it can be had, else nftables, else neither"},
                           {"off", GuardKernel::off, "only in the process"},
                           {"xdp", GuardKernel::xdp, "before the network stack"},
                           {"nftables", GuardKernel::nftables, "in the firewall"}}),
      "Where the heaviest sources are dropped; another choice takes a restart.");
  s->field("interfaces", &Guard::interfaces, list(text(15), {.most = 64}), "Network interfaces for xdp.")
      .otherwise("those of the listeners' addresses");
  s->field(
       "without", &Guard::without,
       list(one_of<GuardPart>(
                {{"fairness", GuardPart::fairness, "first come, first served, whoever it is"},
                 {"standing", GuardPart::standing,
                  "nobody is better than a stranger: not for a cookie, cart or order, nor for "
                  "earlier days"},
                 {"challenge", GuardPart::challenge, "nobody is challenged; who would be waits behind instead"}}),
            {.most = 3}),
       "Parts that are left out, to measure what each is worth. fairness: first come, first served; standing: nobody "
       "is better than a stranger; challenge: nobody is challenged, also for shops that must never show one.")
      .otherwise("none: all of it acts");
  s->field("allow", &Guard::allow, list(guard_allow_section()),
           "Whom the guard lets be: the payment provider, the office.");
  s->field("deny", &Guard::deny, list(guard_deny_section()), "Whom it refuses, unless it is to let it be.");
  s->field("api_keys", &Guard::api_keys, list(guard_api_key_section(), {.most = 64}),
           "Applications that it lets be, by the keys that they show.");
  s->field("resolvers", &Guard::resolvers, list(host_port(PortUse::connect), {.most = 3}),
           "Name servers that are asked whether a search engine's crawler is one: addresses and ports. Fixed at start.")
      .otherwise("the system's");
  s->field("secret", &Guard::secret, secret(least_secret_bytes),
           "Signs cookies and challenges; needed to be the same on several edges. Another one takes a restart, and "
           "makes a stranger of everybody, unless the one before is given as previous_secret.")
      .otherwise("made at the first start and kept in the store");
  s->field("previous_secret", &Guard::previous_secret, secret(least_secret_bytes),
           "The secret before: what was signed with it is accepted, and nothing is signed with it. Fixed at start.")
      .otherwise("what the store has kept from before there was a secret");
  s->field("cookie_domain", &Guard::cookie_domain, host_name(),
           "The shop's domain, where its pages ask for something from another name in it: whoever is known at "
           "www.shop.example then is at api.shop.example, too. Not one under which anybody registers names, as co.uk.")
      .otherwise("each cookie is for the name that set it alone");
  s->check([](Guard& guard, const Node& node, Reader& reader) {
    if (!guard.cookie_domain.empty()) {
      const std::string wrong = why_no_cookie_domain(guard.cookie_domain);
      if (!wrong.empty()) reader.error(node.at("cookie_domain"), "cookie_domain is " + wrong);
    }
    if (!guard.previous_secret.empty() && guard.previous_secret == guard.secret) {
      reader.warning(node.at("previous_secret"),
                     "previous_secret is the same as secret, expected the one before it; without one leave it out");
    }
    for (const HostPort& resolver : guard.resolvers) {
      if (resolver.is_address() || resolver.host.empty()) continue;
      reader.error(node.at("resolvers"), fmt::format("found {}, expected an address: who would say where a name "
                                                     "server is?",
                                                     resolver.text()));
    }
  });
  return s;
}

SectionOf<Rehearsal> rehearsal_section() {
  auto s = section<Rehearsal>("rehearsal", "Recognises the requests of our own rehearsals.");
  // What it opens is little: a rehearsal's requests are spared measures against single clients, not the queue.
  s->field("secret", &Rehearsal::secret, secret(least_secret_bytes, ShortSecret::warning),
           "Shared with `tenfold rehearse`, whose requests carry its proof.")
      .otherwise("rehearsals are taken for strangers");
  return s;
}

SectionOf<Console> console_section() {
  auto s = section<Console>("console", "The page, the API and the metrics for the people who run the shop.");
  s->field("address", &Console::address, host_port(PortUse::listen), "Address and port. Fixed at start.",
           Need::required);
  s->field("token", &Console::token, secret(least_secret_bytes),
           "Asked of whoever changes something through the API (\"Authorization: Bearer\").")
      .otherwise("none is asked, which is allowed on loopback only");
  s->check([](Console& console, const Node& node, Reader& reader) {
    if (!console.address.host.empty() && !console.address.is_loopback() && node.find("token") == nullptr) {
      reader.error(node.at("address"),
                   fmt::format("{} can be reached from outside, expected a \"token\" beside it, or a loopback address",
                               console.address.text()));
    }
  });
  return s;
}

SectionOf<Sales> sales_section() {
  auto s = section<Sales>("sales", "Tells what an outage costs.");
  s->field("currency", &Sales::currency, currency(), "Of average_order.");
  s->field("average_order", &Sales::average_order_hundredths, money_hundredths(),
           "What an order brings on average. 0: losses are counted in orders only.");
  s->field("order", &Sales::order, optional(request_pattern()), "The request whose success is an order.")
      .otherwise("orders are not counted");
  return s;
}

}  // namespace tenfold::config
