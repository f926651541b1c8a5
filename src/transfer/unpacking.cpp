#include "transfer/unpacking.hpp"

#include <brotli/decode.h>
#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text/letters.hpp"

namespace tenfold::transfer {

class UnpackingStage {
 public:
  UnpackingStage() = default;
  UnpackingStage(const UnpackingStage&) = delete;
  UnpackingStage& operator=(const UnpackingStage&) = delete;
  virtual ~UnpackingStage() = default;

  using Next = std::function<Result<void>(std::string_view)>;
  virtual Result<void> put(std::string_view packed, const Next& next) = 0;
  virtual bool is_whole() const = 0;
};

namespace {

using Piece = std::array<char, 16 * 1024>;

Error broken(std::string_view encoding) { return {Errc::invalid, fmt::format("it is not packed as {}", encoding)}; }

// gzip (RFC 1952), in as many members as there are, and zlib's format (RFC 1950) or bare deflate (RFC 1951), both of
// which servers mean by "deflate".
class Inflating final : public UnpackingStage {
 public:
  enum class Format : std::uint8_t { gzip, deflate };
  explicit Inflating(Format format) : format_(format) {}
  ~Inflating() override {
    if (is_begun_) ::inflateEnd(&stream_);
  }

  Result<void> put(std::string_view packed, const Next& next) override {
    std::string held;
    if (!is_begun_) {  // the first two bytes tell the formats apart
      beginning_.append(packed);
      if (beginning_.size() < 2) return {};
      held = std::exchange(beginning_, {});
      packed = held;
      begin(packed);
    }
    while (!packed.empty()) {
      if (member_ended_ && !begin_next_member(packed)) return {};
      if (auto put = inflate_some(packed, next); !put) return put;
    }
    return {};
  }
  bool is_whole() const override { return member_ended_; }

 private:
  void begin(std::string_view packed) {
    constexpr int largest_window = 15, as_gzip = 16;
    const auto first = static_cast<unsigned char>(packed[0]);
    const unsigned both = first * 256U + static_cast<unsigned char>(packed[1]);
    const bool is_zlib = (first & 0x0f) == Z_DEFLATED && both % 31 == 0;
    const int bits = format_ == Format::gzip ? largest_window + as_gzip : is_zlib ? largest_window : -largest_window;
    is_begun_ = ::inflateInit2(&stream_, bits) == Z_OK;
    TENFOLD_ASSERT(is_begun_);
  }

  // What follows the end and is no further member is left alone, as browsers do.
  bool begin_next_member(std::string_view packed) {
    if (format_ != Format::gzip || packed.front() != '\x1f') return false;
    ::inflateReset(&stream_);
    member_ended_ = false;
    return true;
  }

  Result<void> inflate_some(std::string_view& packed, const Next& next) {
    Piece piece;
    const auto taken = static_cast<uInt>(std::min<std::size_t>(packed.size(), 1U << 30));
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));  // zlib does not write there
    stream_.avail_in = taken;
    stream_.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream_.avail_out = static_cast<uInt>(piece.size());
    const int result = ::inflate(&stream_, Z_NO_FLUSH);
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
      return std::unexpected(broken(format_ == Format::gzip ? "gzip" : "deflate"));
    }
    member_ended_ = result == Z_STREAM_END;
    packed.remove_prefix(taken - stream_.avail_in);
    if (auto put = next({piece.data(), piece.size() - stream_.avail_out}); !put) return put;
    // What is left inside comes with the next call; it must not wait for more to come in.
    if (packed.empty() && stream_.avail_out == 0 && !member_ended_) return inflate_some(packed, next);
    return {};
  }

  Format format_;
  std::string beginning_;
  z_stream stream_{};
  bool is_begun_ = false;
  bool member_ended_ = false;
};

class Brotli final : public UnpackingStage {
 public:
  Brotli() : state_(::BrotliDecoderCreateInstance(nullptr, nullptr, nullptr)) { TENFOLD_ASSERT(state_ != nullptr); }
  ~Brotli() override { ::BrotliDecoderDestroyInstance(state_); }

  Result<void> put(std::string_view packed, const Next& next) override {
    const auto* from = reinterpret_cast<const std::uint8_t*>(packed.data());
    std::size_t left = packed.size();
    while (!is_whole()) {
      Piece piece;
      auto* to = reinterpret_cast<std::uint8_t*>(piece.data());
      std::size_t room = piece.size();
      const auto result = ::BrotliDecoderDecompressStream(state_, &left, &from, &room, &to, nullptr);
      if (result == BROTLI_DECODER_RESULT_ERROR) return std::unexpected(broken("brotli"));
      if (auto put = next({piece.data(), piece.size() - room}); !put) return put;
      if (result == BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT) break;
    }
    return {};
  }
  bool is_whole() const override { return ::BrotliDecoderIsFinished(state_) == BROTLI_TRUE; }

 private:
  BrotliDecoderState* state_;
};

std::unique_ptr<UnpackingStage> stage_of(std::string_view encoding) {
  using Format = Inflating::Format;
  if (equal_but_for_case(encoding, "gzip") || equal_but_for_case(encoding, "x-gzip")) {
    return std::make_unique<Inflating>(Format::gzip);
  }
  if (equal_but_for_case(encoding, "deflate")) return std::make_unique<Inflating>(Format::deflate);
  if (equal_but_for_case(encoding, "br")) return std::make_unique<Brotli>();
  return nullptr;
}

bool is_none(std::string_view encoding) {
  return encoding.empty() || equal_but_for_case(encoding, "identity") || equal_but_for_case(encoding, "none");
}

}  // namespace

Unpacking::Unpacking() = default;
Unpacking::Unpacking(Unpacking&&) noexcept = default;
Unpacking& Unpacking::operator=(Unpacking&&) noexcept = default;
Unpacking::~Unpacking() = default;

Result<Unpacking> Unpacking::of(std::string_view encodings) {
  Unpacking unpacking;
  while (!encodings.empty()) {
    const std::size_t comma = std::min(encodings.find(','), encodings.size());
    const std::string_view encoding = trimmed(encodings.substr(0, comma));
    encodings.remove_prefix(std::min(comma + 1, encodings.size()));
    if (is_none(encoding)) continue;
    auto stage = stage_of(encoding);
    if (stage == nullptr || unpacking.stages_.size() == most_stages) {
      return fail(Errc::invalid,
                  fmt::format("it is packed as \"{}\", which was not asked for", encoding.substr(0, 40)));
    }
    unpacking.stages_.insert(unpacking.stages_.begin(), std::move(stage));
  }
  return unpacking;
}

Result<void> Unpacking::put(std::string_view packed, const Take& take) {
  has_begun_ = has_begun_ || !packed.empty();
  return put_into(0, packed, take);
}

Result<void> Unpacking::put_into(std::size_t stage, std::string_view packed, const Take& take) {
  if (stage == stages_.size()) {
    if (packed.empty() || take(packed)) return {};
    return fail(Errc::too_large, "more came than was wanted");
  }
  if (packed.empty()) return {};
  return stages_[stage]->put(packed, [&](std::string_view piece) { return put_into(stage + 1, piece, take); });
}

bool Unpacking::is_whole() const {
  return !has_begun_ || std::ranges::all_of(stages_, [](const auto& stage) { return stage->is_whole(); });
}

}  // namespace tenfold::transfer
