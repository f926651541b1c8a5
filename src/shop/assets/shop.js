// The pages are the same for everybody, so that they can be cached: what is the visitor's own comes from a cookie.
(() => {
  const found = document.cookie.match(/(?:^|; )shop_cart=([0-9x.]*)/);
  const lines = found && found[1] ? found[1].split('.') : [];
  const items = lines.reduce((sum, line) => sum + (parseInt(line.split('x')[1], 10) || 0), 0);
  for (const badge of document.querySelectorAll('[data-cart-count]')) {
    badge.textContent = String(items);
    badge.hidden = items === 0;
  }
  // Without a script, these forms have a button of their own.
  for (const select of document.querySelectorAll('select[data-submit]')) {
    select.addEventListener('change', () => select.form.submit());
    const button = select.form.querySelector('[data-without-script]');
    if (button) button.hidden = true;
  }
})();
