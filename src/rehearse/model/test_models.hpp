#pragma once

#include <string>

#include "rehearse/model/traffic_model.hpp"

namespace tenfold::rehearse::testing_models {

inline Distribution between(double low, double high) {
  return {.points = {{0, low}, {1, high}}, .mean = (low + high) / 2};
}

// A small shop: front page, products, an app's page that came from elsewhere; pictures; people and a crawler.
inline TrafficModel small_shop() {
  TrafficModel model;
  model.made_by = "a test";
  model.seconds = 3600;
  model.requests = 90'000;
  Template front{.name = "/", .method = "GET", .requests = 5000, .targets = {{"/", 5000}}};
  front.statuses = {{200, 1}};
  Template product{.name = "/product/{id}", .method = "GET", .requests = 15'000};
  for (int i = 1; i <= 50; ++i) product.targets.push_back({"/product/" + std::to_string(i), 1000.0 / i});
  product.rare_share = 0.1;
  product.rare_like = {{"/product/{number:1000-1999}", 1500}};
  product.distinct_targets = 1050;
  Template picture{.name = "/img/{name}.jpg", .method = "GET", .kind = Template::Kind::asset, .requests = 70'000};
  for (int i = 1; i <= 20; ++i) picture.targets.push_back({"/img/" + std::to_string(i) + ".jpg", 1});
  picture.conditional_share = 0.2;
  Template elsewhere{.name = "(elsewhere)", .kind = Template::Kind::elsewhere};
  model.templates = {front, product, picture, elsewhere};

  Population people;
  people.sessions = 3600;
  people.arrivals = {.mean_per_s = 1, .peak_per_s = 2, .shape = {0.5, 1.5}, .shape_bin_s = 600, .dispersion = 3};
  // Most leave at once, a few stay for long.
  VisitKind visits;
  visits.sessions = 3600;
  visits.pages_per_session = {.points = {{0, 1}, {0.5, 1}, {0.8, 5}, {0.99, 40}, {1, 200}}, .mean = 6.88};
  const Burst pictures{.size = between(2, 6), .assets = {{2, 1}}, .gap_s = between(0, 0.4)};
  const Burst few{.size = between(0, 2), .assets = {{2, 1}}, .gap_s = between(0, 0.4)};
  visits.pages = {
      {.page = 0,
       .views = 5000,
       .entry = 2,
       .next = {{1, 1}},
       .think_s = between(5, 15),
       .first = pictures,
       .later = few},
      {.page = 1,
       .views = 15'000,
       .entry = 1,
       .next = {{0, 1}, {1, 3}},
       .think_s = between(10, 50),
       .first = pictures,
       .later = few},
      {.page = 3, .views = 1000, .entry = 0.5, .think_s = between(1, 2), .first = pictures, .later = pictures}};
  people.visits = {visits};
  people.agents = {{"Mozilla/5.0 (One)", 3}, {"Mozilla/5.0 (Two)", 1}};

  Population crawler;
  crawler.kind = Population::Kind::crawlers;
  crawler.arrivals = {.mean_per_s = 0.1, .peak_per_s = 0.1};
  crawler.visits = {{.sessions = 1,
                     .pages_per_session = {.mean = 10},
                     .pages = {{.page = 1, .views = 100, .entry = 1, .next = {{1, 1}}, .think_s = {.mean = 3}}}}};
  model.populations = {people, crawler};
  return model;
}

}  // namespace tenfold::rehearse::testing_models
