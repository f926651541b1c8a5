#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>
#include <system_error>

#include "base/result.hpp"
#include "config/schema/scalars.hpp"

namespace tenfold::config {
namespace {

constexpr std::size_t max_secret_bytes = 4096;  // a longer file is an error

Result<std::string> read_secret_file(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor < 0) return std::unexpected(system_error(errno, fmt::format("cannot read {}", path)));
  std::array<char, max_secret_bytes + 1> bytes;
  const ssize_t got = ::read(descriptor, bytes.data(), bytes.size());
  const int failure = errno;
  ::close(descriptor);
  if (got < 0) return std::unexpected(system_error(failure, fmt::format("cannot read {}", path)));
  if (static_cast<std::size_t>(got) > max_secret_bytes) {
    return fail(Errc::too_large, fmt::format("{} has more than {} bytes", path, max_secret_bytes));
  }
  std::string value(bytes.data(), static_cast<std::size_t>(got));
  if (value.ends_with('\n')) value.pop_back();
  if (value.ends_with('\r')) value.pop_back();
  return value;
}

bool readable_by_all(const std::string& path) {
  struct stat about {};
  return ::stat(path.c_str(), &about) == 0 && (about.st_mode & S_IROTH) != 0;
}

// What examples have in a secret's place, however it is written: "replace-me", "REPLACE_ME", "changeme".
bool is_placeholder(std::string_view value) {
  std::string word;
  for (const char c : value) {
    if (c == '-' || c == '_' || c == ' ' || c == '.') continue;
    word += c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  }
  return word == "replaceme" || word == "changeme";
}

class SecretType final : public Type<Secret> {
 public:
  SecretType(std::size_t least_bytes, ShortSecret when_short) : least_bytes_(least_bytes), when_short_(when_short) {}

  void read(const Node& node, Reader& reader, Secret& into) const override {
    std::optional<std::string> value;
    if (node.kind == Node::Kind::scalar) {
      value = node.text;
    } else if (node.kind == Node::Kind::map && node.entries.size() == 1) {
      value = look_up(*node.entries[0].key, *node.entries[0].value, reader);
      if (!value) return;
    } else {
      reader.error(node, fmt::format("found {}, expected {}", node.kind_text(), expected()));
      return;
    }
    if (value->size() < least_bytes_) {
      const std::string found =
          fmt::format("found a secret of {} byte{}, expected at least {}; `openssl rand -hex 32` makes one",
                      value->size(), value->size() == 1 ? "" : "s", least_bytes_);
      if (when_short_ == ShortSecret::error || value->empty()) {
        reader.error(node, found);
        return;
      }
      reader.warning(node, found);
    }
    if (is_placeholder(*value)) {
      reader.warning(node, "found the placeholder of an example, which everybody knows; expected a secret of your own");
    }
    into = Secret(std::move(*value));
  }

  std::string expected() const override { return "a secret: its text, { file: path } or { env: NAME }"; }

  Json json_schema() const override {
    const auto only = [](const char* key) {
      return Json{{"type", "object"},
                  {"properties", {{key, {{"type", "string"}, {"minLength", 1}}}}},
                  {"required", Json::array({key})},
                  {"additionalProperties", false}};
    };
    return {{"anyOf",
             {{{"type", "string"}, {"minLength", when_short_ == ShortSecret::error ? least_bytes_ : 1}},
              only("file"),
              only("env")}}};
  }

  Json written(const Secret&) const override { return nullptr; }

 private:
  std::optional<std::string> look_up(const Node& key, const Node& from, Reader& reader) const {
    if ((key.text != "file" && key.text != "env") || from.kind != Node::Kind::scalar || from.text.empty()) {
      reader.error(key, fmt::format("expected {}", expected()));
      return std::nullopt;
    }
    if (key.text == "env") {
      auto value = reader.surroundings().environment(from.text);
      if (!value) reader.error(from, fmt::format("the environment has no variable {}", shortened(from.text)));
      return value;
    }
    const std::string path = reader.absolute(from.text);
    auto value = read_secret_file(path);
    if (!value) {
      reader.error(from, value.error().detail);
      return std::nullopt;
    }
    if (readable_by_all(path)) reader.warning(from, fmt::format("{} can be read by everybody; chmod 600 it", path));
    return std::move(*value);
  }

  std::size_t least_bytes_;
  ShortSecret when_short_;
};

}  // namespace

TypeOf<Secret> secret(std::size_t least_bytes, ShortSecret when_short) {
  return std::make_shared<SecretType>(least_bytes, when_short);
}

}  // namespace tenfold::config
