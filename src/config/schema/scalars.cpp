#include "config/schema/scalars.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <optional>
#include <system_error>

#include "config/schema/scalar.hpp"

namespace tenfold::config {
namespace {

template <class T>
std::function<std::string(const T&)> between(T least, T most, std::string (*shown)(T)) {
  return [=](const T& value) {
    if (value < least) return fmt::format("expected at least {}", shown(least));
    if (value > most) return fmt::format("expected at most {}", shown(most));
    return std::string();
  };
}

std::string rate_text(double per_s) { return fmt::format("{:g}/s", per_s); }

template <class Unsigned>
TypeOf<Unsigned> number(Unsigned least, Unsigned most) {
  return scalar<Unsigned>({
      .expected = fmt::format("a whole number from {} to {}", least, most),
      .parse = [=](std::string_view found) -> Parsed<Unsigned> {
        const auto value = parse_count(found);
        if (!value) return std::unexpected(value.error());
        if (*value < least || *value > most) return mismatch();
        return static_cast<Unsigned>(*value);
      },
      .written = [](const Unsigned& value) { return Json(value); },
      .schema = {{"type", "integer"}, {"minimum", least}, {"maximum", most}},
  });
}

Parsed<std::string> parse_identifier(std::string_view found) {
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  };
  const bool fits = !found.empty() && found.size() <= 64 && std::ranges::all_of(found, good) && found.front() != '.' &&
                    found.front() != '-';
  if (!fits) return mismatch();
  return std::string(found);
}

Parsed<std::string> parse_url(std::string_view found) {
  const bool known = found.starts_with("http://") || found.starts_with("https://");
  const std::string_view rest = known ? found.substr(found.find("://") + 3) : found;
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  const bool host_port = parse_host_port(authority).has_value();
  const bool host = authority.starts_with('[') && authority.ends_with(']')
                        ? parse_host(authority.substr(1, authority.size() - 2)).has_value()
                        : parse_host(authority).has_value();
  const bool spaces = std::ranges::any_of(found, [](char c) { return static_cast<unsigned char>(c) <= ' '; });
  if (!known || spaces || (!host_port && !host) || authority.find('@') != std::string_view::npos) {
    const bool password = found.find('@') != std::string_view::npos;
    return std::unexpected(Mismatch{password ? "with a name or password in it" : "", "",
                                    password ? Mismatch::Echo::hide : Mismatch::Echo::show});
  }
  return std::string(found);
}

// Why a file cannot be read, or nothing.
std::optional<std::string> unreadable(const std::string& path) {
  std::error_code failure;
  if (std::filesystem::is_directory(path, failure)) return "is a folder";
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor < 0) return std::generic_category().message(errno);
  ::close(descriptor);
  return std::nullopt;
}

Parsed<std::string> parse_path(std::string_view found) {
  if (found.empty()) return mismatch();
  if (found.size() > 4000) return mismatch("of more than 4000 bytes");
  return std::string(found);
}

void settle_path(FileUse use, const Node& node, Reader& reader, std::string& path) {
  path = reader.absolute(path);
  if (use == FileUse::read) {
    if (const auto reason = unreadable(path)) {
      reader.error(node, fmt::format("cannot read {}: {}", path, *reason));
      path.clear();
    }
    return;
  }
  std::error_code failure;
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (!folder.empty() && !std::filesystem::is_directory(folder, failure)) {
    reader.error(node, fmt::format("cannot be written: there is no folder {}", folder.string()));
    path.clear();  // so that nobody looks for more that is wrong with it
  } else if (std::filesystem::is_directory(path, failure)) {
    reader.error(node, fmt::format("cannot be written: {} is a folder", path));
    path.clear();
  }
}

