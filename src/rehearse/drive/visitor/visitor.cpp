#include "rehearse/drive/visitor/visitor.hpp"

#include <algorithm>

#include "rehearse/drive/visitor/redirect.hpp"

namespace tenfold::rehearse {

namespace {

http::HttpDate wall_seconds(const Clock& clock) { return std::chrono::floor<std::chrono::seconds>(clock.wall_now()); }

}  // namespace

Visitor::Visitor(VisitorContext& context, PlannedSession session, std::optional<net::IpAddress> source)
    : context_(context),
      itinerary_(std::move(session.itinerary)),
      user_agent_(session.user_agent.empty() ? std::string_view(context.options.user_agent) : session.user_agent),
      source_(source) {}

// ---- The walk ----

void Visitor::go_on(TimePoint planned, TimePoint now) {
  if (context_.stopping) return leave();
  if (next_ == Next::page) return begin_page(planned, now);
  ask_due_assets(now);
}

void Visitor::begin_page(TimePoint planned, TimePoint now) {
  if (!itinerary_->next(page_)) return leave();
  next_ = Next::nothing;
  next_asset_ = 0;
  page_began_ = last_asset_ = planned;
  page_failed_ = false;
  // A log has the redirect and the page behind it: who has been led there does not go there once more.
  const bool there_already = !landed_.empty() && landed_ == page_.target;
  landed_.clear();
  if (page_.target.empty() || there_already) return page_done(planned);
  const Wanted wanted{page_.template_index, page_.target, page_.conditional, page_.invented};
  if (ask(wanted, Ask::Part::page, planned, now) == Asked::no) page_done(now);
}

void Visitor::page_done(TimePoint done) {
  page_done_ = done;
  if (page_failed_) next_asset_ = page_.assets.size();
  plan_assets_or_page();
}

void Visitor::plan_assets_or_page() {
  if (next_asset_ < page_.assets.size()) return wait_until(asset_moment(page_.assets[next_asset_]), Next::asset);
  wait_until(std::max(page_done_, last_asset_) + page_.think, Next::page);
}

// Not before the page is there: it is what names them.
TimePoint Visitor::asset_moment(const PlannedAsset& asset) const {
  return std::max(page_began_ + asset.after_page, page_done_);
}

void Visitor::ask_due_assets(TimePoint now) {
  while (next_asset_ < page_.assets.size()) {
    const PlannedAsset& asset = page_.assets[next_asset_];
    const TimePoint moment = asset_moment(asset);
    if (moment > now) break;
    ++next_asset_;
    last_asset_ = moment;
    const Wanted wanted{asset.template_index, asset.target, asset.conditional, asset.invented};
    ask(wanted, Ask::Part::asset, moment, now);
  }
  plan_assets_or_page();
}

void Visitor::wait_until(TimePoint moment, Next next) {
  if (leaving_) return;
  if (context_.stopping) return leave();
  next_ = next;
  context_.due.push({moment, this});
}

void Visitor::leave() {
  leaving_ = true;
  next_ = Next::nothing;
  maybe_gone();
}

// Closing a connection may end it here and now.
void Visitor::maybe_gone() {
  if (!leaving_ || left_ || under_way_ > 0) return;
  while (!free_.empty()) {
    Connection& connection = free_.front();
    connection.unlink();
    connection.close();
  }
  if (connections_ > 0 || left_) return;
  left_ = true;
  context_.gone.push_back(this);
}

// ---- Asking ----

Visitor::Asked Visitor::ask(const Wanted& wanted, Ask::Part part, TimePoint planned, TimePoint now) {
  const std::uint32_t template_index = wanted.template_index;
  Recorder& recorder = context_.recorder;
  const Template& of = context_.model.templates[template_index];
  const http::Method method = http::method_of(of.method);
  if (!http::is_safe(method) && context_.options.writes == DriveOptions::Writes::withheld) {
    ++recorder.counts().withheld;
    return Asked::no;
  }
  recorder.planned(template_index);
  if (context_.in_flight >= context_.most_in_flight || now - planned > Recorder::too_late_after) {
    recorder.unsent();
    if (part == Ask::Part::page) page_failed_ = true;
    return Asked::no;
  }
  recorder.arrived(now - planned);
  Ask& made = context_.new_ask();
  static_cast<Call&>(made) = {};
  made.planned = planned;
  made.deadline = planned + context_.options.timeout;
  made.method = method;
  made.method_name = of.method;
  made.template_index = template_index;
  made.target = wanted.target;
  made.invented = wanted.invented;
  made.part = part;
  made.conditional = context_.validators.choose(template_index, wanted.target, wanted.conditional);
  made.redirects = 0;
  ++context_.in_flight;
  ++under_way_;
  write(made);
  if (part == Ask::Part::page) page_target_ = made.target;
  send(made);
  return Asked::yes;
}

void Visitor::write(Ask& ask) {
  std::string more;
  if (!page_target_.empty()) more.append("Referer: ").append(context_.origin).append(page_target_).append("\r\n");
  const auto transport = context_.options.target.tls() ? CookieJar::Transport::secure : CookieJar::Transport::clear;
  cookies_.append_field(more, ask.target, transport, wall_seconds(context_.route.loop().clock()));
  if (ask.conditional) context_.validators.append_fields(more, ask.target);
  ask.location.clear();
  write_request(context_, user_agent_, more, ask);
}

// On a free connection, or one more, or the first to come free. What met a closing connection gets one that is new.
void Visitor::send(Ask& ask) {
  const bool room = connections_ < context_.options.connections_per_visitor;
  while (!free_.empty() && !(ask.sent_again && room)) {
    Connection& connection = free_.front();
    if (connection.free()) return connection.begin(ask);
    connection.unlink();
    connection.close();
  }
  if (connections_ >= context_.options.connections_per_visitor) {
    waiting_.push_back(&ask);
    return;
  }
  ++connections_;
  Connection::open(context_.scope, context_.route, *this, &ask, ask.deadline, source_);
}

// A connection has come free, or room for one.
void Visitor::use_waiting() {
  if (context_.abandoned) return;
  while (!waiting_.empty() && (!free_.empty() || connections_ < context_.options.connections_per_visitor)) {
    Ask& next = *waiting_.front();
    waiting_.pop_front();
    if (next.deadline > context_.route.loop().now()) {
      send(next);
    } else {
      finish(next, {.at = next.deadline, .failure = Failure::timed_out});
    }
  }
}

void Visitor::finish(Ask& ask, const CallEnd& end) {
  CallEnd judged = end;
  if (is_redirect(end.status)) {
    judged.led = ask.redirects < most_redirects ? led_by(ask) : Led::for_ever;
    judged.led_to = ask.location;
  }
  const Failure failure = context_.recorder.ended(ask, judged);
  const bool page = ask.part == Ask::Part::page;
  const int status = end.status;
  if (is_redirect(status) && !ask.location.empty() && ask.redirects < most_redirects && !context_.stopping) {
    if (follow(ask, status, end.at)) return;
  }
  --context_.in_flight;
  --under_way_;
  if (page) {
    // What is unlike the log is there, and a browser goes on with it.
    page_failed_ = (failure != Failure::none && failure != Failure::unlike) || end.could_not;
    if (ask.redirects > 0 && !page_failed_) landed_ = ask.target;
  }
  context_.give_back(ask);
  if (page) page_done(end.at);
  maybe_gone();
}

Led Visitor::led_by(const Ask& ask) const {
  return where_led(context_.options.target, ask.target, ask.location, *context_.known_pages);
}

// False: it leads to another origin, or its method is withheld.
bool Visitor::follow(Ask& ask, int status, TimePoint at) {
  auto target = resolve_location(context_.options.target, ask.target, ask.location);
  if (!target) {
    ++context_.recorder.counts().not_followed;
    return false;
  }
  ask.target = std::move(*target);
  ask.method_name = method_after(status, ask.method_name);
  ask.method = http::method_of(ask.method_name);
  ++ask.redirects;
  ask.planned = at;
  ask.deadline = at + context_.options.timeout;
  ask.first_byte = {};
  ask.sent_again = false;
  ask.followed = true;
  context_.recorder.planned(ask.template_index);
  write(ask);
  if (ask.part == Ask::Part::page) page_target_ = ask.target;
  waiting_.push_front(&ask);  // the connection that brought the answer comes free next
  return true;
}

// ---- Connections ----

void Visitor::call_sent(Call& call) {
  if (!call.sent_again) context_.recorder.sent(call);
}

void Visitor::head_received(Call& call, const http::ResponseHead& head) {
  auto& ask = static_cast<Ask&>(call);
  const http::HttpDate now = wall_seconds(context_.route.loop().clock());
  for (const http::Header& field : head.headers) {
    if (field.field == http::Field::set_cookie) {
      cookies_.take(field.value, ask.target, context_.options.target.host, now);
    } else if (field.field == http::Field::location && is_redirect(head.status)) {
      ask.location = field.value;
    }
  }
  if (head.status == 200 && ask.method == http::Method::get) context_.validators.remember(ask.target, head.headers);
}

void Visitor::call_ended(Connection& connection, Call& call, const CallEnd& end) {
  auto& ask = static_cast<Ask&>(call);
  if (connection.free()) free_.push_front(connection);
  if (end.stale && !ask.sent_again && http::is_idempotent(ask.method)) {
    ask.sent_again = true;
    waiting_.push_front(&ask);  // until the connection that failed is gone
  } else {
    finish(ask, end);
  }
  use_waiting();
}

void Visitor::connection_gone(Connection&) {
  --connections_;
  use_waiting();
  maybe_gone();
}

}  // namespace tenfold::rehearse
