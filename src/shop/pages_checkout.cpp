#include "shop/html.hpp"
#include "shop/pages.hpp"

// The pages on the way to an order: cart, checkout, thanks.
namespace tenfold::shop {
namespace {

using html::put;

void put_input(std::string& out, std::string_view name, std::string_view label, std::string_view value,
               std::string_view autocomplete, std::string_view css_class = {}) {
  put(out,
      R"(<div class="{}"><label for="{}">{}</label><input id="{}" name="{}" value="{}" autocomplete="{}" required )"
      R"(maxlength="100"></div>)",
      css_class, name, label, name, name, value, autocomplete);
}

}  // namespace

void Pages::put_cart_line(std::string& out, const Cart::Line& line) const {
  const Product& product = *line.product;
  put(out,
      R"(<div class="line"><a href="{}"><img src="{}" alt="" width="88" height="88"></a><div><a href="{}"><b>{}</b></a>)"
      R"(<div class="quiet small">{} · {}</div><form method="post" action="/cart"><input type="hidden" name="set" value="{}">)"
      R"(<label class="small" for="q{}">Quantity</label><select id="q{}" name="quantity" data-submit>)",
      product.path(), product.picture_path(), product.path(), product.name, product.colour->name,
      money(product.price_cents), product.id, product.id, product.id);
  for (int quantity = 1; quantity <= Cart::most_of_one; ++quantity) {
    put(out, "<option{}>{}</option>", html::Markup{quantity == line.quantity ? " selected" : ""}, quantity);
  }
  put(out,
      R"(</select><button class="plain" data-without-script>Change</button></form><form method="post" action="/cart">)"
      R"(<input type="hidden" name="set" value="{}"><input type="hidden" name="quantity" value="0">)"
      R"(<button class="plain small" aria-label="Remove {}">Remove</button></form></div><div class="price">{}</div></div>)",
      product.id, product.name, money(static_cast<std::uint64_t>(line.quantity) * product.price_cents));
}

void Pages::put_sums(std::string& out, const Cart& cart) const {
  put(out,
      R"(<dl class="sums"><dt>Goods</dt><dd>{}</dd><dt>Delivery</dt><dd>{}</dd><dt class="total">Total</dt>)"
      R"(<dd class="total">{}</dd></dl>)",
      money(cart.goods_cents()), cart.delivery_cents() == 0 ? std::string("free") : money(cart.delivery_cents()),
      money(cart.total_cents()));
}

std::string Pages::cart(const Cart& cart, std::string_view customer) const {
  std::string main;
  if (cart.empty()) {
    main += R"(<div class="empty"><h1>Your cart is empty</h1><p class="quiet">Something for the table, perhaps?</p>)"
            R"(<a class="button" href="/c/tableware">Look at tableware</a></div>)";
    return page("Cart", "", main);
  }
  main += R"(<div class="head"><h1>Your cart</h1>)";
  if (!customer.empty()) put(main, R"(<span class="quiet">Signed in as {}</span>)", customer);
  main += R"(</div><div class="columns"><div class="panel">)";
  for (const Cart::Line& line : cart.lines()) put_cart_line(main, line);
  main += R"(</div><aside class="panel" aria-label="Summary">)";
  put_sums(main, cart);
  main += R"(<a class="button full" href="/checkout">To the checkout</a></aside></div>)";
  return page("Cart", "", main);
}

std::string Pages::checkout(const Cart& cart, const Order& entered, std::string_view problem) const {
  std::string main = R"(<div class="head"><h1>Checkout</h1></div>)";
  if (!problem.empty()) put(main, R"(<p class="notice" role="alert">{}</p>)", problem);
  put(main,
      R"(<form method="post" action="/checkout" class="columns"><input type="hidden" name="token" value="{}">)"
      R"(<div class="panel fields">)",
      entered.token);
  put_input(main, "name", "Name", entered.name, "name", "wide");
  put_input(main, "email", "E-mail", entered.email, "email", "wide");
  put_input(main, "street", "Street and number", entered.street, "street-address", "wide");
  put_input(main, "postcode", "Postcode", entered.postcode, "postal-code");
  put_input(main, "city", "City", entered.city, "address-level2");
  main +=
      R"(<div class="wide"><label for="payment">Payment</label><select id="payment" name="payment"><option>On invoice</option>)"
      R"(<option>In advance</option><option>On delivery</option></select></div></div>)"
      R"(<aside class="panel" aria-label="Summary">)";
  put(main, R"(<p class="quiet">{} items in your cart</p>)", cart.items());
  put_sums(main, cart);
  main += R"(<button class="full">Order and pay</button><p class="quiet small">This is a demo: nothing will be sent, )"
          R"(nothing is to be paid.</p></aside></form>)";
  return page("Checkout", "", main);
}

std::string Pages::thanks(std::string_view order_number) const {
  std::string main;
  put(main,
      R"(<div class="empty"><h1>Thank you for your order</h1><p>Its number is <b>{}</b>. We will write to you as soon as )"
      R"(it is on its way.</p><a class="button" href="/">Back to the shop window</a></div>)",
      order_number);
  return page("Thank you", "", main);
}

}  // namespace tenfold::shop
