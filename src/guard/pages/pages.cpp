#include "guard/pages/pages.hpp"

#include <algorithm>
#include <cstddef>
#include <span>

#include "base/result.hpp"
#include "base/sha256.hpp"
#include "base/text/base64.hpp"
#include "base/text/json.hpp"
#include "base/text/markup.hpp"
#include "base/text/percent.hpp"
#include "guard/pages/scripts.hpp"
#include "guard/pages/texts.hpp"

namespace tenfold::guard {
namespace {

using http::PageFormat;
using http::PageLanguage;

std::string gap(unsigned number) { return GapText::gap(number); }

// What both pages share: the shop, its look, and the address they lead back to.
struct Site {
  std::string shop_name;  // text without control characters
  std::string style;
};

std::string without_controls(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  }
  return out;
}

constexpr std::string_view own_style =
    "[hidden]{display:none}"
    "#place{font-size:1.25rem;font-weight:600}"
    "progress{width:100%;accent-color:var(--accent)}";

// Nothing is loaded from anywhere; the page's own script and style are known by their hashes. A worker has the policy
// of the page that makes it, and only the page's own script can make one.
std::string policy_of(std::string_view script, std::string_view style) {
  const auto source = [](std::string_view text) {
    const Sha256 digest = sha256(text);
    return "'sha256-" + base64({reinterpret_cast<const char*>(digest.data()), digest.size()}) + "'";
  };
  return "default-src 'none'; script-src " + source(script) + "; style-src " + source(style) +
         "; connect-src 'self'; worker-src blob:; img-src data:; base-uri 'none'; form-action 'none'";
}

// Browsers ask for an icon with every page, which would be one more request that has to be refused.
constexpr std::string_view no_icon = "<link rel=\"icon\" href=\"data:,\">\n";

std::string refresh_without_script(std::string_view seconds, std::string_view address) {
  std::string meta = "<noscript><meta http-equiv=\"refresh\" content=\"";
  meta.append(seconds);
  if (!address.empty()) meta.append("; url=").append(address);
  return meta.append("\"></noscript>\n");
}

std::string paragraph(std::string_view text, std::string_view attributes = {}) {
  return "<p" + std::string(attributes) + ">" + markup_escaped(text) + "</p>\n";
}

std::string attribute(std::string_view name, std::string_view text) {
  return " " + std::string(name) + "=\"" + markup_escaped(text) + "\"";
}

// Of markup: a gap may stand in it.
std::string raw_attribute(std::string_view name, std::string_view markup) {
  return " " + std::string(name) + "=\"" + std::string(markup) + "\"";
}

std::string link(std::string_view attributes, std::string_view address, std::string_view text) {
  return "<a" + std::string(attributes) + raw_attribute("href", address) + ">" + markup_escaped(text) + "</a>";
}

// A text's "{}", which stands in it once, filled.
std::string with_number(std::string_view text, std::string_view number) {
  const std::size_t at = text.find("{}");
  TENFOLD_ASSERT(at != std::string_view::npos);
  return std::string(text.substr(0, at)).append(number).append(text.substr(at + 2));
}

std::string_view kind_of(Asked asked) { return asked == Asked::form ? "form" : "page"; }

// ---- the challenge ----

namespace challenge_gap {
constexpr unsigned seed = 0, bits = 1, to = 2, way_back = 3;  // `to` is percent-encoded, way_back is markup
}

// With the seed, which says since when it waits.
std::string wait_address() {
  return std::string(wait_path) + "?to=" + gap(challenge_gap::to) + "&amp;seed=" + gap(challenge_gap::seed);
}

// Long enough to read what has become of the form. Who reads slowly finds the form as it was, and may go by the link
// before.
constexpr std::string_view seconds_to_wait_path(Asked asked) { return asked == Asked::form ? "8" : "2"; }

std::string challenge_status(const ChallengeText& text, Asked asked) {
  return "<p id=\"status\" role=\"status\" aria-live=\"polite\"" + attribute("data-working", text.working) +
         attribute("data-done", asked == Asked::form ? text.done_with_form : text.done) +
         attribute("data-often", text.often) + attribute("data-no-cookies", text.no_cookies) + "></p>\n";
}

std::string challenge_html(const Site& site, PageLanguage language, Asked asked, std::string_view script) {
  const ChallengeText& text = challenge_text(language);
  const WayText& ways = way_text(language);
  const std::string refresh = refresh_without_script(seconds_to_wait_path(asked), wait_address());
  const std::string data =
      raw_attribute("data-seed", gap(challenge_gap::seed)) + raw_attribute("data-bits", gap(challenge_gap::bits)) +
      raw_attribute("data-to", gap(challenge_gap::to)) + raw_attribute("data-sent", kind_of(asked));
  std::string page = http::page_start({.language = language,
                                       .shop_name = site.shop_name,
                                       .title = text.title,
                                       .style = site.style,
                                       .in_head = std::string(no_icon) + refresh,
                                       .main_attributes = data});
  if (asked == Asked::form) page += paragraph(text.nothing_sent);
  page += paragraph(text.explanation) + challenge_status(text, asked);
  page += "<noscript>" + paragraph(asked == Asked::form ? text.without_script_with_form : text.without_script) +
          "</noscript>\n";
  page += "<p class=\"ways\">" +
          link(raw_attribute("id", "on"), gap(challenge_gap::way_back), asked == Asked::form ? ways.back : ways.again) +
          "\n" + link({}, wait_address(), ways.queue) + "</p>\n<script>";
  return page.append(script).append("</script>\n").append(http::page_end);
}

std::string challenge_json(PageLanguage language) {
  const ChallengeText& text = challenge_text(language);
  return "{\"title\":\"" + json_escaped(text.title) + "\",\"status\":503,\"detail\":\"" +
         json_escaped(text.for_programs) + "\",\"error\":\"challenge\",\"challenge\":{\"seed\":\"" +
         gap(challenge_gap::seed) + "\",\"bits\":" + gap(challenge_gap::bits) + ",\"path\":\"" +
         std::string(clear_path) + "\",\"algorithm\":\"sha-256\"}}\n";
}

std::string challenge_plain(const Site& site, PageLanguage language) {
  const ChallengeText& text = challenge_text(language);
  const std::string shop = site.shop_name.empty() ? "" : site.shop_name + ": ";
  return shop + std::string(text.title) + ".\n" + std::string(text.for_programs) + "\n";
}

// ---- the waiting room ----

namespace waiting_gap {
constexpr unsigned number = 0, ahead = 1, wait = 2, retry = 3, to = 4, way_back = 5, eta = 6;
}

std::string waiting_html(const Site& site, PageLanguage language, Asked asked, std::string_view script) {
  const WaitingText& text = waiting_text(language);
  const WayText& ways = way_text(language);
  // After a form the same address is no page to come back to.
  const std::string address =
      asked == Asked::form ? std::string(wait_path) + "?to=" + gap(waiting_gap::to) : std::string();
  const std::string data = raw_attribute("data-ahead", gap(waiting_gap::ahead)) +
                           raw_attribute("data-retry", gap(waiting_gap::retry)) +
                           raw_attribute("data-to", gap(waiting_gap::to)) + raw_attribute("data-sent", kind_of(asked));
  std::string page =
      http::page_start({.language = language,
                        .shop_name = site.shop_name,
                        .title = text.title,
                        .style = site.style,
                        .before_title = gap(waiting_gap::number) + " · ",
                        .in_head = std::string(no_icon) + refresh_without_script(gap(waiting_gap::retry), address),
                        .main_attributes = data});
  page += "<p id=\"place\">" + with_number(markup_escaped(text.place), gap(waiting_gap::number)) + "</p>\n";
  page += "<progress hidden" + attribute("aria-label", text.progress) + "></progress>\n";
  page += "<p id=\"status\" role=\"status\" aria-live=\"polite\"" + attribute("data-away", text.away) +
          attribute("data-no-cookies", challenge_text(language).no_cookies) + ">" + gap(waiting_gap::wait) + "</p>\n";
  if (asked == Asked::form) page += paragraph(text.nothing_sent);
  page += paragraph(text.explanation) + paragraph(text.kept, " id=\"kept\"");
  page += "<p class=\"ways\">" +
          link(raw_attribute("id", "on"), gap(waiting_gap::way_back), asked == Asked::form ? ways.back : ways.again) +
          "</p>\n<script>";
  return page.append(script).append("</script>\n").append(http::page_end);
}

std::string waiting_json(PageLanguage language) {
  const WaitingText& text = waiting_text(language);
  const std::string place = with_number(json_escaped(text.place), gap(waiting_gap::number));
  return "{\"title\":\"" + json_escaped(text.title) + "\",\"status\":503,\"detail\":\"" + place + ". " +
         gap(waiting_gap::wait) + "\",\"error\":\"queue\",\"queue\":{\"ahead\":" + gap(waiting_gap::ahead) +
         ",\"eta_s\":" + gap(waiting_gap::eta) + ",\"place\":\"" + place + "\",\"wait\":\"" + gap(waiting_gap::wait) +
         "\"}}\n";
}

std::string waiting_plain(const Site& site, PageLanguage language) {
  const WaitingText& text = waiting_text(language);
  const std::string shop = site.shop_name.empty() ? "" : site.shop_name + ": ";
  return shop + std::string(text.title) + ".\n" + with_number(text.place, gap(waiting_gap::number)) + ". " +
         gap(waiting_gap::wait) + "\n" + std::string(text.explanation) + "\n";
}

// Rounded up: who is told four minutes does not wait for five.
std::string wait_in_words(const WaitingText& text, std::optional<std::chrono::seconds> eta) {
  if (!eta) return std::string(text.wait_unknown);
  const auto minutes = std::chrono::ceil<std::chrono::minutes>(*eta);
  if (*eta <= std::chrono::seconds(10)) return std::string(text.wait_moment);
  if (minutes.count() <= 1) return std::string(text.wait_minute);
  if (minutes.count() <= 60) return with_number(text.wait_minutes, std::to_string(minutes.count()));
  return std::string(text.wait_long);
}

}  // namespace

