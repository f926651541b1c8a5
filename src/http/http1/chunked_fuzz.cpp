#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "http/http1/chunk_frame.hpp"
#include "http/http1/chunked.hpp"
#include "http/http1/fuzz_cuts.hpp"

// However a chunked body is cut, the same payload comes out and it ends at the same place; and what we encode decodes.
namespace tenfold::http::http1 {
namespace {

struct Outcome {
  Progress progress = Progress::incomplete;
  std::string payload;  // of accepted bodies
  std::size_t end = 0;
  std::size_t trailers = 0;
  bool operator==(const Outcome&) const = default;
};

enum class Cutting : std::uint8_t { none, some };

Outcome decode(std::string_view bytes, Cutting cutting, ChunkedDecoder::Of of) {
  ChunkedDecoder decoder(of);
  Cuts cuts(bytes);
  Outcome outcome;
  while (outcome.end < bytes.size() && outcome.progress == Progress::incomplete) {
    const std::size_t left = bytes.size() - outcome.end;
    const std::size_t size = cutting == Cutting::none ? left : cuts.next(left);
    std::vector<char> piece(bytes.begin() + static_cast<std::ptrdiff_t>(outcome.end),
                            bytes.begin() + static_cast<std::ptrdiff_t>(outcome.end + size));
    const auto decoded = decoder.decode(piece.data(), piece.size());
    outcome.progress = decoded.progress;
    if (decoded.progress == Progress::refused) {
      TENFOLD_ASSERT(decoder.refusal().status != 0);
      return {Progress::refused};
    }
    TENFOLD_ASSERT(decoded.consumed <= size && (decoded.progress == Progress::complete || decoded.consumed == size));
    TENFOLD_ASSERT(decoded.payload_begin + decoded.payload_size <= decoded.consumed);
    outcome.payload.append(piece.data() + decoded.payload_begin, decoded.payload_size);
    outcome.end += decoded.consumed;
  }
  outcome.trailers = decoder.trailers().size();
  return outcome;
}

std::string encode(std::string_view payload) {
  Cuts cuts(payload);
  std::string encoded;
  while (!payload.empty()) {
    const std::string_view part = payload.substr(0, cuts.next(payload.size()));
    payload.remove_prefix(part.size());
    ChunkFrame frame;
    frame.wrap(part.size(), BodyEnd::more, nullptr);
    encoded.append(frame.opening()).append(part).append(frame.closing());
  }
  ChunkFrame end;
  end.wrap(0, BodyEnd::last, nullptr);
  return encoded.append(end.opening()).append(end.closing());
}

}  // namespace
}  // namespace tenfold::http::http1

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenfold::http::http1;
  const std::string_view bytes = as_text(data, size);
  const Outcome strict = decode(bytes, Cutting::none, ChunkedDecoder::Of::request);
  const Outcome lenient = decode(bytes, Cutting::none, ChunkedDecoder::Of::response);
  TENFOLD_ASSERT(strict == decode(bytes, Cutting::some, ChunkedDecoder::Of::request));
  TENFOLD_ASSERT(lenient == decode(bytes, Cutting::some, ChunkedDecoder::Of::response));
  // What of a request is taken is the same body of a response, but for the trailers that are left out there.
  if (strict.progress == Progress::complete) {
    TENFOLD_ASSERT(lenient.progress == Progress::complete && lenient.payload == strict.payload);
  }

  const Outcome again = decode(encode(bytes), Cutting::some, ChunkedDecoder::Of::request);
  TENFOLD_ASSERT(again.progress == Progress::complete && again.payload == bytes);
  return 0;
}
