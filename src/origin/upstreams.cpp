#include "origin/upstreams.hpp"

#include "origin/choice.hpp"
#include "origin/first_come.hpp"
#include "origin/flight.hpp"

namespace tenfold::origin {

namespace {

constexpr Duration sweep_every = 1s;

}  // namespace

Upstreams::Upstreams(Directory& directory, net::Loop& loop, Random& random, std::unique_ptr<Admission> admission)
    : directory_(directory),
      loop_(loop),
      random_(random),
      admission_(admission ? std::move(admission) : std::make_unique<FirstComeFirstServed>()),
      sweep_timer_(&on_sweep, this),
      subscription_(directory.subscribe(loop, *this, Directory::Kind::worker)) {
  adopt();
}

Upstreams::~Upstreams() {
  subscription_.end();
  TENFOLD_ASSERT(uploads_.running() == 0 && waiting_ == 0);
}

// ---- the topology ----

void Upstreams::adopt() {
  if (generation_ && generation_->topology().version == directory_.version()) return;
  generation_ = GenerationRef(new Generation(directory_.topology()));
  for (auto& lane : lanes_) {
    if (!lane || !lane->server().marks().has(Mark::removed)) continue;
    lane->close_idle();
    if (lane->server().active() == 0) lane.reset();
  }
}

void Upstreams::on_topology() { adopt(); }

RouteRef Upstreams::route(std::string_view method, std::string_view authority, std::string_view path) {
  adopt();
  const Topology& topology = generation_->topology();
  return {generation_, &topology.routes[topology.router.find(method, authority, path)]};
}

// A request may still go by a topology that is no longer in force to a server that has come back since.
Lane& Upstreams::lane(Server& server) {
  if (server.id() >= lanes_.size()) lanes_.resize(server.id() + 1);
  auto& lane = lanes_[server.id()];
  if (!lane) lane = std::make_unique<Lane>(server.shared_from_this());
  return *lane;
}

Result<std::shared_ptr<net::TlsClientContext>> Upstreams::tls_context(Server& server) {
  std::shared_ptr<net::TlsClientContext>& context = lane(server).tls();
  if (!context) {
    auto made = server.make_tls_context();
    if (!made) return made;
    context = std::move(*made);
  }
  return context;
}

// ---- places and connections ----

bool Upstreams::enter(const Member& member) {
  const std::uint32_t total = member.pool->settings.max_total_connections;
  PoolLoad& load = *member.pool->load;
  if (!load.begin_work()) return false;
  if (total != 0 && load.active.fetch_add(1, std::memory_order_relaxed) >= total) {
    load.active.fetch_sub(1, std::memory_order_relaxed);
    load.end_work();
    return false;
  }
  if (member.server->try_enter(member.max_connections)) return true;
  if (total != 0) load.active.fetch_sub(1, std::memory_order_relaxed);
  load.end_work();
  return false;
}

void Upstreams::end_work(const Member& member) {
  PoolLoad& load = *member.pool->load;
  load.end_work();
  if (load.waiting.load(std::memory_order_relaxed) != 0) offer_place(*member.server);
}

// After one that waited has got a place there: there may be room for another, where a limit has been raised or several
// places became free at once.
void Upstreams::offer_more(const Member& member) {
  if (member.pool->load->waiting.load(std::memory_order_relaxed) != 0 && has_room(member)) offer_place(*member.server);
}

void Upstreams::give_back(const Member& member, std::unique_ptr<Connection> connection) {
  Server& server = *member.server;
  const Marks marks = server.marks();
  const bool keeps = connection != nullptr && !ending_.cancelled() && connection->http().reusable() && marks.usable();
  if (keeps) {
    lane(server).keep_idle(std::move(connection), loop_.now(), member.pool->settings.max_idle);
    if (!sweep_timer_.armed()) loop_.timers().arm(sweep_timer_, loop_.now() + sweep_every);
  }
  connection.reset();
  server.leave();
  PoolLoad& load = *member.pool->load;
  if (member.pool->settings.max_total_connections != 0) load.active.fetch_sub(1, std::memory_order_relaxed);
  if (load.waiting.load(std::memory_order_relaxed) != 0) offer_place(server);
}

void Upstreams::offer_place(Server& server) {
  if (!admission_->waits_for(server)) {
    directory_.announce_room(server);
    return;
  }
  // Later, not on the stack of whoever gave the place back, which is in the middle of something.
  subscription_.post([this, kept = server.shared_from_this()] { admission_->call_for(*kept); });
}

void Upstreams::on_room(Server& server) {
  if (admission_->waits_for(server)) admission_->call_for(server);
}

void Upstreams::on_down(Server& server) {
  if (server.id() >= lanes_.size() || !lanes_[server.id()]) return;
  Lane& down = lane(server);
  down.close_idle();
  const TimePoint now = loop_.now();
  const double threshold = generation_->topology().settings.ejection.panic_threshold;
  down.tell_down([&](const Route& route) {
    const Server* const tried[] = {&server};
    return choose_other_good({.route = route, .tried = tried, .panic_threshold = threshold, .now = now}, random_) !=
           nullptr;
  });
}

void Upstreams::close_idle() {
  for (const auto& lane : lanes_) {
    if (lane) lane->close_idle();
  }
}

void Upstreams::end() {
  close_idle();
  ending_.cancel();
}

void Upstreams::on_sweep(void* self) { static_cast<Upstreams*>(self)->sweep_idle(); }

void Upstreams::sweep_idle() {
  const TimePoint now = loop_.now();
  std::size_t kept = 0;
  for (const auto& pool : generation_->topology().pools) {
    for (const Member& member : pool->members) {
      kept += lane(*member.server).close_idle_since_before(now - pool->settings.timeouts.idle);
    }
  }
  if (kept != 0) loop_.timers().arm(sweep_timer_, now + sweep_every);
}

}  // namespace tenfold::origin