// A server that is to start later is no error: the socket's folder is often made by the service that listens there.
void settle_socket(const Node& node, Reader& reader, std::string& path) {
  constexpr std::size_t longest = 107;  // unix(7)
  path = reader.absolute(path);
  if (path.size() > longest) {
    reader.error(node, fmt::format("the path of a Unix socket has at most {} bytes, this one has {}: {}", longest,
                                   path.size(), shortened(path)));
    path.clear();
    return;
  }
  std::error_code failure;
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  const auto kind = std::filesystem::status(path, failure).type();
  if (kind == std::filesystem::file_type::socket) return;
  if (!std::filesystem::is_directory(folder, failure)) {
    reader.warning(node,
                   fmt::format("there is no folder {}: until there is, and somebody listens at {}, this server is "
                               "down",
                               folder.string(), path));
  } else if (kind == std::filesystem::file_type::not_found) {
    reader.warning(node, fmt::format("there is no socket {}: until somebody listens there, this server is down", path));
  } else if (kind != std::filesystem::file_type::none && kind != std::filesystem::file_type::unknown) {
    reader.warning(node, fmt::format("{} is no Unix socket: until it is, this server is down", path));
  }
}

constexpr std::string_view any_path = "a file's path, relative to the configuration's folder or absolute";

}  // namespace

TypeOf<Duration> duration(DurationBounds bounds) {
  return scalar<Duration>({
      .expected = "a duration such as 250ms, 2s, 10m, 1h, 7d",
      .parse = parse_duration,
      .written = [](const Duration& value) { return Json(duration_text(value)); },
      .schema = string_schema("^[0-9]+(\\.[0-9]+)?(ms|s|m|h|d)$"),
      .objection = between<Duration>(bounds.least, bounds.most, duration_text),
  });
}

TypeOf<std::uint64_t> size(SizeBounds bounds) {
  Json schema = string_schema("^[0-9]+(\\.[0-9]+)?(B|KiB|MiB|GiB|TiB)$");
  if (bounds.least == 0) schema = {{"anyOf", {schema, {{"const", 0}}}}};
  return scalar<std::uint64_t>({
      .expected = "a size such as 64KiB, 256MiB, 1GiB",
      .parse = parse_size,
      .written = [](const std::uint64_t& value) { return value == 0 ? Json(0) : Json(size_text(value)); },
      .schema = std::move(schema),
      .objection = between<std::uint64_t>(bounds.least, bounds.most, size_text),
  });
}

TypeOf<unsigned> count(unsigned least, unsigned most) { return number<unsigned>(least, most); }
TypeOf<std::uint64_t> large_count(std::uint64_t least, std::uint64_t most) {
  return number<std::uint64_t>(least, most);
}
TypeOf<std::uint16_t> port() { return number<std::uint16_t>(1, 65535); }

TypeOf<double> rate(double least_per_s, double most_per_s) {
  return scalar<double>({
      .expected = "a rate such as 10/s",
      .parse = parse_rate,
      .written = [](const double& value) { return Json(rate_text(value)); },
      .schema = string_schema("^[0-9]+(\\.[0-9]+)?/(s|m|h)$"),
      .objection = between<double>(least_per_s, most_per_s, rate_text),
  });
}

TypeOf<double> factor(double least, double most) {
  return scalar<double>({
      .expected = fmt::format("a number from {:g} to {:g}", least, most),
      .parse = [=](std::string_view found) -> Parsed<double> {
        double value = 0;
        const auto [last, failure] =
            std::from_chars(found.data(), found.data() + found.size(), value, std::chars_format::fixed);
        if (failure != std::errc() || last != found.data() + found.size()) return mismatch();
        if (!(value >= least && value <= most)) return mismatch();
        return value;
      },
      .written = [](const double& value) { return Json(value); },
      .schema = {{"type", "number"}, {"minimum", least}, {"maximum", most}},
  });
}

TypeOf<double> share() {
  return scalar<double>({
      .expected = "a share such as 20%",
      .parse = parse_share,
      .written = [](const double& value) { return Json(share_text(value)); },
      .schema = string_schema("^[0-9]+(\\.[0-9]+)?%$"),
      .objection = between<double>(0, 1, share_text),
  });
}

TypeOf<std::int64_t> money_hundredths() {
  return scalar<std::int64_t>({
      .expected = "an amount such as 42.50",
      .parse = parse_hundredths,
      .written = [](const std::int64_t& value) { return Json(static_cast<double>(value) / 100); },
      .schema = {{"type", "number"}, {"minimum", 0}},
  });
}

