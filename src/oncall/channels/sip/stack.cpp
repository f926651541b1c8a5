#include "oncall/channels/sip/stack.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>

#include "base/log.hpp"
#include "oncall/channels/sip/lookup.hpp"
#include "oncall/channels/sip/re_version.hpp"

namespace tenfold::oncall::sip {
namespace {

constexpr std::uint32_t table_size = 8;  // hash tables of one call

sip_transp transport_of(SipOptions::Transport transport) {
  switch (transport) {
    case SipOptions::Transport::tcp: return SIP_TRANSP_TCP;
    case SipOptions::Transport::tls: return SIP_TRANSP_TLS;
    case SipOptions::Transport::udp: break;
  }
  return SIP_TRANSP_UDP;
}

const char* parameter_of(SipOptions::Transport transport) {
  switch (transport) {
    case SipOptions::Transport::tcp: return "tcp";
    case SipOptions::Transport::tls: return "tls";
    case SipOptions::Transport::udp: break;
  }
  return "udp";
}

Re<dnsc> name_client() {
  std::array<sa, 4> servers{};
  auto count = static_cast<std::uint32_t>(servers.size());
  std::array<char, 256> domain{};
  Re<dnsc> client;
  if (dns_srv_get(domain.data(), domain.size(), servers.data(), &count) != 0) return client;
  make_re(client, [&](dnsc** out) { return dnsc_alloc(out, nullptr, servers.data(), count); });
  return client;
}

}  // namespace

Result<std::unique_ptr<Stack>> Stack::open(const SipOptions& options, const Route& route) {
  std::unique_ptr<Stack> stack(new Stack);
  stack->host_ = options.host;
  stack->route_uri_ = fmt::format("sip:{};transport={}", text(route.server), parameter_of(options.transport));
  stack->names_ = name_client();
  const int code = make_re(stack->sip_, [&](SipStack** out) {
    return sip_alloc(
        out, stack->names_.get(), table_size, table_size, table_size, "Tenfold",
        [](void* self) {
          auto* owner = static_cast<Stack*>(self);
          owner->emptied_ = true;
          owner->soon_.start(Duration::zero(), [owner] { owner->closed_(); });
        },
        stack.get());
  });
  if (code != 0) return fail(Errc::exhausted, "SIP: " + error_text(code));
  if (auto listening = stack->listen(options, route); !listening) return std::unexpected(listening.error());
  return stack;
}

Result<void> Stack::listen(const SipOptions& options, const Route& route) {
  const bool is_tls = options.transport == SipOptions::Transport::tls;
  int code = is_tls ? add_tls(options, route.local)
                    : sip_transp_add(sip_.get(), transport_of(options.transport), &route.local);
  if (code == ENOENT) return fail(Errc::invalid, "cannot read the certificate authorities of " + options.ca_file);
  if (code == 0) {
    code = make_re(sessions_, [this](sipsess_sock** out) {
      // We ring; nobody rings us.
      return sipsess_listen(
          out, sip_.get(), table_size,
          [](const sip_msg* message, void* self) {
            sip_treply(nullptr, static_cast<Stack*>(self)->get(), message, 480, "Temporarily Unavailable");
          },
          this);
    });
  }
  if (code != 0)
    return fail(Errc::exhausted, fmt::format("opening SIP towards {}: {}", text(route.server), error_text(code)));
  return {};
}

int Stack::add_tls(const SipOptions& options, const sa& local) {
  int code = make_re(tls_, [](tls** out) { return tls_alloc(out, TLS_METHOD_SSLV23, nullptr, nullptr); });
  if (code == 0) code = verify_server(tls_.get(), host_, options.ca_file, complaint_);
  if (code == 0) code = sip_transp_add(sip_.get(), SIP_TRANSP_TLS, &local, tls_.get());
  return code;
}

void Stack::close(std::function<void()> closed) {
  closed_ = std::move(closed);
  closing_ = true;
  sessions_.reset();
  sip_close(sip_.get(), false);  // gives our reference away, and gets it back when nothing else has one
}

Stack::~Stack() {
  if (!closing_) close([] {});
  if (!emptied_) sip_close(sip_.get(), true);
  if (emptied_) return;
  log::error("SIP: libre kept a call's signalling; its memory is lost");
  (void)sip_.release();  // the reference is not ours any more
}

}  // namespace tenfold::oncall::sip
