#include "shop/pages.hpp"

#include <algorithm>
#include <functional>
#include <vector>

#include "shop/html.hpp"

namespace tenfold::shop {
namespace {

using html::Markup;
using html::put;

constexpr std::size_t most_found = 60;  // of a search; more are not shown

std::vector<const Product*> pointers(std::span<const Product> products) {
  std::vector<const Product*> out;
  for (const Product& product : products) out.push_back(&product);
  return out;
}

void sort_products(std::vector<const Product*>& products, Sorting sorting) {
  switch (sorting) {
    case Sorting::featured: return;
    case Sorting::price_up: std::ranges::stable_sort(products, {}, &Product::price_cents); return;
    case Sorting::price_down: std::ranges::stable_sort(products, std::greater{}, &Product::price_cents); return;
    case Sorting::newest: std::ranges::stable_sort(products, std::greater{}, &Product::is_new); return;
  }
}

void put_price(std::string& out, const Product& product) {
  if (product.was_cents == 0) {
    put(out, R"(<div class="price">{}</div>)", money(product.price_cents));
  } else {
    put(out, R"(<div class="price"><span class="now">{}</span> <s aria-label="before: {}">{}</s></div>)",
        money(product.price_cents), money(product.was_cents), money(product.was_cents));
  }
}

void put_tag(std::string& out, const Product& product) {
  if (product.was_cents != 0) {
    const auto off = 100 - (product.price_cents * 100 + product.was_cents / 2) / product.was_cents;
    put(out, R"(<span class="tag off">−{}%</span>)", off);
  } else if (product.is_new) {
    out += R"(<span class="tag">New</span>)";
  }
}

void put_option(std::string& out, std::string_view value, std::string_view text, std::string_view selected) {
  put(out, R"(<option value="{}"{}>{}</option>)", value, Markup{value == selected ? " selected" : ""}, text);
}

void put_quantities(std::string& out, int selected) {
  for (int quantity = 1; quantity <= Cart::most_of_one; ++quantity) {
    put_option(out, fmt::to_string(quantity), fmt::to_string(quantity), fmt::to_string(selected));
  }
}

void put_field(std::string& out, std::string_view name, std::string_view label, std::string_view value,
               std::string_view attributes, std::string_view css_class = {}) {
  put(out, R"(<div class="{}"><label for="{}">{}</label><input id="{}" name="{}" value="{}" {}></div>)", css_class,
      name, label, name, name, value, Markup{attributes});
}

std::string rating(const Product& product) {
  return fmt::format("{}.{}", product.rating_tenths / 10, product.rating_tenths % 10);
}

}  // namespace

std::string Order::problem() const {
  if (name.empty()) return "Please tell us your name.";
  if (email.find('@') == std::string::npos) return "Please give an e-mail address that we can write to.";
  if (street.empty() || city.empty()) return "Please tell us where to send it: street and city.";
  return {};
}

std::string Pages::home() const {
  std::string main;
  put(main,
      R"(<section class="hero"><img src="/pictures/home.svg" alt="" width="900" height="520" fetchpriority="high">)"
      R"(<div><h1>Good things for everyday life</h1><p>{} things for table, desk and windowsill, made to last and chosen )"
      R"(by people who use them.</p><a class="button" href="/c/tableware">Have a look around</a></div></section>)",
      catalogue_.products().size());

  main += R"(<section><div class="head"><h2>Our departments</h2></div><div class="tiles">)";
  for (std::size_t i = 0; i < catalogue_.categories().size(); ++i) {
    const Category& category = catalogue_.categories()[i];
    put(main, R"(<a class="tile" href="/c/{}"><img src="{}" alt="" width="400" height="300"><span>{}</span></a>)",
        category.slug, catalogue_.in_category(i)[i % 3 + 1].picture_path(), category.title);
  }
  main += "</div></section>";

  std::vector<const Product*> fresh;
  std::vector<const Product*> reduced;
  for (const Product& product : catalogue_.products()) {
    if (product.was_cents != 0) {
      reduced.push_back(&product);
    } else if (product.is_new) {
      fresh.push_back(&product);
    }
  }
  // One of each department, so that the row is not all mugs.
  const auto varied = [](const std::vector<const Product*>& all) {
    std::vector<const Product*> some;
    for (const Product* product : all) {
      if (some.size() < 4 && (some.empty() || some.back()->category != product->category)) some.push_back(product);
    }
    return some;
  };
  main += R"(<section><div class="head"><h2>New this week</h2></div>)";
  put_goods(main, varied(fresh));
  main += R"(</section><section><div class="head"><h2>A little less this month</h2></div>)";
  put_goods(main, varied(reduced));
  main +=
      R"(</section><section class="promises"><div><h3>Free delivery from €60</h3><p>Below that, €4.90. Sent within two )"
      R"(working days.</p></div><div><h3>Thirty days to decide</h3><p>Send back what you do not love; we pay the )"
      R"(postage.</p></div><div><h3>Mended, not replaced</h3><p>Five years of guarantee, and spare parts for )"
      R"(everything.</p></div></section>)";
  return page("", "Good things for everyday life: tableware, lamps, furniture and more.", main);
}

std::string Pages::category(const Category& category, Sorting sorting) const {
  const auto index = static_cast<std::size_t>(&category - catalogue_.categories().data());
  auto products = pointers(catalogue_.in_category(index));
  sort_products(products, sorting);
  constexpr std::string_view names[] = {"featured", "price", "price-down", "new"};
  const std::string_view selected = names[static_cast<std::size_t>(sorting)];

  std::string main;
  put(main,
      R"(<div class="banner"><img src="/pictures/c/{}.svg" alt="" width="1200" height="400"><div><h1>{}</h1>)"
      R"(<p class="quiet">{}</p></div></div><div class="head"><span class="quiet">{} products</span>)"
      R"(<form action="/c/{}"><label class="small" for="sort">Sort by</label> <select id="sort" name="sort" data-submit>)",
      category.slug, category.title, category.blurb, products.size(), category.slug);
  put_option(main, "featured", "Our favourites", selected);
  put_option(main, "price", "Price, low to high", selected);
  put_option(main, "price-down", "Price, high to low", selected);
  put_option(main, "new", "Newest first", selected);
  main += R"(</select> <button data-without-script>Sort</button></form></div>)";
  put_goods(main, products);
  return page(category.title, category.blurb, main, category.slug);
}

std::string Pages::product(const Product& product) const {
  const Category& category = catalogue_.categories()[product.category];
  std::string main;
  put(main,
      R"(<nav class="crumbs" aria-label="You are here"><a href="/">Home</a> › <a href="/c/{}">{}</a> › {}</nav>)"
      R"(<article class="product"><div class="picture"><img src="{}" alt="{} in {}" width="400" height="400" )"
      R"(fetchpriority="high">)",
      category.slug, category.title, product.name, product.picture_path(), product.name, product.colour->name);
  put_tag(main, product);
  put(main,
      R"(</div><div><h1>{}</h1><p class="quiet"><span class="stars" aria-hidden="true">★</span> )"
      R"({} of 5, {} reviews</p>)",
      product.name, rating(product), product.reviews);
  put_price(main, product);
  put(main,
      R"(<p>{}</p><form class="buy" method="post" action="/cart"><input type="hidden" name="product" value="{}"><div>)"
      R"(<label for="quantity">Quantity</label><select id="quantity" name="quantity">)",
      product.description, product.id);
  put_quantities(main, 1);
  put(main,
      R"(</select></div><button>Add to cart</button></form><dl class="facts"><dt>Colour</dt><dd>{}</dd>)"
      R"(<dt>Material</dt><dd>{}</dd><dt>Delivery</dt><dd>In stock: with you in two to four days</dd>)"
      R"(<dt>Article</dt><dd>{}</dd></dl></div></article>)",
      product.colour->name, product.material, product.id);
  main += R"(<section><div class="head"><h2>Goes well with it</h2></div>)";
  put_goods(main, catalogue_.related(product, 4));
  main += "</section>";
  return page(product.name, product.description, main, category.slug);
}

std::string Pages::search(std::string_view query) const {
  const auto found = catalogue_.search(query, most_found);
  std::string main;
  if (query.empty()) {
    main += R"(<div class="head"><h1>Search</h1></div><p class="quiet">Try “teapot”, “oak” or “sage lamp”.</p>)";
  } else if (found.empty()) {
    put(main,
        R"(<div class="empty"><h1>Nothing found for “{}”</h1><p class="quiet">Fewer words find more. Or look around )"
        R"(in our departments.</p><a class="button" href="/">To the shop window</a></div>)",
        query);
  } else {
    put(main, R"(<div class="head"><h1>“{}”</h1><span class="quiet">{}{} found</span></div>)", query, found.size(),
        Markup{found.size() == most_found ? "+" : ""});
  }
  put_goods(main, found);
  return page(query.empty() ? "Search" : query, "", main);
}

std::string Pages::about() const {
  std::string main;
  put(main,
      R"(<div class="narrow"><h1>About {}</h1><p></p><p>This is the demo shop that comes with Tenfold. Nothing here is for )"
      R"(sale: names, prices and pictures are made up by a program, and an order goes nowhere.</p><p>What is real is the )"
      R"(scarcity. The shop has a fixed number of workers, and every page takes one of them for a fixed time, as in a )"
      R"(shop whose pages come from a database. When more visitors come than the workers can serve, they wait in line: )"
      R"(that is what Tenfold is there to handle.</p><p><a href="/">Back to the shop window</a></p></div>)",
      frame_.shop_name);
  return page("About", "The demo shop of Tenfold.", main);
}

std::string Pages::login(std::string_view customer, std::string_view problem) const {
  std::string main = R"(<div class="narrow panel">)";
  if (!problem.empty()) put(main, R"(<p class="notice" role="alert">{}</p>)", problem);
  if (!customer.empty()) {
    put(main,
        R"(<h1>Hello again</h1><p></p><p>You are signed in as {}.</p><form method="post" action="/login">)"
        R"(<input type="hidden" name="email" value=""><button class="full">Sign out</button></form></div>)",
        customer);
    return page("Your account", "", main);
  }
  main += R"(<h1>Sign in</h1><p class="quiet">In this demo any address and any password will do.</p>)"
          R"(<form method="post" action="/login">)";
  put_field(main, "email", "E-mail", "", R"(type="email" autocomplete="username" required maxlength="100")");
  main += "<p></p>";
  put_field(main, "password", "Password", "",
            R"(type="password" autocomplete="current-password" required maxlength="100")");
  main += R"(<p></p><button class="full">Sign in</button></form></div>)";
  return page("Sign in", "", main);
}

std::string Pages::sorry(std::string_view title, std::string_view text) const {
  std::string main;
  put(main,
      R"(<div class="empty"><h1>{}</h1><p class="quiet">{}</p><a class="button" href="/">To the shop window</a></div>)",
      title, text);
  return page(title, "", main);
}

void Pages::put_goods(std::string& out, std::span<const Product* const> products) const {
  out += R"(<ul class="goods">)";
  for (const Product* product : products) {
    put(out, R"(<li><a href="{}"><div class="picture"><img src="{}" alt="" width="400" height="400" loading="lazy">)",
        product->path(), product->picture_path());
    put_tag(out, *product);
    put(out,
        R"(</div><div class="name">{}</div><div class="quiet small">{} · <span class="stars" aria-hidden="true">★</span> )"
        R"({}</div>)",
        product->name, product->colour->name, rating(*product));
    put_price(out, *product);
    out += "</a></li>";
  }
  out += "</ul>";
}

std::string Pages::page(std::string_view title, std::string_view description, std::string_view main,
                        std::string_view current_category) const {
  std::string out;
  put(out,
      R"(<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{}{}{}</title>)"
      R"(<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="description" content="{}">)"
      R"(<link rel="icon" href="/favicon.svg" type="image/svg+xml"><link rel="stylesheet" href="{}">)"
      R"(<script src="{}" defer></script></head><body><a class="skip" href="#main">Skip to content</a>)",
      title, Markup{title.empty() ? "" : " · "}, frame_.shop_name, description, frame_.style_path, frame_.script_path);
  put(out,
      R"(<div class="strip">Free delivery from €60 · thirty days to decide</div><header class="top"><div class="wrap">)"
      R"(<a class="logo" href="/"><img src="/favicon.svg" alt="" width="34" height="34">{}</a>)"
      R"(<form class="search" action="/search" role="search"><input name="q" type="search" aria-label="Search the shop" )"
      R"(placeholder="Search for mugs, lamps, oak …" maxlength="100"><button>Search</button></form>)"
      R"(<div class="tools"><a href="/login">Account</a><a href="/cart">Cart<span class="badge" data-cart-count hidden>)"
      R"(</span></a></div></div></header><nav class="nav" aria-label="Departments"><div class="wrap"><ul>)",
      frame_.shop_name);
  for (const Category& category : catalogue_.categories()) {
    put(out, R"(<li><a href="/c/{}"{}>{}</a></li>)", category.slug,
        Markup{category.slug == current_category ? R"( aria-current="page")" : ""}, category.title);
  }
  put(out,
      R"(</ul></div></nav><main id="main" class="wrap">{}</main><footer class="foot"><div class="wrap"><nav aria-label="About )"
      R"(us"><a href="/about">About this shop</a><a href="/sitemap.xml">Sitemap</a></nav><span>Served by {}</span></div>)"
      R"(</footer></body></html>)",
      Markup{main}, frame_.server_name);
  return out;
}

std::string Pages::sitemap(std::string_view base_url) const {
  std::string out =
      R"(<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">)";
  put(out, "<url><loc>{}/</loc></url>\n", base_url);
  for (const Category& category : catalogue_.categories())
    put(out, "<url><loc>{}/c/{}</loc></url>\n", base_url, category.slug);
  for (const Product& product : catalogue_.products())
    put(out, "<url><loc>{}{}</loc></url>\n", base_url, product.path());
  return out + "</urlset>\n";
}

std::string Pages::robots(std::string_view base_url) const {
  return fmt::format(
      "User-agent: *\nDisallow: /cart\nDisallow: /checkout\nDisallow: /login\nDisallow: /search\n\nSitemap: "
      "{}/sitemap.xml\n",
      base_url);
}

}  // namespace tenfold::shop