std::string challenge_field(const ChallengeOffer& offer) {
  return "v1; seed=" + std::string(offer.seed) + "; bits=" + std::to_string(offer.bits) +
         "; path=" + std::string(clear_path);
}

std::string queue_field(const QueuePlace& place) {
  return "v1; ahead=" + std::to_string(place.ahead) +
         "; eta=" + std::to_string(place.eta.value_or(place.retry_after).count());
}

GuardPages::GuardPages(std::string_view shop_name, const http::PageAccent& accent) {
  const Site site{without_controls(shop_name), http::page_style(accent) + std::string(own_style)};
  const std::string solve = compacted(solve_js);
  const std::string queue = compacted(queue_js);
  for (std::size_t i = 0; i < http::page_languages; ++i) {
    const auto language = static_cast<PageLanguage>(i);
    pages_[i] = {.challenge_html = {GapText(challenge_html(site, language, Asked::page, solve)),
                                    GapText(challenge_html(site, language, Asked::form, solve))},
                 .challenge_json = GapText(challenge_json(language)),
                 .challenge_text = GapText(challenge_plain(site, language)),
                 .waiting_html = {GapText(waiting_html(site, language, Asked::page, queue)),
                                  GapText(waiting_html(site, language, Asked::form, queue))},
                 .waiting_json = GapText(waiting_json(language)),
                 .waiting_text = GapText(waiting_plain(site, language))};
  }
  challenge_policy_ = policy_of(solve, site.style);
  waiting_policy_ = policy_of(queue, site.style);
}

