#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "rehearse/drive/visitor/cookies.hpp"
#include "rehearse/drive/visitor/visitor_context.hpp"

namespace tenfold::rehearse {

// One visitor: walks an itinerary page by page, with cookies and connections of its own, as a browser does.
//
//   page due -> asks for the page, follows its redirects -> asks for the assets, each at its moment -> thinks -> page
//   due
//
// A page that fails has no assets. Connections are opened as requests need them, up to a bound past which requests wait
// for one; they are kept while the visitor stays, and closed when it leaves.
class Visitor final : private ConnectionUser {
 public:
  Visitor(VisitorContext& context, PlannedSession session, std::optional<net::IpAddress> source);
  Visitor(const Visitor&) = delete;
  Visitor& operator=(const Visitor&) = delete;

  // Its moment has come, which was planned for `planned`.
  void go_on(TimePoint planned, TimePoint now);
  // Asks for nothing more, and leaves when nothing is under way. Only if it has no moment to wait for any more.
  void leave();
  bool left() const { return left_; }

  std::size_t index = 0;  // its owner's

 private:
  enum class Next : std::uint8_t { page, asset, nothing };

  void begin_page(TimePoint planned, TimePoint now);
  void page_done(TimePoint done);
  void ask_due_assets(TimePoint now);
  void plan_assets_or_page();
  void wait_until(TimePoint moment, Next next);
  TimePoint asset_moment(const PlannedAsset& asset) const;

  enum class Asked : std::uint8_t { yes, no };
  // What the plan says of one request.
  struct Wanted {
    std::uint32_t template_index;
    std::string_view target;
    bool conditional;
    Invented invented;
  };
  Asked ask(const Wanted& wanted, Ask::Part part, TimePoint planned, TimePoint now);
  void send(Ask& ask);
  void write(Ask& ask);
  bool follow(Ask& ask, int status, TimePoint at);
  Led led_by(const Ask& ask) const;
  void finish(Ask& ask, const CallEnd& end);
  void use_waiting();
  void maybe_gone();

  void call_sent(Call& call) override;
  void head_received(Call& call, const http::ResponseHead& head) override;
  void call_ended(Connection& connection, Call& call, const CallEnd& end) override;
  void connection_gone(Connection& connection) override;

  VisitorContext& context_;
  const std::unique_ptr<Itinerary> itinerary_;
  const std::string user_agent_;
  const std::optional<net::IpAddress> source_;
  CookieJar cookies_;

  PlannedPage page_;
  Next next_ = Next::page;
  std::size_t next_asset_ = 0;
  TimePoint page_began_{};  // its request's planned moment
  TimePoint page_done_{};
  TimePoint last_asset_{};  // the last one's moment
  bool page_failed_ = false;
  std::string page_target_;  // for Referer: of the page last asked for
  std::string landed_;       // where redirects led; the walk may go there by itself

  net::IntrusiveList<Connection> free_;
  std::deque<Ask*> waiting_;  // for a connection
  int connections_ = 0;
  int under_way_ = 0;  // asks
  bool leaving_ = false;
  bool left_ = false;
};

}  // namespace tenfold::rehearse
