// What a browser in the waiting room does: it asks after its place, shows it, and opens the shop when it is let in.
// ES5, so that old browsers do it too. What it says comes from the edge, in the visitor's language.
(function () {
  'use strict';
  var KEPT_MS = 60000;            // a place not asked after for so long is given up
  var BEFORE = 'tenfold-before';  // in sessionStorage: how many were before this visitor when it came, and when that was known

  var main = document.querySelector('main');
  var bar = document.querySelector('progress');
  var place = document.getElementById('place');
  var status = document.getElementById('status');
  var asked = main.dataset;
  var asked_at = Date.now(), wait_s = Number(asked.retry), is_in = false, timer, waker;
  var room = '/.tenfold/wait?to=' + asked.to;

  function keeps_cookies() {
    try {
      document.cookie = 'tenfold_try=1; max-age=5; path=/; SameSite=Lax';
      return navigator.cookieEnabled && document.cookie.indexOf('tenfold_try=') >= 0;
    } catch (refused) {
      return false;
    }
  }

  // A screen reader says what changes, so nothing is written that is there already.
  function write(element, text) {
    if (text && element.textContent !== text) element.textContent = text;
  }

  // How many were before this one at first: while the place is kept over reloads, the most that was ever said.
  function most_before(ahead) {
    try {
      var last = JSON.parse(sessionStorage.getItem(BEFORE) || '{}');
      var most = Date.now() - last.at < KEPT_MS ? Math.max(last.most, ahead) : ahead;
      sessionStorage.setItem(BEFORE, JSON.stringify({ most: most, at: Date.now() }));
      return most;
    } catch (refused) {
      return Math.max(bar.max, ahead);
    }
  }

  function show(ahead) {
    bar.max = Math.max(most_before(ahead), 1);
    bar.value = bar.max - ahead;
    bar.hidden = false;
    document.title = document.title.replace(/^\d+/, ahead + 1);
  }

  function enter() {
    is_in = true;
    // What was sent with a form is not sent again by itself; the browser's own way back keeps what was filled in.
    if (asked.sent === 'form' && history.length > 1) return history.back();
    // The room's own address is no page of the shop.
    if (asked.sent === 'form' || location.pathname.indexOf('/.tenfold/') === 0) {
      location.replace(document.getElementById('on').href + location.hash);
    } else {
      location.reload();
    }
  }

  function take(answer) {
    if (answer.type === 'opaqueredirect' || answer.ok) return enter();
    wait_s = Number(answer.headers.get('Retry-After')) || wait_s;
    return answer.json().then(function (said) {
      if (said.challenge) return location.reload();
      write(place, said.queue.place);
      write(status, said.queue.wait);
      show(said.queue.ahead);
    });
  }

  // Chrome wakes a page that has been in the background for five minutes once a minute, when its place is lost; not so
  // the page's worker. Null: the browser has none.
  function make_waker() {
    try {
      var text = 'onmessage = function (wait) { setTimeout(function () { postMessage(wait.data); }, wait.data); };';
      var waker = new Worker(URL.createObjectURL(new Blob([text], { type: 'text/javascript' })));
      waker.onmessage = function () { if (timer) ask(); };
      return waker;
    } catch (refused) {
      return null;
    }
  }

  // By whichever comes first.
  function later() {
    if (is_in) return;
    var wait_ms = Math.min(Math.max(wait_s, 1), 45) * 1000;
    timer = setTimeout(ask, waker ? wait_ms + 1000 : wait_ms);
    if (waker) waker.postMessage(wait_ms);
  }

  function ask() {
    clearTimeout(timer);
    timer = 0;
    asked_at = Date.now();
    fetch(room, {
      headers: { Accept: 'application/json' }, redirect: 'manual', credentials: 'same-origin', cache: 'no-store'
    }).then(take).catch(function () {
      write(status, status.getAttribute('data-away'));
    }).then(later);
  }

  // Its place is in a cookie: without one it would join anew each time that it asks.
  if (!keeps_cookies()) {
    place.hidden = document.getElementById('kept').hidden = true;
    // In a frame of another site it keeps none of ours, and in a window of its own it does.
    if (window.top !== window.self) document.getElementById('on').target = '_blank';
    return write(status, status.getAttribute('data-no-cookies'));
  }
  if (!window.fetch) return void setTimeout(function () { location.replace(room); }, wait_s * 1000);
  waker = make_waker();
  show(Number(asked.ahead));
  later();
  // A tab in the background is woken late.
  document.addEventListener('visibilitychange', function () {
    if (!document.hidden && !is_in && Date.now() - asked_at > wait_s * 1000) ask();
  });
})();
