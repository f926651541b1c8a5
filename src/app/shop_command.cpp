#include "app/shop_command.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <csignal>
#include <memory>

#include "app/serve/privileges.hpp"
#include "app/serve/signals.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"
#include "http/plain_server.hpp"
#include "net/loop.hpp"
#include "net/scope.hpp"
#include "shop/shop.hpp"

namespace tenfold::app {
namespace {

constexpr Duration drain_time = std::chrono::seconds(10);

net::Task<void> drain_when_told(net::Loop& loop, Signals& signals, http::PlainServer& server, shop::Shop& shop) {
  while (true) {
    auto signal = co_await signals.next(loop, {});
    if (!signal || *signal == SIGTERM || *signal == SIGINT) break;
  }
  shop.let_go();
  [[maybe_unused]] auto finished = co_await server.finish(loop.now() + drain_time);
  shop.stop();
  co_await server.abort();
  loop.stop();
}

Exit refuse_shop(const Terminal& err, Exit exit, std::string_view what) {
  err.line(fmt::format("{} {}", err.ink(Ink::red, "tenfold shop:"), what));
  return exit;
}

Exit explain(const Terminal& err, const ShopOptions& options, const Error& error) {
  if (error.code == Errc::busy) {
    return refuse_shop(
        err, Exit::machine_lacks,
        fmt::format("{} is taken by another program; choose another address with --listen, or port 0 for any "
                    "that is free",
                    options.listen));
  }
  return refuse_shop(err, Exit::machine_lacks, fmt::format("cannot listen on {}: {}", options.listen, error.text()));
}

void announce(const ShopOptions& options, const http::PlainServer& server, const Terminal& out, const Terminal& err) {
  const std::string address = server.local().text();
  if (options.show == ShopOptions::Show::json) {
    out.line(nlohmann::json{{"listening", address}, {"workers", options.workers}}.dump());
  } else {
    err.line(fmt::format("shop listening on {}", address));
  }
}

}  // namespace

Exit shop(const ShopOptions& options, const Terminal& out, const Terminal& err) {
  const auto endpoint = net::Endpoint::parse(options.listen);
  if (!endpoint)
    return refuse_shop(
        err, Exit::usage,
        fmt::format("--listen {}: expected an address and a port, such as 127.0.0.1:9001", options.listen));
  const auto times = shop::parse_service_times(options.times);
  if (!times) return refuse_shop(err, Exit::usage, fmt::format("--time: {}", times.error().detail));
  auto signals = Signals::make();
  if (!signals) return refuse_shop(err, Exit::machine_lacks, signals.error().text());
  raise_descriptor_limit();

  const SystemClock clock;
  auto loop = net::make_loop(clock);
  if (!loop) return refuse_shop(err, Exit::machine_lacks, loop.error().text());
  auto server = http::PlainServer::listen(**loop, *endpoint, {});
  if (!server) return explain(err, options, server.error());

  FastRandom random(entropy_seed());
  shop::Shop shop(
      **loop, random,
      {.storefront = {.shop_name = options.title,
                      .server_name = options.name.empty() ? (*server)->local().text() : options.name},
       .workers = options.workers,
       .line_limit = options.line,
       .times = *times,
       .control = options.control == ShopOptions::Control::on ? shop::Shop::Control::on : shop::Shop::Control::off});
  (*server)->serve(shop);
  announce(options, **server, out, err);
  net::Scope scope;
  scope.spawn(drain_when_told(**loop, *signals, **server, shop));
  (*loop)->run();
  return Exit::good;
}

void add_shop_command(CLI::App& program, Exit& exit) {
  auto options = std::make_shared<ShopOptions>();
  auto* command = program.add_subcommand("shop", "Opens the demo shop: an origin with a known capacity");
  command->add_option("--listen", options->listen, "Address and port; port 0 takes any that is free")
      ->capture_default_str();
  command->add_option("--workers", options->workers, "Requests that are worked on at a time")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  command->add_option("--line", options->line, "Requests that wait for a worker; past it 503")
      ->check(CLI::Range(0, 1'000'000))
      ->capture_default_str();
  command->add_option(
      "--time", options->times,
      "How long a worker takes, e.g. page=40ms,search=120ms; of static, picture, page, search, cart, checkout");
  command->add_option("--name", options->name, "What X-Shop and the footer say; otherwise the address");
  command->add_option("--title", options->title, "The shop's name")->capture_default_str();
  command->add_flag_callback(
      "--no-control", [=] { options->control = ShopOptions::Control::off; }, "Without the switches under /control/");
  command->add_flag_callback(
      "--json", [=] { options->show = ShopOptions::Show::json; }, "Where it listens, as one JSON object");
  command->callback([=, &exit] { exit = shop(*options, Terminal(1), Terminal(2)); });
}

}  // namespace tenfold::app
