#include "transfer/unpacking.hpp"

#include <brotli/encode.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace tenfold::transfer {
namespace {

enum class Format : int { zlib = 15, gzip = 15 + 16, bare = -15 };

std::string deflated(const std::string& plain, Format format) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, static_cast<int>(format), 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string packed(plain.size() + 1'000, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

std::string brotli(const std::string& plain) {
  std::string packed(plain.size() + 1'000, '\0');
  std::size_t size = packed.size();
  EXPECT_TRUE(BrotliEncoderCompress(5, 22, BROTLI_MODE_GENERIC, plain.size(),
                                    reinterpret_cast<const std::uint8_t*>(plain.data()), &size,
                                    reinterpret_cast<std::uint8_t*>(packed.data())));
  packed.resize(size);
  return packed;
}

struct Unpacked {
  std::string plain;
  std::string error;
  bool whole = false;
};

// In pieces of so many bytes.
Unpacked unpacked(const std::string& encodings, const std::string& packed, std::size_t pieces) {
  Unpacked out;
  auto unpacking = Unpacking::of(encodings);
  if (!unpacking) return {.plain = {}, .error = unpacking.error().detail};
  for (std::size_t at = 0; at < packed.size(); at += pieces) {
    const auto put = unpacking->put(std::string_view(packed).substr(at, pieces), [&](std::string_view piece) {
      out.plain += piece;
      return true;
    });
    if (put) continue;
    out.error = put.error().detail;
    return out;
  }
  out.whole = unpacking->is_whole();
  return out;
}

std::string long_page() {
  std::string text = "<html>";
  for (int i = 0; i < 20'000; ++i) text += std::to_string(i * 7919 % 10'007);
  return text;
}

TEST(Unpacking, UnpacksInPiecesOfAnySize) {
  const std::string plain = long_page();
  const std::pair<const char*, std::string> all[] = {{"gzip", deflated(plain, Format::gzip)},
                                                     {"X-GZIP", deflated(plain, Format::gzip)},
                                                     {"deflate", deflated(plain, Format::zlib)},
                                                     {"deflate", deflated(plain, Format::bare)},
                                                     {"br", brotli(plain)},
                                                     {"identity", plain},
                                                     {"", plain},
                                                     {"br, gzip", deflated(brotli(plain), Format::gzip)}};
  for (const auto& [encoding, packed] : all) {
    for (const std::size_t pieces : {std::size_t{1}, std::size_t{1'000}, packed.size()}) {
      const Unpacked out = unpacked(encoding, packed, pieces);
      EXPECT_EQ(out.plain, plain) << encoding << pieces << out.error;
      EXPECT_TRUE(out.whole) << encoding << pieces;
    }
  }
}

TEST(Unpacking, WhatBreaksOffIsNotWholeWhereverItDoes) {
  const std::string plain = long_page();
  const std::pair<const char*, std::string> all[] = {{"gzip", deflated(plain, Format::gzip)},
                                                     {"deflate", deflated(plain, Format::zlib)},
                                                     {"deflate", deflated(plain, Format::bare)},
                                                     {"br", brotli(plain)},
                                                     {"br, gzip", deflated(brotli(plain), Format::gzip)}};
  for (const auto& [encoding, packed] : all) {
    for (std::size_t left = 1; left < packed.size(); left += left < 40 || packed.size() - left < 40 ? 1 : 997) {
      const Unpacked out = unpacked(encoding, packed.substr(0, left), 4'096);
      EXPECT_EQ(out.error, "") << encoding << left;
      EXPECT_FALSE(out.whole) << encoding << left;
      EXPECT_TRUE(plain.starts_with(out.plain));
    }
    EXPECT_TRUE(unpacked(encoding, "", 1).whole) << "an empty body need not be packed";
  }
}

TEST(Unpacking, GzipMayHaveSeveralMembersAndRubbishBehind) {
  const std::string two = deflated("one ", Format::gzip) + deflated("two", Format::gzip);
  EXPECT_EQ(unpacked("gzip", two, 1).plain, "one two");
  EXPECT_FALSE(unpacked("gzip", two.substr(0, two.size() - 1), 1'000).whole);
  EXPECT_EQ(unpacked("gzip", two + "rubbish", 7).plain, "one two");
  EXPECT_TRUE(unpacked("gzip", two + "rubbish", 7).whole);
}

TEST(Unpacking, WhatIsNotPackedSoIsAnError) {
  const std::string plain = "<html>no packing at all, and rather long besides</html>";
  EXPECT_EQ(unpacked("gzip", plain, 1'000).error, "it is not packed as gzip");
  EXPECT_EQ(unpacked("deflate", std::string(100, '\xff'), 1'000).error, "it is not packed as deflate");
  EXPECT_EQ(unpacked("br", std::string(100, '\xff'), 1'000).error, "it is not packed as brotli");
  EXPECT_EQ(unpacked("zstd", plain, 1).error, "it is packed as \"zstd\", which was not asked for");
  EXPECT_NE(unpacked("gzip,gzip,gzip,gzip,gzip,gzip", plain, 1).error, "");
}

TEST(Unpacking, EndsWhenEnoughCame) {
  const std::string packed = deflated(std::string(50'000'000, 'x'), Format::gzip);
  auto unpacking = Unpacking::of("gzip");
  std::size_t came = 0;
  const auto put = unpacking->put(packed, [&](std::string_view piece) { return (came += piece.size()) < 100'000; });
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().code, Errc::too_large);
  EXPECT_LT(came, 120'000u);
}

}  // namespace
}  // namespace tenfold::transfer
