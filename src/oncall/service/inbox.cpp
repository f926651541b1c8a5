#include "oncall/service/inbox.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "base/log.hpp"

namespace tenfold::oncall {

Inbox::Put Inbox::put(News news) {
  return box_.with([&](Box& box) {
    if (box.news.size() >= box.most) thin_out(box);
    box.news.push_back(std::move(news));
    return box.news.size() == 1 ? Put::first : Put::waits;
  });
}

std::vector<Inbox::News> Inbox::fetch() {
  return box_.with([](Box& box) { return std::exchange(box, Box()).news; });
}

void Inbox::thin_out(Box& box) {
  if (!std::exchange(box.thinned_out, true))
    log::error("on call: {} pieces of news wait for its thread; of each check only the newest is kept",
               box.news.size());
  std::unordered_set<std::string> known;
  std::vector<News> newest;
  for (auto news = box.news.rbegin(); news != box.news.rend(); ++news) {
    if (known.insert(news->source).second) newest.push_back(std::move(*news));
  }
  std::ranges::reverse(newest);
  box.news = std::move(newest);
  box.most = std::max(in_order, 2 * box.news.size());
}

}  // namespace tenfold::oncall
