#include "guard/pages/request.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace tenfold::guard {
namespace {

using http::PageFormat;

http::Headers fields(const std::vector<std::pair<std::string_view, std::string_view>>& lines) {
  http::Headers headers;
  for (const auto& [name, value] : lines) headers.add(name, value);
  return headers;
}

constexpr std::string_view browsers_accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

TEST(PageFormat, IsAPageForWhoeverShowsOne) {
  EXPECT_EQ(page_format(
                fields({{"Accept", browsers_accept}, {"Sec-Fetch-Mode", "navigate"}, {"Sec-Fetch-Dest", "document"}})),
            PageFormat::html);
  EXPECT_EQ(page_format(fields({{"Accept", browsers_accept}, {"Sec-Fetch-Dest", "iframe"}})), PageFormat::html);
  EXPECT_EQ(page_format(fields({{"Accept", browsers_accept}})), PageFormat::html);
  EXPECT_EQ(page_format(fields({{"Accept", "*/*"}})), PageFormat::html);
  EXPECT_EQ(page_format(fields({})), PageFormat::html);
}

TEST(PageFormat, IsJsonForScriptsAndApps) {
  EXPECT_EQ(page_format(fields({{"Accept", "application/json"}})), PageFormat::json);
  EXPECT_EQ(page_format(fields({{"Accept", "*/*"}, {"X-Requested-With", "XMLHttpRequest"}})), PageFormat::json);
  EXPECT_EQ(page_format(fields({{"Accept", browsers_accept}, {"x-requested-with", "xmlhttprequest"}})),
            PageFormat::json);
  EXPECT_EQ(page_format(fields({{"Accept", "*/*"}, {"Sec-Fetch-Mode", "cors"}, {"Sec-Fetch-Dest", "empty"}})),
            PageFormat::json);
  EXPECT_EQ(page_format(fields({{"Sec-Fetch-Mode", "same-origin"}, {"Sec-Fetch-Dest", "empty"}})), PageFormat::json);
}

TEST(PageFormat, IsJsonForWhoeverSendsJson) {
  for (const char* type : {"application/json", "application/json; charset=utf-8", "Application/vnd.api+json ;a=b"}) {
    EXPECT_EQ(page_format(fields({{"Accept", "*/*"}, {"Content-Type", type}})), PageFormat::json) << type;
  }
  for (const char* type : {"application/x-www-form-urlencoded", "multipart/form-data; boundary=json", "text/plain"}) {
    EXPECT_EQ(page_format(fields({{"Accept", browsers_accept}, {"Content-Type", type}})), PageFormat::html) << type;
  }
}

TEST(PageFormat, IsTextForWhatNobodySees) {
  for (const char* destination : {"image", "script", "style", "font", "manifest"}) {
    EXPECT_EQ(page_format(fields({{"Accept", "*/*"}, {"Sec-Fetch-Dest", destination}})), PageFormat::text);
  }
  EXPECT_EQ(page_format(fields({{"Accept", "text/plain"}})), PageFormat::text);
}

TEST(PageFormat, IsAPageForANavigationThatAServiceWorkerPassesOn) {
  EXPECT_EQ(
      page_format(fields({{"Accept", browsers_accept}, {"Sec-Fetch-Mode", "navigate"}, {"Sec-Fetch-Dest", "empty"}})),
      PageFormat::html);
  EXPECT_EQ(page_format(
                fields({{"Accept", browsers_accept}, {"Sec-Fetch-Mode", "same-origin"}, {"Sec-Fetch-Dest", "empty"}})),
            PageFormat::html);
}

TEST(PageFormat, AnAppThatNamesItselfIsNoScript) {
  // As the web views of Android do with every navigation.
  EXPECT_EQ(page_format(fields({{"Accept", browsers_accept}, {"X-Requested-With", "com.shop.app"}})), PageFormat::html);
}

TEST(Asked, OnlyWhatIsReadIsAskedAgain) {
  EXPECT_EQ(asked(http::Method::get), Asked::page);
  EXPECT_EQ(asked(http::Method::head), Asked::page);
  for (const http::Method method :
       {http::Method::post, http::Method::put, http::Method::delete_, http::Method::other}) {
    EXPECT_EQ(asked(method), Asked::form);
  }
}

http::RequestHead request(http::Method method, std::string_view target, std::string_view referer) {
  http::RequestHead head;
  head.method = method;
  head.authority = "Shop.example:8443";
  head.target = target;
  if (!referer.empty()) head.headers.add("Referer", referer);
  return head;
}

TEST(WayBack, IsThePageAskedFor) {
  EXPECT_EQ(way_back(request(http::Method::get, "/p/tea?x=1&y=2", "https://shop.example:8443/")), "/p/tea?x=1&y=2");
}

TEST(WayBack, AfterAFormIsThePageBefore) {
  const auto after_post = [](std::string_view referer) {
    return way_back(request(http::Method::post, "/checkout", referer));
  };
  EXPECT_EQ(after_post("https://shop.example:8443/cart?step=2"), "/cart?step=2");
  EXPECT_EQ(after_post("http://SHOP.example:8443/cart#top"), "/cart");
  // Of another shop, or not known: the form's own address.
  for (const char* referer : {"", "https://elsewhere.example/cart", "https://shop.example/cart", "/cart", "https://",
                              "https://shop.example:8443", "https://shop.example:8443.elsewhere.example/cart"}) {
    EXPECT_EQ(after_post(referer), "/checkout") << referer;
  }
  EXPECT_EQ(after_post("https://shop.example:8443//elsewhere.example/"), "/");
}

TEST(LocalPath, StaysInTheShop) {
  for (const char* target : {"", "//elsewhere.example/", "/\\elsewhere.example", "https://elsewhere.example/",
                             "javascript:alert(1)", "*", "cart", "/.tenfold/clear?seed=1"}) {
    EXPECT_EQ(local_path(target), "/") << target;
  }
  // A browser leaves out tabs and line ends before it looks where the path begins.
  EXPECT_EQ(local_path("/\t/elsewhere.example"), "/%09/elsewhere.example");
  EXPECT_EQ(local_path("/\r\nSet-Cookie: a=b"), "/%0D%0ASet-Cookie:%20a=b");
}

TEST(LocalPath, KeepsWhatMayStandInAPath) {
  constexpr std::string_view path = "/a-b_c.d~e/%C3%A4?q=1&r[]=2&s='x'(y)*;:@!$,+";
  EXPECT_EQ(local_path(path), path);
  EXPECT_EQ(local_path("/\"><script>\xC3\xA4 {}`|^\\"), "/%22%3E%3Cscript%3E%C3%A4%20%7B%7D%60%7C%5E%5C");
  EXPECT_EQ(local_path("/p#part"), "/p");
}

TEST(LocalPath, IsBounded) {
  const std::string path = "/" + std::string(longest_way_back - 1, 'p');
  EXPECT_EQ(local_path(path), path);
  EXPECT_EQ(local_path(path + "p"), "/");
  EXPECT_EQ(local_path("/p?" + std::string(longest_way_back - 3, 'q')).size(), longest_way_back);
  EXPECT_EQ(local_path("/p?" + std::string(longest_way_back - 2, 'q')), "/p");
  // What is written out is what counts.
  EXPECT_EQ(local_path("/p?" + std::string(longest_way_back / 2, ' ')), "/p");
}

}  // namespace
}  // namespace tenfold::guard
