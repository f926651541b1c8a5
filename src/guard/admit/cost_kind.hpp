#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "guard/admit/cost_shape.hpp"
#include "http/message.hpp"

namespace tenfold::guard {

// Groups requests that are alike in what they cost, so that what one cost foretells the next one's: by method, by the
// path with what varies in it left out ("/product/1234" and "/product/77"), and by whether there is a query.
//
// A family is the first segment, how many follow and the file's ending; a form is every segment. A form counts for
// itself once it is an eighth of its family ("/cart/add" in "/cart/*"); any other request counts for its family, and
// one whose family is rare shares one kind with all such of its method. Which are frequent is learned, and bounded, so
// that random paths make no kinds. Equal seeds give equal kinds for equal requests, on whichever worker they are asked
// for. One thread.
class CostKinds {
 public:
  explicit CostKinds(std::uint64_t seed);  // the same on all workers, and secret

  // path: as http::normal_path() gives it. A value below least_learned is one of the shared kinds.
  std::uint64_t kind_of(const http::RequestHead& request, std::string_view path) const;
  // To be called for requests that were answered well (2xx or 3xx) by an origin; what answers 404 is no kind of page.
  void learn(const http::RequestHead& request, std::string_view path);

  std::size_t learned() const { return learned_; }  // of most_learned

  // Past it the least frequent forms and families go without a kind of their own.
  static constexpr std::size_t most_learned = 256;
  static constexpr std::uint64_t least_learned = CostShape::least;

 private:
  static constexpr std::size_t ways = 4;
  static constexpr std::size_t counted = 1024;         // forms and families whose frequency is known
  static constexpr std::uint32_t first_period = 64;    // requests learned until the first look at who is frequent
  static constexpr std::uint32_t last_period = 4096;   // the period doubles up to this
  static constexpr std::uint32_t frequent = 8;         // fewer are not: in the end, one request in a thousand
  static constexpr std::uint32_t share_of_family = 8;  // a form is more than a part of its family from an eighth on

  struct Count {
    std::uint64_t id = 0;      // a form or a family; 0: free
    std::uint64_t family = 0;  // its own id for a family
    std::uint32_t count = 0;   // halved with each look at who is frequent
  };

  bool is_learned(std::uint64_t id) const;
  void insert(std::uint64_t id);
  void count(std::uint64_t id, std::uint64_t family);
  std::uint32_t count_of(std::uint64_t id) const;
  void choose_frequent();

  std::uint64_t seed_;
  std::array<std::uint64_t, 2 * most_learned> table_{};  // open addressing, half full at most; 0: free
  std::size_t learned_ = 0;
  std::vector<Count> counts_;  // in sets of ways; what finds its set full wears down the least of it
  std::uint32_t until_next_ = first_period;
  std::uint32_t period_ = first_period;
};

}  // namespace tenfold::guard
