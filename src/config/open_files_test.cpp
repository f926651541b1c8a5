#include "config/open_files.hpp"

#include <gtest/gtest.h>

#include "config/load.hpp"
#include "config/testing.hpp"

namespace tenfold::config {
namespace {

Replaceable shop(unsigned visitors, unsigned each, unsigned total = 0) {
  Replaceable live;
  live.limits.connections = visitors;
  origin::PoolSettings& origin = live.origins.emplace_back();
  origin.servers.resize(2);
  origin.max_connections = each;
  origin.max_total_connections = total;
  return live;
}

TEST(OpenFiles, WhatFitsIsLeftAlone) {
  const OpenFiles files = share_out(shop(10'000, 256), 10'000 + 512 + 1024);
  EXPECT_EQ(files.for_visitors, 10'000u);
  EXPECT_EQ(files.for_origins, 512u);
  EXPECT_EQ(files.needed, 11'536u);
  EXPECT_EQ(share_out(shop(10'000, 256, 100), 0).for_origins, 100u);
}

TEST(OpenFiles, OneTooFewTakesFromTheVisitors) {
  EXPECT_EQ(share_out(shop(10'000, 256), 11'535).for_visitors, 9'999u);
  EXPECT_EQ(share_out(shop(65'536, 256), 20'000).for_visitors, 20'000u - 1024 - 512);
  EXPECT_EQ(share_out(shop(65'536, 256), 1024).for_visitors, 384u);
  EXPECT_EQ(share_out(shop(65'536, 256), 256).for_visitors, 96u);
  EXPECT_EQ(share_out(shop(65'536, 256), 10).for_visitors, 16u);
}

TEST(OpenFiles, TheFilesReaderSaysSo) {
  const std::string text =
      "shop: S\nlisten: [{ address: 127.0.0.1:80 }]\norigins: [{ name: a, servers: [127.0.0.1:81] }]\n"
      "limits:\n  connections: 50000\n";
  Surroundings machine = testing::surroundings();
  EXPECT_EQ(testing::all_text(load_text(text, "f", "/", machine).problems), "");
  machine.most_open_files = 60'000;
  EXPECT_EQ(testing::all_text(load_text(text, "f", "/", machine).problems), "");
  machine.most_open_files = 20'000;
  const Loaded loaded = load_text(text, "f", "/", machine);
  EXPECT_TRUE(loaded.ok());
  EXPECT_EQ(
      testing::all_text(loaded.problems),
      "f:5:16: warning: limits.connections: 50000 visitors and 256 connections to origins need 51280 open files, "
      "and the system allows a process 20000: 18720 visitors are let in at most; expected LimitNOFILE=51280 in the "
      "service's unit, `ulimit -n 51280` in the shell that starts it, or fewer limits.connections\n");
}

}  // namespace
}  // namespace tenfold::config
