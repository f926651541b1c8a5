# Varnish with vsthrottle, as the module's manual shows it: so many requests by address, and a block for who exceeds them;
# pages that are the same for everybody are cached without their cookies; no more at a time at the shop than it has workers.
# Pictures are not counted: a browser asks for those of a page all at once.
vcl 4.1;
import std;
import vsthrottle;

backend default {
  .host = "127.0.0.1";
  .port = "@SHOP@";
  .max_connections = @WORKERS@;
  .first_byte_timeout = 15s;
}

sub vcl_recv {
  if (req.url ~ "^/(assets|pictures|favicon)") {
    unset req.http.Cookie;
    return (hash);
  }
  if (vsthrottle.is_denied(client.ip, 30, 10s, 30s)) {
    return (synth(429, "Too Many Requests"));
  }
  if (req.method == "GET" && req.url ~ "^/($|\?|c/|p/|about)") {
    unset req.http.Cookie;
  }
}

sub vcl_backend_response {
  # Old pages are better than none.
  set beresp.grace = 10m;
}
