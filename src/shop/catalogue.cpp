#include "shop/catalogue.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <utility>

#include "base/random.hpp"
#include "base/text/letters.hpp"
#include "shop/wares.hpp"

namespace tenfold::shop {
namespace {

constexpr std::uint32_t first_id = 1001;
constexpr std::size_t products_per_category = 40;

std::string slug_of(std::string_view text) {
  std::string out = lower_case(text);
  std::ranges::replace_if(
      out, [](char c) { return !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9'); }, '-');
  return out;
}

// Fisher and Yates; std::shuffle may differ between standard libraries.
void shuffle(std::vector<std::size_t>& items, Random& random) {
  for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random.below(i)]);
}

std::vector<std::size_t> shuffled(std::size_t count, Random& random) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  shuffle(order, random);
  return order;
}

void set_price(Product& product, const WareWords& words, Random& random) {
  const auto euros =
      static_cast<std::uint32_t>(words.least_euros + random.below(words.most_euros - words.least_euros + 1u));
  constexpr std::uint32_t endings[] = {0, 50, 90, 95};
  product.price_cents = euros * 100 + endings[random.below(4)];
  if (random.below(9) == 0) {
    product.was_cents = product.price_cents;
    product.price_cents = (product.price_cents * 80 / 100 + 49) / 50 * 50;
  }
}

Product make_product(std::uint32_t id, const WareWords& words, std::string_view series, const Colour& colour,
                     Random& random) {
  Product product;
  product.id = id;
  product.ware = words.ware;
  product.category = words.category;
  product.colour = &colour;
  product.name = fmt::format("{} {}", series, words.noun);
  product.slug = slug_of(fmt::format("{} {}", product.name, colour.name));
  product.material = words.materials[random.below(words.materials.size())];
  const std::size_t first = random.below(3);
  product.description =
      fmt::format("{} {} {}", words.sentences[first], words.sentences[(first + 1 + random.below(2)) % 3],
                  all_closings()[random.below(all_closings().size())]);
  set_price(product, words, random);
  product.rating_tenths = static_cast<std::uint8_t>(38 + random.below(13));
  product.reviews = static_cast<std::uint16_t>(3 + random.below(240));
  product.is_new = random.below(8) == 0;
  return product;
}

// How well a product answers one word: 3 in its name, 2 in colour or kind, 1 in material or category, 0 not at all.
int match(const Product& product, std::string_view word) {
  const auto holds = [word](std::string_view text) { return lower_case(text).find(word) != std::string::npos; };
  if (holds(product.name)) return 3;
  if (holds(product.colour->name)) return 2;
  return holds(product.material) || holds(all_categories()[product.category].title) ? 1 : 0;
}

std::vector<std::string> words_in(std::string_view query) {
  constexpr std::size_t most_words = 8;  // further words are ignored
  std::vector<std::string> words;
  std::string word;
  for (const char c : std::string(query) + ' ') {
    const bool separates = c == ' ' || c == '\t' || c == ',' || c == '.';
    if (!separates) {
      word += to_lower(c);
    } else if (!word.empty() && words.size() < most_words) {
      words.push_back(std::exchange(word, {}));
    }
  }
  return words;
}

}  // namespace

std::string Product::path() const { return fmt::format("/p/{}/{}", id, slug); }
std::string Product::picture_path() const { return fmt::format("/pictures/{}.svg", id); }

std::string money(std::uint64_t cents) { return fmt::format("€{}.{:02}", cents / 100, cents % 100); }

Catalogue::Catalogue(std::uint64_t seed) {
  FastRandom random(seed);
  std::uint32_t id = first_id;
  for (std::size_t category = 0; category < all_categories().size(); ++category) {
    category_from_.push_back(products_.size());
    std::vector<const WareWords*> wares;
    for (const WareWords& words : all_wares()) {
      if (words.category == category) wares.push_back(&words);
    }
    // A name is used once for each kind; the colours go round, so that neighbours on a page differ.
    const auto names = shuffled(all_series().size(), random);
    const auto colours = shuffled(all_colours().size(), random);
    for (std::size_t i = 0; i < products_per_category; ++i) {
      products_.push_back(make_product(id++, *wares[i % wares.size()], all_series()[names[i]],
                                       all_colours()[colours[i % colours.size()]], random));
    }
  }
  category_from_.push_back(products_.size());
}

std::span<const Category> Catalogue::categories() const { return all_categories(); }

std::span<const Product> Catalogue::in_category(std::size_t category) const {
  const std::size_t from = category_from_[category];
  return std::span(products_).subspan(from, category_from_[category + 1] - from);
}

const Category* Catalogue::category(std::string_view slug) const {
  const auto found = std::ranges::find(categories(), slug, &Category::slug);
  return found == categories().end() ? nullptr : &*found;
}

const Product* Catalogue::product(std::uint32_t id) const {
  return id < first_id || id - first_id >= products_.size() ? nullptr : &products_[id - first_id];
}

std::vector<const Product*> Catalogue::search(std::string_view query, std::size_t limit) const {
  const auto words = words_in(query);
  std::vector<std::pair<int, const Product*>> found;
  for (const Product& product : products_) {
    int total = 0;
    for (const std::string& word : words) {
      const int score = match(product, word);
      total = score == 0 ? 0 : total + score;
      if (score == 0) break;
    }
    if (total > 0) found.emplace_back(total, &product);
  }
  std::ranges::stable_sort(found, std::greater{}, &std::pair<int, const Product*>::first);
  std::vector<const Product*> products;
  for (std::size_t i = 0; i < std::min(limit, found.size()); ++i) products.push_back(found[i].second);
  return products;
}

std::vector<const Product*> Catalogue::related(const Product& product, std::size_t limit) const {
  std::vector<const Product*> others;
  const auto candidates = in_category(product.category);
  for (std::size_t step = 1; step < candidates.size() && others.size() < limit; ++step) {
    const std::size_t index = (product.id - candidates.front().id + step) % candidates.size();
    others.push_back(&candidates[index]);
  }
  return others;
}

}  // namespace tenfold::shop
