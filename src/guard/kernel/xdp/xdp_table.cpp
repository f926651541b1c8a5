#include "guard/kernel/xdp/xdp_table.hpp"

#include <linux/if_link.h>
#include <net/if.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "guard/kernel/descriptor.hpp"
#include "guard/kernel/xdp/pins.hpp"
#include "guard/kernel/xdp/program.hpp"

#if TENFOLD_HAS_LIBBPF
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#endif

namespace tenfold::guard::kernel {

namespace {

constexpr std::string_view blocks_pin = "blocks";
constexpr std::string_view link_pin = "link-";

// The program's place at one interface. It goes with the last descriptor or pin of it, and with the interface.
struct Link {
  std::string interface;
  unsigned index;         // 0: the interface is gone
  std::string_view mode;  // "native", "generic", "gone"
  Descriptor descriptor;
};

#if TENFOLD_HAS_LIBBPF

std::string_view mode_at(unsigned interface) {
  LIBBPF_OPTS(bpf_xdp_query_opts, found);
  if (::bpf_xdp_query(static_cast<int>(interface), 0, &found) != 0) return "unknown";
  return found.attach_mode == XDP_ATTACHED_DRV ? "native" : "generic";
}

// The place that an earlier process has pinned there, with our program in it.
Descriptor taken_over(const Pins& pins, const Interface& interface, int program) {
  Descriptor kept = pins.get(std::string(link_pin) + interface.name);
  if (!kept) return {};
  bpf_link_info info{};
  std::uint32_t size = sizeof info;
  if (::bpf_obj_get_info_by_fd(kept.number(), &info, &size) != 0 || info.type != BPF_LINK_TYPE_XDP) return {};
  if (info.xdp.ifindex != interface.index || ::bpf_link_update(kept.number(), program, nullptr) != 0) return {};
  return kept;
}

Descriptor attached(int program, unsigned interface, std::uint32_t mode) {
  LIBBPF_OPTS(bpf_link_create_opts, options, .flags = mode);
  return Descriptor(::bpf_link_create(program, static_cast<int>(interface), BPF_XDP, &options));
}

Result<Link> attach(const Interface& interface, int program, std::optional<Pins>& pins) {
  if (interface.kind == Interface::Kind::other) {
    return fail(Errc::unsupported, interface.name + " has no Ethernet frames");
  }
  Descriptor place;
  const std::string pin = std::string(link_pin) + interface.name;
  if (pins) {
    place = taken_over(*pins, interface, program);
    if (!place) pins->remove(pin);  // of an interface that is gone: it would hold nothing
  }
  const bool is_new = !place;
  if (!place) place = attached(program, interface.index, XDP_FLAGS_DRV_MODE);
  if (!place && errno != EBUSY) place = attached(program, interface.index, XDP_FLAGS_SKB_MODE);
  if (!place) {
    const std::string_view why = errno == EBUSY ? " has another XDP program" : " takes no XDP program";
    return fail(Errc::unsupported, interface.name + std::string(why));
  }
  if (pins && is_new) {
    if (auto pinned = pins->pin(place.number(), pin); !pinned) log::warn("guard: {}", pinned.error().text());
  }
  return Link{interface.name, interface.index, mode_at(interface.index), std::move(place)};
}

void detach(const Link& link) { ::bpf_link_detach(link.descriptor.number()); }

#else

Result<Link> attach(const Interface&, int, std::optional<Pins>&) { return fail(Errc::unsupported); }
void detach(const Link&) {}

#endif

class XdpTable final : public Table {
 public:
  XdpTable(XdpProgram program, std::vector<Link> links, std::optional<Pins> pins)
      : program_(std::move(program)), links_(std::move(links)), pins_(std::move(pins)) {}
  XdpTable(const XdpTable&) = delete;
  XdpTable& operator=(const XdpTable&) = delete;
  // A pin that the process may not remove any more holds a program that is nowhere, and an empty map.
  ~XdpTable() override {
    for (const Link& link : links_) {
      detach(link);
      if (pins_) pins_->remove(std::string(link_pin) + link.interface);
    }
    program_.clear();
    if (pins_) pins_->remove(std::string(blocks_pin));
  }

