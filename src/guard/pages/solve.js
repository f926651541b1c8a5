// What a stranger's browser does while the shop has not time for everyone: it finds a number that with the page's seed has
// a SHA-256 of enough leading zero bits, gets a clearance for it, and opens the page that was asked for.
// ES5, so that old browsers do it too. All that it says stands in the page, in the visitor's language.
(function () {
  'use strict';
  var SLICE_MS = 40;             // so long at once, so that the page stays at hand
  var TRIES = 250;               // between two looks at the clock: 15 ms where nothing is compiled
  var SEED_GOOD_MS = 100000;     // the edge takes a seed for two minutes
  var COUNTED_MS = 60000;        // in which a tab
  var MOST_LEFT = 2;             // leaves this page so often at once, and then
  var PAUSE_MS = 15000;          // waits before it tries again: by then a visitor who took much may take more
  var CLEARED = 'tenfold-cleared';  // in localStorage, for all tabs: when one of them got the clearance
  var LEFT = 'tenfold-left';        // in sessionStorage, for this tab: when it left this page

  var main = document.querySelector('main');
  var status = document.getElementById('status');
  var asked = main.dataset;
  // When the page was asked for. Not what the browser itself gives as that time: a computer that has slept or whose clock
  // was set has two clocks, hours apart (w3c/hr-time issue 115), and the seed would always seem to be old.
  var begun = Date.now() - (window.performance && performance.now ? performance.now() : 0);
  var is_searching = false, is_gone = false;
  var is_framed = window.top !== window.self;

  function say(what) {
    status.textContent = status.getAttribute('data-' + what);
  }

  function keeps_cookies() {
    try {
      document.cookie = 'tenfold_try=1; max-age=5; path=/; SameSite=Lax';
      return document.cookie.indexOf('tenfold_try=') >= 0;
    } catch (refused) {
      return false;
    }
  }

  // Null where the browser keeps nothing for the shop.
  function recently_left() {
    try {
      var now = Date.now();
      return JSON.parse(sessionStorage.getItem(LEFT) || '[]').filter(function (at) {
        return at <= now && at > now - COUNTED_MS;
      });
    } catch (refused) {
      return null;
    }
  }

  // Another tab has got the clearance since this page was asked for. (Before: then it does not let this page in.)
  function cleared_meanwhile() {
    try {
      var at = Number(localStorage.getItem(CLEARED));
      return at > begun && at <= Date.now();
    } catch (refused) {
      return false;
    }
  }

  function count_leaving() {
    try {
      sessionStorage.setItem(LEFT, JSON.stringify((recently_left() || []).concat(Date.now())));
    } catch (refused) { }
  }

  // What was sent with a form is not sent again by itself: the visitor goes back to the form.
  function leave() {
    if (is_gone) return;
    is_gone = true;
    say('done');
    if (asked.sent === 'form') return;
    count_leaving();
    location.reload();
  }

  // ---- SHA-256 (FIPS 180-4), of texts that differ in three digits only ----

  var K = [], start = [];
  (function () {  // the first 32 bits of the fractional parts of the roots of the first primes
    function is_prime(n) {
      for (var i = 2; i * i <= n; i++) if (n % i === 0) return false;
      return true;
    }
    for (var n = 2; K.length < 64; n++) {
      if (!is_prime(n)) continue;
      if (start.length < 8) start.push(Math.pow(n, 1 / 2) * 4294967296 | 0);
      K.push(Math.pow(n, 1 / 3) * 4294967296 | 0);
    }
  })();
  var k = new Int32Array(K), w = new Int32Array(64);

  // Rounds from..to-1 over w, on the eight words of a state.
  function rounds(from, to, s) {
    var a = s[0], b = s[1], c = s[2], d = s[3], e = s[4], f = s[5], g = s[6], h = s[7], i, x, y;
    for (i = from; i < to; i++) {
      if (i > 15) {
        x = w[i - 15];
        y = w[i - 2];
        w[i] = w[i - 16] + w[i - 7] + ((x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3)
          + ((y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10);
      }
      x = h + k[i] + w[i] + ((e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7)) + (g ^ e & (f ^ g)) | 0;
      y = ((a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10)) + (a & b | c & (a | b));
      h = g;
      g = f;
      f = e;
      e = d + x | 0;
      d = c;
      c = b;
      b = a;
      a = x + y | 0;
    }
    return [a, b, c, d, e, f, g, h];
  }

  function load(text) {
    for (var i = 0; i < 16; i++) w[i] = 0;
    for (i = 0; i < text.length; i++) w[i >> 2] |= text.charCodeAt(i) << 24 - 8 * (i & 3);
  }

  // The state after the text's whole blocks.
  function after_blocks(text) {
    var state = start;
    for (var at = 0; at + 64 <= text.length; at += 64) {
      load(text.slice(at, at + 64));
      state = rounds(0, 64, state).map(function (word, i) { return word + state[i] | 0; });
    }
    return state;
  }

  var prefix = asked.seed + ':';
  var lead = 100, low = 0;

  // The nonce is a lead that fills the last word but one, and three more digits: only one word of the last block changes.
  function lead_digits() {
    var digits = String(lead);
    while ((prefix.length + digits.length) % 4) digits += '0';
    if ((prefix.length + digits.length) % 64 > 52) while ((prefix.length + digits.length) % 64) digits += '0';
    return digits;
  }

  // The nonce, if it is one of the next so many.
  function tried(tries) {
    var text = prefix + lead_digits();
    var length = text.length;
    var before = after_blocks(text);
    load(text.slice(length - length % 64));
    w[15] = (length + 3) * 8;
    var at = length % 64 / 4;
    var middle = rounds(0, at, before);
    for (var end = low + tries; low < end; low++) {
      w[at] = 0x30303080 + ((low / 100 | 0) << 24) + ((low / 10 | 0) % 10 << 16) + (low % 10 << 8);
      if ((rounds(at, 64, middle)[0] + before[0] | 0) >>> 32 - asked.bits === 0) return text.slice(prefix.length) + ('00' + low).slice(-3);
    }
    if (low === 1000) {
      low = 0;
      lead++;
    }
    return '';
  }

  // ---- one thing after the other ----

  function in_turn(act) {  // after what else the page has to do; a timer would be slowed down in a hidden tab
    var channel = new MessageChannel();
    channel.port1.onmessage = act;
    channel.port2.postMessage(0);
  }

  function search() {
    if (is_gone) return;
    if (cleared_meanwhile() || (Date.now() - begun > SEED_GOOD_MS && asked.sent !== 'form')) return leave();
    for (var end = Date.now() + SLICE_MS; Date.now() < end;) {
      var nonce = tried(TRIES);
      // A visible tab goes first; the others will be told.
      if (nonce) return void setTimeout(claim, document.hidden ? 100 : 0, nonce);
    }
    in_turn(search);
  }

  // Of several tabs with a solution one uses it: it keeps the lock until its page is gone, when all have been told.
  function claim(nonce) {
    if (!navigator.locks) return send(nonce);
    navigator.locks.request(CLEARED, function () {
      if (cleared_meanwhile()) return leave();
      if (!is_gone) return send(nonce).then(function () {
        return asked.sent === 'form' ? null : new Promise(function () { });
      });
    });
  }

  function send(nonce) {
    var address = '/.tenfold/clear?seed=' + asked.seed + '&nonce=' + nonce + '&to=' + asked.to;
    function go() {
      count_leaving();
      location.replace(address + location.hash);  // which a redirect keeps
    }
    if (!window.fetch) return go();
    return fetch(address, { redirect: 'manual', credentials: 'same-origin', cache: 'no-store' }).then(function (answer) {
      if (answer.type === 'opaqueredirect' || answer.ok) {
        try {
          localStorage.setItem(CLEARED, Date.now());
        } catch (refused) { }
      }
      leave();
    }, go);
  }

  function begin() {
    say('working');
    is_searching = true;
    in_turn(search);
  }
  window.addEventListener('storage', function (change) {
    if (is_searching && change.key === CLEARED) leave();
  });

  // The browser's own way back keeps what was filled in.
  if (asked.sent === 'form' && history.length > 1) {
    document.getElementById('on').onclick = function () {
      history.back();
      return false;
    };
  }

  // In a frame of another site the browser may keep what a page stores, and no cookie of ours. In a window of its own it does.
  var left = recently_left();
  if (!navigator.cookieEnabled || !((left && !is_framed) || keeps_cookies())) {
    say('no-cookies');
    if (is_framed) [].forEach.call(document.querySelectorAll('.ways a'), function (way) { way.target = '_blank'; });
  } else if (!left) {
    setTimeout(begin, 10000);  // unknown how often
  } else if (left.length > MOST_LEFT) {
    say('often');
    setTimeout(begin, Math.max(left[left.length - 1] + PAUSE_MS - Date.now(), 0));
  } else {
    begin();
  }
})();
