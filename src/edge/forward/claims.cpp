#include "edge/forward/claims.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/text/letters.hpp"
#include "http/message.hpp"

namespace tenfold::edge {

namespace {

struct Pattern {
  std::string_view text;  // lower case, with "-" for every byte that is no letter or digit
  enum class Extent : std::uint8_t { whole, beginning } extent = Extent::whole;

  bool matches(std::string_view name) const { return extent == Extent::whole ? name == text : name.starts_with(text); }
};

constexpr Pattern whole(std::string_view text) { return {text, Pattern::Extent::whole}; }
constexpr Pattern beginning(std::string_view text) { return {text, Pattern::Extent::beginning}; }

// Behind "x-", which most of them have.
constexpr std::array behind_x = {
    beginning("forward"),    // X-Forwarded-*, X-Forward-For, X-Forwarder-For
    beginning("original-"),  // -URL, -URI, -Host, -Method, -Forwarded-For
    beginning("originating-"),
    beginning("orig-"),
    beginning("rewrite-"),
    beginning("override-"),
    beginning("real-"),  // -IP, -Host, -URL
    beginning("client-ip"),
    beginning("client-cert"),
    beginning("client-verify"),
    beginning("cluster-client-ip"),
    beginning("remote-"),  // -IP, -Addr, -Host, -User
    beginning("proxy"),    // -URL, -User, X-ProxyUser-Ip
    beginning("http-"),    // -Method, -Method-Override, -Host-Override, -DestinationURL
    beginning("method-override"),
    beginning("request-ur"),  // -URI, -URL
    beginning("envoy-"),
    beginning("accel-"),
    beginning("middleware-"),
    beginning("invoke-"),
    beginning("ssl"),
    beginning("appengine-"),  // -Country, -User-IP and the like
    beginning("arr-"),        // what IIS's request routing says: -SSL, -ClientCert
    beginning("authenticated-"),
    beginning("azure-clientip"),
    beginning("azure-socketip"),
    beginning("backend-host"),
    beginning("base-path"),
    beginning("base-ur"),
    beginning("client-geo"),
    beginning("context-path"),
    beginning("country-code"),  // which WooCommerce reads, as those with "geo"
    beginning("custom-ip-"),
    beginning("external-host"),
    beginning("external-ur"),
    beginning("gateway-host"),
    beginning("geo-"),
    beginning("geoip"),
    beginning("host-name"),
    beginning("hostname"),
    beginning("https-"),
    beginning("ingress-"),
    beginning("ms-client-principal"),
    beginning("nf-client"),
    beginning("public-host"),
    beginning("public-ur"),
    beginning("root-path"),
    beginning("script-"),  // -Name, -Path
    beginning("server-"),
    beginning("site-url"),
    beginning("sucuri-client"),
    beginning("sucuri-country"),
    beginning("url-"),     // -Scheme, -Prefix
    beginning("vercel-"),  // -Forwarded-For, -IP-Country
    beginning("verified-client"),
    beginning("webauth-"),
    whole("host"),
    whole("host-override"),
    whole("https"),
    whole("matched-path"),
    whole("now-route-matches"),
    whole("path"),
    whole("port"),
    whole("prefix"),
    whole("proto"),
    whole("protocol"),
    whole("scheme"),
    whole("secure"),
    whole("sendfile-type"),
    whole("true-ip"),
    whole("uri"),
    whole("url"),
};

constexpr std::array others = {
    beginning("-ws"),  // $WSSN, $WSSC and the like: WebSphere takes host and scheme from them
    beginning("base-ur"),
    beginning("cdn-src-ip"),
    beginning("cf-connecting-ip"),
    beginning("cf-ip"),  // CF-IPCountry, CF-IPCity and the like, which shops choose prices by
    beginning("cf-pseudo-ipv4"),
    beginning("cf-visitor"),
    beginning("client-cert"),  // RFC 9440: whoever ends TLS must not let a client's own through
    beginning("client-ip"),
    beginning("cloudfront-"),
    beginning("cluster-client-ip"),
    beginning("do-connecting-ip"),
    beginning("document-"),  // with path-, query-string, script- and server-: CGI's own variables (RFC 3875, 4.1)
    beginning("fastly-client-ip"),
    beginning("fastly-ssl"),
    beginning("fly-"),
    beginning("forward"),
    beginning("front-end-https"),
    beginning("geoip-"),
    beginning("http-"),  // Http-Host, Http-Url; HTTP-Client-IP
    beginning("https"),
    beginning("incap-"),
    beginning("mm-country"),
    beginning("path-"),  // -Info, -Translated
    beginning("proxy"),  // Proxy itself: a program finds it as HTTP_PROXY and sends its own requests there (httpoxy)
    beginning("query-string"),
    beginning("real-ip"),
    beginning("remote-"),
    beginning("request-range"),  // what Range was once called, and some servers still heed: a part stored as the whole
    beginning("request-ur"),
    beginning("script-"),  // -Name: some servers cut it off the path, and answer of another page
    beginning("server-"),
    beginning("ssl"),
    beginning("tenfold-"),
    beginning("true-client-ip"),
    beginning("wl-proxy-"),  // WebLogic
    whole("gateway-interface"),
    whole("http2-settings"),
    whole("uri"),
    whole("url"),
};

// Fields that nobody must say under another name, although what they say is the client's to say: a cache would tell
// apart by the one what the origin's program tells apart by the other.
constexpr std::array own_names = {whole("accept-charset"), whole("accept-language"), whole("save-data")};

bool any_matches(std::span<const Pattern> patterns, std::string_view name) {
  return std::ranges::any_of(patterns, [name](const Pattern& pattern) { return pattern.matches(name); });
}

// What no pattern and no name that can be spelt another way begins with is passed over at once; Sec-* too, which
// browsers send most of.
bool may_be_one(std::string_view name) {
  constexpr std::string_view first_letters = "$abcdfghiklmpqrstuwx";
  if (name.size() < 2 || first_letters.find(static_cast<char>(name[0] | 0x20)) == std::string_view::npos) return false;
  return (name[0] | 0x20) != 's' || (name[1] | 0x20) != 'e' || (name.size() > 3 && (name[2] | 0x20) == 'r');
}

}  // namespace

bool is_claim(std::string_view name) {
  constexpr std::size_t enough = 40;  // past the longest of the patterns
  if (!may_be_one(name)) return false;
  std::array<char, enough> room;
  const std::string_view looked_at = name.substr(0, enough);
  bool spelt_otherwise = false;
  for (std::size_t i = 0; i < looked_at.size(); ++i) {
    const char c = looked_at[i];
    room[i] = is_letter_or_digit(c) ? to_lower(c) : '-';
    spelt_otherwise = spelt_otherwise || (room[i] == '-' && c != '-');
  }
  const std::string_view same(room.data(), looked_at.size());
  if (same.starts_with("x-") ? any_matches(behind_x, same.substr(2)) : any_matches(others, same)) return true;
  if (!spelt_otherwise || name.size() > enough) return false;
  return http::field_of(same) != http::Field::other || any_matches(own_names, same);
}

}  // namespace tenfold::edge