TypeOf<bool> on_off() {
  return scalar<bool>({
      .expected = "true or false",
      .parse = [](std::string_view found) -> Parsed<bool> {
        for (const std::string_view yes : {"true", "on", "yes"}) {
          if (found == yes) return true;
        }
        for (const std::string_view no : {"false", "off", "no"}) {
          if (found == no) return false;
        }
        return mismatch();
      },
      .written = [](const bool& value) { return Json(value); },
      .schema = {{"enum", {true, false, "on", "off", "yes", "no"}}},
  });
}

TypeOf<std::string> text(std::size_t most_bytes) {
  return checked_text(fmt::format("a text of 1 to {} bytes", most_bytes),
                      [=](std::string_view found) -> Parsed<std::string> {
                        if (found.empty()) return mismatch();
                        if (found.size() > most_bytes) return mismatch(fmt::format("of {} bytes", found.size()));
                        return std::string(found);
                      },
                      {{"type", Json::array({"string", "number"})}, {"minLength", 1}, {"maxLength", most_bytes}});
}

TypeOf<std::string> identifier() {
  return checked_text("a name of letters, digits, \"-\", \"_\" and \".\", at most 64 of them", parse_identifier,
                      string_schema("^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$"));
}

TypeOf<std::string> url_path() {
  return checked_text(
      "a path such as /healthz",
      [](std::string_view found) -> Parsed<std::string> {
        if (found.find("://") != std::string_view::npos) {
          const std::size_t slash = found.find('/', found.find("://") + 3);
          return mismatch("",
                          fmt::format("write only {}", slash == std::string_view::npos ? "/" : found.substr(slash)));
        }
        const bool blank = std::ranges::any_of(found, [](char c) { return static_cast<unsigned char>(c) <= ' '; });
        if (!found.starts_with('/') || blank || found.size() > 2000) {
          return mismatch();
        }
        return std::string(found);
      },
      string_schema("^/[^\\s]*$"));
}

TypeOf<std::string> url() {
  return checked_text("a URL that begins with http:// or https://", parse_url, string_schema("^https?://[^\\s@]+$"));
}

TypeOf<std::string> host_name() {
  return checked_text("a host name or an address, without a port", parse_host, string_schema("^[A-Za-z0-9_.:-]+$"));
}

TypeOf<std::string> host_pattern() {
  return checked_text(
      "a host name, or \"*.example.org\" for all names below one",
      [](std::string_view found) -> Parsed<std::string> {
        const bool wild = found.starts_with("*.");
        auto host = parse_host(wild ? found.substr(2) : found);
        if (!host) return mismatch();
        return wild ? "*." + *host : *host;
      },
      string_schema("^(\\*\\.)?[A-Za-z0-9_.:-]+$"));
}

TypeOf<std::string> unless(std::string word, TypeOf<std::string> inner) {
  struct Unless final : Type<std::string> {
    Unless(std::string w, TypeOf<std::string> i) : word(std::move(w)), inner(std::move(i)) {}
    void read(const Node& node, Reader& reader, std::string& into) const override {
      if (node.kind == Node::Kind::scalar && node.text == word) {
        into.clear();
      } else {
        inner->read(node, reader, into);
      }
    }
    std::string expected() const override { return fmt::format("{}, or {}", word, inner->expected()); }
    Json json_schema() const override { return {{"anyOf", {{{"const", word}}, inner->json_schema()}}}; }
    Json written(const std::string& value) const override { return value.empty() ? Json(word) : Json(value); }

    std::string word;
    TypeOf<std::string> inner;
  };
  return std::make_shared<Unless>(std::move(word), std::move(inner));
}

TypeOf<std::string> file(FileUse use) {
  return scalar<std::string>({
      .expected = std::string(any_path),
      .parse = parse_path,
      .written = written_text,
      .schema = {{"type", "string"}, {"minLength", 1}},
      .settle = [=](const Node& node, Reader& reader, std::string& path) { settle_path(use, node, reader, path); },
  });
}

// Standard output is written to as it was given: to open it anew by its name is refused where it is a socket (systemd's
// journal) or another user's pipe.
TypeOf<std::string> log_file() {
  return scalar<std::string>({
      .expected = fmt::format("{}, or \"-\" for standard output", any_path),
      .parse = parse_path,
      .written = written_text,
      .schema = {{"type", "string"}, {"minLength", 1}},
      .settle =
          [](const Node& node, Reader& reader, std::string& path) {
            if (path == "/dev/stdout") path = "-";
            if (path != "-") settle_path(FileUse::write, node, reader, path);
          },
  });
}

