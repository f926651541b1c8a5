#include "transfer/web_page.hpp"

#include <gtest/gtest.h>

namespace tenfold::transfer {
namespace {

Outcome answer(std::string body, std::string type = "", long status = 200) {
  Outcome outcome;
  outcome.kind = Outcome::Kind::answered;
  outcome.status = status;
  outcome.body = std::move(body);
  if (!type.empty()) outcome.headers = {{"content-type", std::move(type)}};
  return outcome;
}

TEST(WebPage, IsKnownByItsFirstTagWhateverItIsCalled) {
  for (const char* body :
       {"<!DOCTYPE html><html>", "<HTML>", "\xef\xbb\xbf \r\n<html lang=de>", "<!-- portal --><!-- 2 -->\n<html>",
        "<script>location='http://login'</script>", "<meta http-equiv=refresh content=0>", "<form action=/login>"}) {
    EXPECT_TRUE(is_web_page(answer(body))) << body;
    EXPECT_TRUE(is_web_page(answer(body, "application/json"))) << body;
  }
  EXPECT_TRUE(is_web_page(answer("<p>Log in", "text/html; charset=utf-8")));
  EXPECT_TRUE(is_web_page(answer("<p>Log in", "application/xhtml+xml")));
}

TEST(WebPage, WhatAProgramSaysIsNone) {
  EXPECT_FALSE(is_web_page(answer("")));
  EXPECT_FALSE(is_web_page(answer("", "text/html")));
  EXPECT_FALSE(is_web_page(answer("ok", "text/html; charset=UTF-8"))) << "as PHP calls it";
  EXPECT_FALSE(is_web_page(answer("{\"page\":\"<html>\"}", "application/json")));
  EXPECT_FALSE(is_web_page(answer("<?xml version=\"1.0\"?><Response/>", "text/xml")));
  EXPECT_FALSE(is_web_page(answer("<!-- never ends")));
}

TEST(WebPage, SaysWhatCame) {
  EXPECT_EQ(what_came(answer("<html><head><Title lang=de>\n Hotel:\tlog in </title>")),
            "status 200 and a web page (\"Hotel: log in\")");
  EXPECT_EQ(what_came(answer("<html>")), "status 200 and a web page");
  EXPECT_EQ(what_came(answer("")), "status 200 and nothing else");
  EXPECT_EQ(what_came(answer("no\nthanks")), "status 200 and \"no thanks\"");
  Outcome redirect = answer("", "", 302);
  redirect.headers = {{"location", "https://me:secret@login.hotel.example/start?token=secret"}};
  EXPECT_EQ(what_came(redirect), "status 302 and a redirect to https://login.hotel.example");
  redirect.headers = {{"location", "/login"}};
  EXPECT_EQ(what_came(redirect), "status 302 and a redirect");
  EXPECT_LT(what_came(answer("<title>" + std::string(5000, 'x') + "</title>", "text/html")).size(), 150u);
}

}  // namespace
}  // namespace tenfold::transfer
