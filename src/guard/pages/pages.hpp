#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "guard/pages/gap_text.hpp"
#include "guard/pages/request.hpp"
#include "http/page/frame.hpp"
#include "http/page/preference.hpp"

namespace tenfold::guard {

// Where a solution is sent: GET clear_path?seed=...&nonce=...&to=...
inline constexpr std::string_view clear_path = "/.tenfold/clear";
// Where a place is taken and asked after: GET wait_path?to=... Whoever is let in is answered 303 to that path, everyone
// else with waiting(); the page's script asks for it as JSON.
inline constexpr std::string_view wait_path = "/.tenfold/wait";

struct ChallengeOffer {
  std::string_view seed;  // hexadecimal digits
  unsigned bits = 1;      // 1 to 32
  std::string_view to;    // way_back() of the request, or local_path() of its parameter
  Asked asked = Asked::page;
};

struct QueuePlace {
  std::uint64_t ahead = 0;                  // how many are to be let in before
  std::optional<std::chrono::seconds> eta;  // nothing: not known yet
  std::chrono::seconds retry_after{5};      // when it is asked again
  std::string_view to;                      // as above
  Asked asked = Asked::page;
};

// The values of Tenfold-Challenge and Tenfold-Queue. For an eta that is not known stands when to ask again.
std::string challenge_field(const ChallengeOffer& offer);
std::string queue_field(const QueuePlace& place);

// Goes with status 503, "Cache-Control: no-store" and "Vary: Accept, Accept-Language, Sec-Fetch-Dest,
// X-Requested-With". All but the body points into the GuardPages that gave it.
struct GuardPage {
  std::string_view content_type;
  std::string_view content_language;
  std::string_view content_security_policy;  // empty: none is needed
  std::string body;
};

// What a stranger reads who is not admitted at once: HTML, JSON (RFC 9457) or plain text, in English, German, French or
// Spanish. The HTML is one document without anything from elsewhere, and works with and without a script. All that does
// not change is rendered at construction. Immutable; thread-safe.
class GuardPages {
 public:
  explicit GuardPages(std::string_view shop_name, const http::PageAccent& accent = {});

  // Solves the challenge and leads on. Without a script it leads to wait_path, where it waits its turn instead.
  GuardPage challenge(http::PageFormat format, http::PageLanguage language, const ChallengeOffer& offer) const;
  // Says the place and when it is its turn, and asks again by itself.
  GuardPage waiting(http::PageFormat format, http::PageLanguage language, const QueuePlace& place) const;

 private:
  struct InLanguage {
    std::array<GapText, 2> challenge_html;  // by Asked
    GapText challenge_json;
    GapText challenge_text;
    std::array<GapText, 2> waiting_html;  // by Asked
    GapText waiting_json;
    GapText waiting_text;
  };

  std::array<InLanguage, http::page_languages> pages_;
  std::string challenge_policy_;
  std::string waiting_policy_;
};

}  // namespace tenfold::guard