TypeOf<HostPort> host_port(PortUse use) {
  const bool listens = use == PortUse::listen;
  return scalar<HostPort>({
      .expected = listens ? "an address and port such as 127.0.0.1:8080 or [::]:443"
                          : "a host and port such as 127.0.0.1:9001 or app.internal:8080",
      .parse = parse_host_port,
      .written = [](const HostPort& value) { return value.host.empty() ? Json() : Json(value.text()); },
      .schema = string_schema(listens ? "^([0-9.]+|\\[[0-9A-Fa-f:.]+\\]):[0-9]{1,5}$"
                                      : "^([A-Za-z0-9_.-]+|\\[[0-9A-Fa-f:.]+\\]):[0-9]{1,5}$"),
      .objection = [=](const HostPort& value) -> std::string {
        if (listens && !value.is_address()) return "expected an address of this machine and not a name";
        if (!listens && value.port == 0) return "expected a port from 1 to 65535";
        return {};
      },
  });
}

TypeOf<ServerAddress> server_address() {
  return scalar<ServerAddress>({
      .expected = "a host and port such as 127.0.0.1:9001 or app.internal:8080, or a Unix socket such as "
                  "unix:/run/php/shop.sock",
      .parse = parse_server_address,
      .written = [](const ServerAddress& value) { return value.empty() ? Json() : Json(value.text()); },
      .schema = string_schema("^(([A-Za-z0-9_.-]+|\\[[0-9A-Fa-f:.]+\\]):[0-9]{1,5}|unix:.+)$"),
      .objection = [](const ServerAddress& value) -> std::string {
        if (value.unix_path.empty() && value.port == 0) return "expected a port from 1 to 65535";
        return {};
      },
      .settle =
          [](const Node& node, Reader& reader, ServerAddress& address) {
            if (!address.unix_path.empty()) settle_socket(node, reader, address.unix_path);
          },
  });
}

TypeOf<Network> network() {
  return scalar<Network>({
      .expected = "a network such as 10.0.0.0/8 or 2001:db8::/32, or one address",
      .parse = parse_network,
      .written = [](const Network& value) { return Json(value.text); },
      .schema = string_schema("^[0-9A-Fa-f.:]+(/[0-9]{1,3})?$"),
  });
}

TypeOf<std::string> colour() {
  return scalar<std::string>({
      .expected = "a colour such as \"#0b5c4d\"",
      .parse = parse_colour,
      .written = [](const std::string& value) { return value.empty() ? Json() : Json(value); },
      .schema = string_schema("^#[0-9A-Fa-f]{6}$"),
  });
}

TypeOf<RequestPattern> request_pattern() {
  return scalar<RequestPattern>({
      .expected = "a path such as /cart*, or a method and a path such as POST /checkout",
      .parse = parse_request_pattern,
      .written = [](const RequestPattern& value) { return Json(value.text()); },
      .schema = string_schema("^([A-Z]+ )?/[^\\s?#]*$"),
  });
}

TypeOf<StatusRange> status_range() {
  return scalar<StatusRange>({
      .expected = "a status such as 204, or a range such as 200-399",
      .parse = parse_status_range,
      .written = [](const StatusRange& value) { return Json(fmt::format("{}-{}", value.from, value.to)); },
      .schema = {{"anyOf",
                  {{{"type", "integer"}, {"minimum", 100}, {"maximum", 599}},
                   string_schema("^[1-5][0-9]{2}(-[1-5][0-9]{2})?$")}}},
  });
}

TypeOf<std::string> currency() {
  return checked_text(
      "a currency's three letters such as EUR, USD or GBP (ISO 4217)",
      [](std::string_view found) -> Parsed<std::string> {
        const bool capitals = std::ranges::all_of(found, [](char c) { return c >= 'A' && c <= 'Z'; });
        if (found.size() != 3 || !capitals) return mismatch();
        return std::string(found);
      },
      string_schema("^[A-Z]{3}$"));
}

}  // namespace tenfold::config
