'use strict';
(() => {
  const OLD_AFTER_MS = 3500;   // three readings missed
  const RETRY_MS = 2000;
  const MOST_POINTS = 300;
  const at = (id) => document.getElementById(id);
  const history = { requests: [], errors: [] };
  let newest = null;      // the last reading
  let newest_ms = 0;      // when it came, by this device's monotonic clock
  let token = sessionStorage.getItem('tenfold_token') || '';

  const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
  const fine = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
  const rate = (n) => (n >= 100 || n === 0 ? whole : fine).format(n);
  const time = (ms) => (ms === null ? '–' : ms < 0.1 ? '< 0.1 ms' : ms >= 10000 ? `${whole.format(ms / 1000)} s` : ms >= 1000 ? `${fine.format(ms / 1000)} s`
    : ms >= 10 ? `${whole.format(ms)} ms` : `${fine.format(ms)} ms`);
  const bytes = (n) => {
    const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
    let unit = 0;
    while (n >= 1024 && unit < units.length - 1) { n /= 1024; ++unit; }
    return `${(n >= 100 || unit === 0 ? whole : fine).format(n)} ${units[unit]}`;
  };
  const span = (s) => (s >= 172800 ? `${Math.floor(s / 86400)} days` : s >= 7200 ? `${Math.floor(s / 3600)} hours`
    : s >= 120 ? `${Math.floor(s / 60)} minutes` : `${Math.floor(s)} seconds`);
  const clock = (iso) => {
    const moment = new Date(iso);
    return Date.now() - moment > 72000000 ? moment.toLocaleString() : moment.toLocaleTimeString();
  };
  const text = (id, value) => { if (at(id).textContent !== value) at(id).textContent = value; };
  const element = (name, css_class, value) => {
    const made = document.createElement(name);
    if (css_class) made.className = css_class;
    if (value !== undefined) made.textContent = value;
    return made;
  };
  const count = (n, one, many) => `${whole.format(n)} ${n === 1 ? one : many}`;

  const STATES = {
    up: ['Up', 'good'], slow_start: ['Warming up', 'good'], suspected: ['Suspected', 'warn'],
    ejected: ['Set aside', 'warn'], down: ['Down', 'bad'], draining: ['Leaving', 'unknown'], unchecked: ['Not checked', 'unknown'],
  };

  const CHECK_STATES = {
    up: ['Up', 'good'], slow: ['Slow', 'warn'], failing: ['Failing', 'warn'], down: ['Down', 'bad'], unknown: ['Unknown', 'unknown'],
  };

  // What the shield does about strangers; empty: nothing.
  function siege(guard) {
    if (!guard || guard.mode !== 'enforce') return '';
    const need = { queue: 'strangers wait behind customers', challenge: 'strangers are asked to solve a challenge' }[guard.strangers_need];
    if (guard.posture === 'besieged') return `Under siege: ${need ? `${need}, ` : ''}customers are served.`;
    return need ? `There is not enough for everyone: ${need}.` : '';
  }

  // What to say first: the worst that is true.
  function verdict(reading) {
    const { status, pools } = reading;
    const ringing = (reading.alerts || []).filter((alert) => alert.state === 'ringing' && alert.kind !== 'drill');
    if (ringing.length) {
      const [trouble] = ringing[0].troubles;
      return ['bad', ringing.length === 1 ? 'An alert rings, and nobody has answered yet' : `${ringing.length} alerts ring`,
        trouble ? `${trouble.source}: ${trouble.what}` : ''];
    }
    if (reading.uplink && reading.uplink.down) return ['bad', 'Our own uplink is down', reading.uplink.why];
    const servers = pools.flatMap((pool) => pool.servers);
    const out = servers.filter((server) => server.state === 'down' || server.state === 'ejected');
    // Of what the shop was to answer: a flood that the shield turns away must not make failures look few.
    const for_shop = status.requests_per_s - status.guard_answers_per_s;
    const share = for_shop > 0 ? Math.min(status.server_errors_per_s / for_shop, 1) : 0;
    const first = out.length ? `${out[0].name}: ${out[0].why || out[0].state}` : '';
    if (status.draining) return ['warn', 'Shutting down', 'Requests under way are finished, new ones are not taken.'];
    if (servers.length && out.length === servers.length) return ['bad', 'No origin answers', `Only what is cached is served. ${first}`];
    const failed = (reading.checks || []).filter((check) => check.state === 'down');
    if (failed.length) {
      const muted = failed.every((check) => check.in_maintenance);
      return [muted ? 'warn' : 'bad', `${count(failed.length, 'check', 'checks')} from outside failed`, `${failed[0].name}: ${failed[0].what}`];
    }
    if (share >= 0.05) return ['bad', `${fine.format(share * 100)} % of requests fail`, first];
    if (out.length) return ['warn', `${out.length} of ${count(servers.length, 'server', 'servers')} out, the shop is served`, first];
    if (share >= 0.005) return ['warn', `${fine.format(share * 100)} % of requests fail`, 'All servers answer their checks.'];
    const shielded = siege(reading.guard);
    if (shielded) return ['warn', shielded, `${rate(status.guard_answers_per_s)} requests per second are answered by the shield.`];
    if (status.reload.result === 'refused') {
      return ['warn', 'The changed configuration was refused', `What was in force before still is. ${status.reload.error}`];
    }
    if (reading.rings_from_memory) {
      return ['warn', 'The store cannot be written', 'Alerts ring from memory: what is under way would not outlive a restart.'];
    }
    if ((reading.alerts || []).some((alert) => alert.kind === 'drill' && alert.state === 'ringing')) {
      return ['warn', 'A drill rings', 'Somebody tries the telephones; nothing is wrong.'];
    }
    return ['good', 'All is well', `${count(servers.length, 'server', 'servers')} up.`];
  }

  function curve() {
    const { requests, errors } = history;
    const top = Math.max(1, ...requests);
    const x = (i) => (300 - (requests.length - 1 - i)).toFixed(1);
    const y = (n) => (62 - 58 * n / top).toFixed(1);
    const line = requests.map((n, i) => `${x(i)},${y(n)}`).join(' L');
    const svg = at('curve');
    svg.replaceChildren();
    const add = (css_class, d) => {
      const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
      path.setAttribute('class', css_class);
      path.setAttribute('d', d);
      svg.append(path);
    };
    add('base', 'M0,62 H300');
    if (requests.length > 1) {
      add('area', `M${x(0)},62 L${line} L300,62Z`);
      add('line', `M${line}`);
      if (errors.some((n) => n > 0)) add('errors', `M${x(0)},62 L${errors.map((n, i) => `${x(i)},${y(n)}`).join(' L')} L300,62Z`);
    }
    text('peak', requests.length ? `peak ${rate(Math.max(...requests))} per second` : '');
  }

  function show_pools(pools) {
    const made = pools.map((pool) => {
      const box = element('div', 'pool');
      const notes = [pool.region, pool.standby ? (pool.serving ? 'standby, serving now' : 'standby, waiting') : '',
        pool.panic ? 'too many are out: all are tried' : ''].filter(Boolean);
      box.append(element('p', '', [pool.name, ...notes].join(' · ')));
      for (const server of pool.servers) {
        const row = element('div', 'server');
        const [label, css_class] = STATES[server.state] || STATES.unchecked;
        row.append(element('span', `state ${css_class}`, label), element('span', 'address', server.name));
        const since = server.since ? `since ${clock(server.since)}` : '';
        row.append(element('span', 'why quiet', [server.why, since].filter(Boolean).join(', ')));
        const load = [count(server.active, 'request', 'requests') + ' now'];
        if (server.ewma_ms > 0) load.push(time(server.ewma_ms));
        if (server.failures_total > 0) load.push(count(server.failures_total, 'failure', 'failures'));
        row.append(element('span', 'load quiet', load.join(' · ')));
        box.append(row);
      }
      return box;
    });
    at('pools').replaceChildren(...(made.length ? made : [element('p', 'quiet', 'No origins are configured.')]));
  }

  function show_checks(checks) {
    at('checks_box').hidden = !checks || !checks.length;
    if (!checks) return;
    at('checks').replaceChildren(...checks.map((check) => {
      const row = element('div', 'server');
      const [label, css_class] = CHECK_STATES[check.state] || CHECK_STATES.unknown;
      row.append(element('span', `state ${css_class}`, label), element('span', 'address', check.name));
      const notes = [check.what, check.in_maintenance ? 'maintenance' : '', check.flapping ? 'flapping' : '',
        check.since ? `since ${clock(check.since)}` : ''];
      row.append(element('span', 'why quiet', notes.filter(Boolean).join(', ')));
      const load = [];
      if (check.last && check.last.good) load.push(time(check.last.total_ms));
      if (check.up_share_24h !== null) load.push(`${fine.format(check.up_share_24h * 100)} % in 24 h`);
      row.append(element('span', 'load quiet', load.join(' · ')));
      return row;
    }));
  }

  async function change(path, body, button) {
    button.disabled = true;
    let failure = '';
    try {
      const response = await fetch(path, { method: 'POST', headers: { ...headers(), 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
      if (response.status === 401) ask();
      if (!response.ok) failure = response.status === 401 ? 'a token is needed' : (await response.json()).error.message;
    } catch (error) { failure = error.message; }
    button.disabled = false;
    button.parentElement.querySelector('.failure')?.remove();
    if (failure) button.parentElement.append(element('span', 'failure state bad', `Not done: ${failure}`));
  }

  function alert_buttons(alert) {
    const buttons = element('p', 'buttons');
    const add = (label, path, body) => {
      const button = element('button', '', label);
      button.addEventListener('click', () => change(path, { id: alert.id, ...body }, button));
      buttons.append(button);
    };
    if (alert.state !== 'acknowledged' && alert.state !== 'settling') add('I take care of it', '/api/v1/alerts/acknowledge', {});
    add('Silent for an hour', '/api/v1/alerts/silence', { for: '1h' });
    return buttons;
  }

  let shown_alerts = '';  // made anew only when something is new: a button must not vanish under the finger
  function show_alerts(alerts) {
    at('alerts_box').hidden = !alerts || !alerts.length;
    const news = JSON.stringify(alerts || []);
    if (!alerts || news === shown_alerts) return;
    shown_alerts = news;
    at('alerts').replaceChildren(...alerts.map((alert) => {
      const box = element('div', 'pool');
      const by = alert.acknowledged_by ? ` · acknowledged by ${alert.acknowledged_by}` : '';
      box.append(element('p', '', `${alert.kind === 'drill' ? 'Drill' : 'Alert'} ${alert.id} · ${alert.state}${by} · told: ${alert.told.join(', ') || 'nobody yet'}`));
      for (const trouble of alert.troubles) {
        const row = element('div', 'server');
        row.append(element('span', 'state bad', 'Trouble'), element('span', 'address', trouble.source),
          element('span', 'why quiet', `${trouble.what}, since ${clock(trouble.since)}`));
        box.append(row);
      }
      for (const gap of alert.gaps) box.append(element('p', 'quiet', gap));
      box.append(alert_buttons(alert));
      return box;
    }));
  }

  function number(id, value, unit) {
    at(id).replaceChildren(value, ...(unit ? [' ', element('small', '', unit)] : []));
  }

  function show() {
    const { status, pools, cache } = newest;
    document.title = `${status.shop} · Tenfold`;
    text('shop', status.shop);
    text('since', `up for ${span(status.uptime_s)}, since ${new Date(status.started_at).toLocaleString()}`);
    number('requests', rate(status.requests_per_s));
    number('errors', rate(status.server_errors_per_s), 'per second');
    at('errors').classList.toggle('alarm', status.server_errors_per_s > 0);
    text('error_note', `${whole.format(status.server_errors_total)} since the start`);
    number('latency', time(status.p99_ms));
    text('latency_note', status.p50_ms === null ? 'no requests lately' : `half within ${time(status.p50_ms)}`);
    number('hits', cache.enabled ? `${whole.format(status.cache_hit_ratio * 100)} %` : 'off');
    text('cache_note', cache.enabled ? `${bytes(cache.bytes)} of ${bytes(cache.limit_bytes)}, ${count(cache.entries, 'entry', 'entries')}` : '');
    number('connections', whole.format(status.open_connections));
    text('traffic', `${whole.format(status.requests_total)} requests, ${bytes(status.bytes_sent_total)} sent`);
    text('about', `Tenfold ${status.version}, ${count(status.workers, 'worker', 'workers')}, ${status.backend}`);
    show_pools(pools);
    show_alerts(newest.alerts);
    show_checks(newest.checks);
    curve();
    judge();
  }

  // Runs on a timer, too: silence is also news.
  function judge() {
    const age_ms = newest ? performance.now() - newest_ms : 0;
    const old = newest !== null && age_ms > OLD_AFTER_MS;
    document.body.classList.toggle('old', old);
    if (newest === null) return;
    const [css_class, head, detail] = old
      ? ['bad', `No news for ${span(age_ms / 1000)}`, `What you see is from ${clock(newest.at)}. Tenfold, this machine or the line between is down; trying again.`]
      : verdict(newest);
    at('headline').className = `headline ${css_class}`;
    text('verdict', head);
    text('detail', detail);
  }

  function take(reading) {
    newest = reading;
    newest_ms = performance.now();
    history.requests.push(reading.status.requests_per_s);
    history.errors.push(reading.status.server_errors_per_s);
    for (const list of [history.requests, history.errors]) while (list.length > MOST_POINTS) list.shift();
    show();
  }

  const headers = () => (token ? { Authorization: `Bearer ${token}` } : {});

  // Server-sent events over fetch: EventSource cannot send a token.
  async function listen() {
    const past = await fetch('/api/v1/history', { headers: headers() });
    if (past.status === 401) return ask();
    if (past.ok) {
      const points = await past.json();
      history.requests = points.requests_per_s;
      history.errors = points.server_errors_per_s;
    }
    const response = await fetch('/api/v1/events', { headers: headers() });
    if (response.status === 401) return ask();
    if (!response.ok) throw new Error(`status ${response.status}`);
    at('ask').hidden = true;
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let pending = '';
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return true;
      pending += value;
      const events = pending.split('\n\n');
      pending = events.pop();
      for (const event of events) {
        const data = event.split('\n').find((line) => line.startsWith('data: '));
        if (data) take(JSON.parse(data.slice(6)));
      }
    }
  }

  function ask() {
    at('ask').hidden = false;
    text('verdict', token ? 'This token is not the right one' : 'A token is needed');
    text('detail', '');
    return false;
  }

  let listens = false;  // readings come without a token where only changes need one
  async function go_on() {
    if (listens) return;
    listens = true;
    for (;;) {
      let again = true;
      try { again = await listen(); } catch (error) {
        if (newest === null) { text('verdict', 'No connection to Tenfold yet'); text('detail', `${error.message}; trying again.`); }
      }
      if (again === false) break;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
    listens = false;
  }

  at('ask').addEventListener('submit', (event) => {
    event.preventDefault();
    token = at('token').value;
    sessionStorage.setItem('tenfold_token', token);
    at('ask').hidden = true;
    go_on();
  });
  setInterval(judge, 1000);
  go_on();
})();
