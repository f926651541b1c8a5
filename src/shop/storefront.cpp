#include "shop/storefront.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <system_error>

#include "base/text/percent.hpp"
#include "shop/cart.hpp"
#include "shop/html.hpp"
#include "shop/pictures.hpp"

namespace tenfold::shop {
namespace {

using http::Method;

// The pictures come with the catalogue, whose date this is: the same at every origin.
constexpr std::string_view pictures_modified = "Mon, 02 Mar 2026 08:00:00 GMT";
constexpr std::string_view for_ever = "public, max-age=31536000, immutable";
constexpr std::string_view for_a_day = "public, max-age=86400";
// Browsers ask each time; shared caches answer for five seconds and go on for a minute while they fetch anew.
constexpr std::string_view shop_window = "public, max-age=0, s-maxage=5, stale-while-revalidate=60, stale-if-error=600";
constexpr std::string_view for_one_visitor = "private, no-store";
constexpr std::string_view may_be_kept_by_browser = "private, no-cache";
constexpr std::string_view svg_type = "image/svg+xml";

bool starts_with(std::string_view path, std::string_view folder) {
  return path == folder || (path.starts_with(folder) && path[folder.size()] == '/');
}

std::uint32_t number_of(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? number : 0;
}

std::string etag_of(std::string_view body) { return fmt::format("\"{:016x}\"", fingerprint(body)); }

bool holds_etag(std::string_view if_none_match, std::string_view etag) {
  if (if_none_match == "*") return true;
  bool found = false;
  http::for_each_element(if_none_match, [&](std::string_view element) {
    if (element.starts_with("W/")) element.remove_prefix(2);
    found = element == etag;
    return !found;
  });
  return found;
}

// Adds the validators and answers 304 when the visitor has it already (RFC 9110, 13.2.2).
void validate(const Visit& visit, Reply& reply, std::string_view modified) {
  const std::string etag = etag_of(reply.body);
  reply.headers.emplace_back("ETag", etag);
  if (!modified.empty()) reply.headers.emplace_back("Last-Modified", modified);
  const bool known = visit.if_none_match.empty() ? !modified.empty() && visit.if_modified_since == modified
                                                 : holds_etag(visit.if_none_match, etag);
  if (!known) return;
  reply.status = 304;
  reply.body.clear();
}

std::string customer_of(const Visit& visit) {
  return percent_decoded_leniently(cookie(visit.cookies, "shop_customer"), Plus::is_blank);
}

std::string set_cookie(std::string_view name, std::string_view value, std::string_view attributes = {}) {
  return fmt::format("{}={}; Path=/; SameSite=Lax; Max-Age={}{}", name, value, value.empty() ? 0 : 2592000, attributes);
}

std::string allowed(std::string_view path) {
  return path == "/cart" || path == "/checkout" || path == "/login" ? "GET, HEAD, POST" : "GET, HEAD";
}

}  // namespace

std::string_view name(Kind kind) {
  constexpr std::string_view names[kinds] = {"static", "picture", "page", "search", "cart", "checkout"};
  return names[static_cast<std::size_t>(kind)];
}

void OrderBook::take(const std::string& token) {
  if (!seen_.insert(token).second) {
    ++repeated_;
    return;
  }
  ++orders_;
  in_order_.push_back(token);
  if (in_order_.size() > remembered) {
    seen_.erase(in_order_.front());
    in_order_.pop_front();
  }
}

Storefront::Storefront(Options options, Random& random)
    : random_(random),
      catalogue_(options.catalogue_seed),
      assets_{fingerprinted("shop", "css", "text/css; charset=utf-8", assets::shop_css),
              fingerprinted("shop", "js", "text/javascript; charset=utf-8", assets::shop_js)},
      pages_(catalogue_, {.shop_name = std::move(options.shop_name),
                          .server_name = std::move(options.server_name),
                          .style_path = assets_[0].path,
                          .script_path = assets_[1].path}) {}

Kind Storefront::kind_of(const Visit& visit) const {
  const std::string_view path = visit.path;
  if (path.starts_with("/assets/") || path.starts_with("/favicon") || path == "/robots.txt") return Kind::static_file;
  if (path.starts_with("/pictures/")) return Kind::picture;
  if (starts_with(path, "/search")) return Kind::search;
  if (starts_with(path, "/checkout") && visit.method == Method::post) return Kind::checkout;
  if (starts_with(path, "/cart") || starts_with(path, "/checkout") || starts_with(path, "/login")) return Kind::cart;
  return Kind::page;
}

Reply Storefront::answer(const Visit& visit) {
  Reply reply = route(visit);
  reply.headers.emplace_back("X-Content-Type-Options", "nosniff");
  if (reply.content_type.starts_with("text/html")) {
    reply.headers.emplace_back("Content-Security-Policy",
                               "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
                               "form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
    reply.headers.emplace_back("Referrer-Policy", "same-origin");
  }
  return reply;
}

Reply Storefront::route(const Visit& visit) {
  const std::string_view path = visit.path;
  const bool reads = visit.method == Method::get || visit.method == Method::head;
  const bool posts = visit.method == Method::post;
  const bool takes_posts = path == "/cart" || path == "/checkout" || path == "/login";
  if (!reads && !(posts && takes_posts)) {
    Reply reply = sorry(405, "That does not work here", "This page cannot be used in this way.");
    reply.headers.emplace_back("Allow", allowed(path));
    return reply;
  }
  if (path == "/") return public_page(pages_.home());
  if (path.starts_with("/c/")) return category(visit);
  if (path.starts_with("/p/")) return product(visit);
  if (path.starts_with("/pictures/") || path == "/favicon.svg" || path == "/favicon.ico") return picture(visit);
  if (path == "/about") return public_page(pages_.about());
  if (path == "/search") {
    Reply reply = private_page(pages_.search(html::form_value(visit.query, "q").substr(0, 100)));
    reply.headers.front().second = may_be_kept_by_browser;
    return reply;
  }
  if (path == "/cart") return posts ? change_cart(visit) : show_cart(visit);
  if (path == "/checkout") return posts ? order(visit) : show_checkout(visit);
  if (path == "/checkout/thanks")
    return private_page(pages_.thanks(html::form_value(visit.query, "order").substr(0, 20)));
  if (path == "/login") return posts ? sign_in(visit) : private_page(pages_.login(customer_of(visit), ""));
  for (const Asset& asset : assets_) {
    if (path != asset.path) continue;
    return {.content_type = asset.content_type,
            .headers = {{"Cache-Control", std::string(for_ever)}},
            .body = std::string(asset.content)};
  }
  if (path == "/robots.txt") {
    return {.content_type = "text/plain; charset=utf-8",
            .headers = {{"Cache-Control", std::string(for_a_day)}},
            .body = pages_.robots(visit.base_url)};
  }
  if (path == "/sitemap.xml") {
    return {.content_type = "application/xml",
            .headers = {{"Cache-Control", std::string(for_a_day)}},
            .body = pages_.sitemap(visit.base_url)};
  }
  return not_found();
}

Reply Storefront::picture(const Visit& visit) const {
  std::string_view path = visit.path;
  std::string body;
  if (path.starts_with("/favicon")) {
    body = favicon();
  } else if (path == "/pictures/home.svg") {
    body = home_picture(catalogue_);
  } else if (path.ends_with(".svg")) {
    path.remove_prefix(std::string_view("/pictures/").size());
    path.remove_suffix(std::string_view(".svg").size());
    const Category* category = path.starts_with("c/") ? catalogue_.category(path.substr(2)) : nullptr;
    const Product* product = catalogue_.product(number_of(path));
    if (category != nullptr) {
      body = category_picture(catalogue_, static_cast<std::size_t>(category - catalogue_.categories().data()));
    } else if (product != nullptr) {
      body = product_picture(*product);
    }
  }
  if (body.empty()) return not_found();
  Reply reply{
      .content_type = svg_type, .headers = {{"Cache-Control", std::string(for_a_day)}}, .body = std::move(body)};
  validate(visit, reply, pictures_modified);
  return reply;
}

Reply Storefront::category(const Visit& visit) const {
  const Category* category = catalogue_.category(visit.path.substr(3));
  if (category == nullptr) return not_found();
  const std::string sort = html::form_value(visit.query, "sort");
  const Sorting sorting = sort == "price"        ? Sorting::price_up
                          : sort == "price-down" ? Sorting::price_down
                          : sort == "new"        ? Sorting::newest
                                                 : Sorting::featured;
  Reply reply = public_page(pages_.category(*category, sorting));
  validate(visit, reply, {});
  return reply;
}

Reply Storefront::product(const Visit& visit) const {
  const std::string_view rest = visit.path.substr(3);
  const Product* product = catalogue_.product(number_of(rest.substr(0, rest.find('/'))));
  if (product == nullptr) return not_found();
  if (visit.path != product->path()) {
    Reply reply = redirect(product->path());
    reply.status = 301;
    reply.headers.front().second = shop_window;
    return reply;
  }
  Reply reply = public_page(pages_.product(*product));
  validate(visit, reply, {});
  return reply;
}

Reply Storefront::show_cart(const Visit& visit) const {
  return private_page(pages_.cart(Cart::parse(cookie(visit.cookies, "shop_cart"), catalogue_), customer_of(visit)));
}

Reply Storefront::change_cart(const Visit& visit) {
  Cart cart = Cart::parse(cookie(visit.cookies, "shop_cart"), catalogue_);
  const Product* added = catalogue_.product(number_of(html::form_value(visit.form, "product")));
  const Product* changed = catalogue_.product(number_of(html::form_value(visit.form, "set")));
  if (added == nullptr && changed == nullptr) {
    return sorry(422, "We do not have that", "The product that you wanted to put into your cart is not in our range.");
  }
  const std::string quantity_text = html::form_value(visit.form, "quantity");
  const int quantity = quantity_text.empty()
                           ? 1
                           : static_cast<int>(std::min<std::uint32_t>(number_of(quantity_text), Cart::most_of_one));
  if (added != nullptr) {
    cart.add(*added, std::max(quantity, 1));
  } else {
    cart.set(*changed, quantity);
  }
  Reply reply = redirect("/cart");
  reply.headers.emplace_back("Set-Cookie", set_cookie("shop_cart", cart.cookie_value()));
  add_session(visit, reply);
  return reply;
}

Reply Storefront::show_checkout(const Visit& visit) {
  const Cart cart = Cart::parse(cookie(visit.cookies, "shop_cart"), catalogue_);
  if (cart.empty()) return redirect("/cart");
  Order order;
  order.token = new_token();
  order.email = customer_of(visit);
  return private_page(pages_.checkout(cart, order, ""));
}

Reply Storefront::order(const Visit& visit) {
  const Cart cart = Cart::parse(cookie(visit.cookies, "shop_cart"), catalogue_);
  if (cart.empty()) return redirect("/cart");
  const auto field = [&](std::string_view name) { return html::form_value(visit.form, name).substr(0, 100); };
  Order order{.token = field("token"),
              .name = field("name"),
              .email = field("email"),
              .street = field("street"),
              .postcode = field("postcode"),
              .city = field("city")};
  if (order.token.size() != 16) order.token = new_token();
  if (const std::string problem = order.problem(); !problem.empty()) {
    Reply reply = private_page(pages_.checkout(cart, order, problem));
    reply.status = 422;
    return reply;
  }
  orders_.take(order.token);
  std::string number = order.token.substr(0, 8);
  std::ranges::transform(number, number.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  Reply reply = redirect("/checkout/thanks?order=" + percent_encoded(number));
  reply.headers.emplace_back("Set-Cookie", set_cookie("shop_cart", ""));
  add_session(visit, reply);
  return reply;
}

Reply Storefront::sign_in(const Visit& visit) {
  const std::string email = html::form_value(visit.form, "email").substr(0, 100);
  if (!email.empty() && email.find('@') == std::string::npos) {
    Reply reply = private_page(pages_.login("", "That does not look like an e-mail address."));
    reply.status = 422;
    return reply;
  }
  Reply reply = redirect(email.empty() ? "/" : "/cart");
  reply.headers.emplace_back("Set-Cookie", set_cookie("shop_customer", percent_encoded(email), "; HttpOnly"));
  add_session(visit, reply);
  return reply;
}

Reply Storefront::sorry(int status, std::string_view title, std::string_view text) const {
  Reply reply = private_page(pages_.sorry(title, text));
  reply.status = status;
  return reply;
}

Reply Storefront::not_found() const {
  return sorry(404, "This page is not here", "It may have been sold out, or mistyped.");
}

Reply Storefront::public_page(std::string body) const {
  return {.headers = {{"Cache-Control", std::string(shop_window)}}, .body = std::move(body)};
}

Reply Storefront::private_page(std::string body) const {
  return {.headers = {{"Cache-Control", std::string(for_one_visitor)}}, .body = std::move(body)};
}

Reply Storefront::redirect(std::string_view to) const {
  return {.status = 303,
          .content_type = "text/plain; charset=utf-8",
          .headers = {{"Cache-Control", std::string(for_one_visitor)}, {"Location", std::string(to)}},
          .body = fmt::format("See {}\n", to)};
}

void Storefront::add_session(const Visit& visit, Reply& reply) {
  if (!cookie(visit.cookies, "shop_session").empty()) return;
  reply.headers.emplace_back("Set-Cookie", set_cookie("shop_session", new_token(), "; HttpOnly"));
}

std::string Storefront::new_token() { return fmt::format("{:016x}", random_.next()); }

}  // namespace tenfold::shop