GuardPage GuardPages::challenge(PageFormat format, PageLanguage language, const ChallengeOffer& offer) const {
  const InLanguage& in = pages_[static_cast<std::size_t>(language)];
  const std::string bits = std::to_string(offer.bits);
  const std::string seed = format == PageFormat::json ? json_escaped(offer.seed) : markup_escaped(offer.seed);
  GuardPage page{http::content_type(format), http::tag(language), {}, {}};
  if (format == PageFormat::html) {
    const std::string to = percent_encoded(offer.to);
    const std::string way_back = markup_escaped(offer.to);
    const std::array<std::string_view, 4> values = {seed, bits, to, way_back};
    page.content_security_policy = challenge_policy_;
    page.body = in.challenge_html[static_cast<std::size_t>(offer.asked)].filled(values);
  } else {
    const std::array<std::string_view, 2> values = {seed, bits};
    page.body = (format == PageFormat::json ? in.challenge_json : in.challenge_text).filled(values);
  }
  return page;
}

GuardPage GuardPages::waiting(PageFormat format, PageLanguage language, const QueuePlace& place) const {
  const InLanguage& in = pages_[static_cast<std::size_t>(language)];
  const std::string ahead = std::to_string(place.ahead);
  const std::string number = std::to_string(place.ahead + 1);
  const std::string retry = std::to_string(std::max<std::int64_t>(place.retry_after.count(), 1));
  const std::string eta = place.eta ? std::to_string(place.eta->count()) : "null";
  std::string wait = wait_in_words(waiting_text(language), place.eta);
  GuardPage page{http::content_type(format), http::tag(language), {}, {}};
  if (format == PageFormat::html) {
    wait = markup_escaped(wait);
    const std::string to = percent_encoded(place.to);
    const std::string way_back = markup_escaped(place.to);
    const std::array<std::string_view, 6> values = {number, ahead, wait, retry, to, way_back};
    page.content_security_policy = waiting_policy_;
    page.body = in.waiting_html[static_cast<std::size_t>(place.asked)].filled(values);
  } else {
    if (format == PageFormat::json) wait = json_escaped(wait);
    const std::array<std::string_view, 7> values = {number, ahead, wait, retry, {}, {}, eta};
    page.body = (format == PageFormat::json ? in.waiting_json : in.waiting_text).filled(values);
  }
  return page;
}

}  // namespace tenfold::guard