  Result<void> put(const Prefix& prefix, Duration lasts) override { return program_.put(prefix, lasts); }
  Result<void> take_out(const Prefix& prefix) override { return program_.take_out(prefix); }
  Result<void> allow(std::span<const net::IpNetwork> networks) override { return program_.allow(networks); }
  Counts counts() override {
    for (Link& link : links_) look_after(link);
    return program_.counts();
  }
  std::vector<Left> left() override { return program_.blocks(); }
  std::string words() const override {
    std::string text = "XDP on ";
    for (const Link& link : links_) {
      if (&link != &links_.front()) text += ", ";
      text += link.interface + " (" + std::string(link.mode) + ")";
    }
    return text;
  }

 private:
  // A network manager that is restarted, a driver that is loaded anew or a bond that is made again takes the interface
  // away, and the place on it; the one that comes back under the same name has none.
  void look_after(Link& link) {
    const unsigned index = ::if_nametoindex(link.interface.c_str());
    if (index == link.index) return;
    link.index = index;
    link.mode = "gone";
    if (index == 0) {
      log::warn("guard: {} is gone; nobody is dropped there", link.interface);
      return;
    }
    auto anew = attach({.name = link.interface, .index = index}, program_.number(), pins_);
    if (!anew) {
      log::warn("guard: {} was made anew, and drops nobody until Tenfold is started again: {}", link.interface,
                anew.error().detail);
      return;
    }
    link = std::move(*anew);
    log::info("guard: {} was made anew, and drops as before", link.interface);
  }

  XdpProgram program_;
  std::vector<Link> links_;
  std::optional<Pins> pins_;  // none: no file system of BPF; blocks end with the process
};

// Places at interfaces that are not served any more.
void drop_other_links(Pins& pins, const std::vector<Link>& links) {
  for (const std::string& name : pins.names()) {
    if (!name.starts_with(link_pin)) continue;
    const std::string_view interface = std::string_view(name).substr(link_pin.size());
    if (std::ranges::none_of(links, [&](const Link& each) { return each.interface == interface; })) pins.remove(name);
  }
}

std::vector<std::uint16_t> ports_of(std::span<const net::Endpoint> listeners) {
  std::vector<std::uint16_t> ports;
  for (const net::Endpoint& each : listeners) {
    if (!each.address.is_loopback()) ports.push_back(each.port);
  }
  return ports;
}

}  // namespace

Result<std::unique_ptr<Table>> open_xdp(const KernelOptions& options, std::span<const Interface> interfaces) {
  if (interfaces.empty()) return fail(Errc::unsupported, "no interface leads to the listeners");
  std::optional<Pins> pins;
  if (auto opened = Pins::open(options.runs_as)) {
    pins = std::move(*opened);
  } else {
    log::info("guard: blocks do not outlive this process: {}", opened.error().detail);
  }
  auto program = XdpProgram::load(pins ? pins->get(std::string(blocks_pin)) : Descriptor());
  if (!program) return std::unexpected(program.error());
  if (auto set = program->serve(ports_of(options.listeners)); !set) return std::unexpected(set.error());
  if (auto set = program->allow(options.allowed); !set) return std::unexpected(set.error());
  std::vector<Link> links;
  for (const Interface& interface : interfaces) {
    auto link = attach(interface, program->number(), pins);
    if (!link) {
      if (pins) drop_other_links(*pins, {});
      return std::unexpected(link.error());
    }
    links.push_back(std::move(*link));
  }
  if (pins) {
    drop_other_links(*pins, links);
    if (auto pinned = pins->pin(program->blocks_map(), std::string(blocks_pin)); !pinned) {
      log::warn("guard: {}", pinned.error().text());
    }
  }
  return std::make_unique<XdpTable>(std::move(*program), std::move(links), std::move(pins));
}

void remove_left_xdp() {
  auto pins = Pins::open({});
  if (!pins) return;
  for (const std::string& name : pins->names()) pins->remove(name);
}

}  // namespace tenfold::guard::kernel
