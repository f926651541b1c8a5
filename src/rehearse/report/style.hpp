#pragma once

#include <string_view>

namespace tenfold::rehearse {

// The report's looks: light and dark by the reader's wish, good on paper.
inline constexpr std::string_view report_style = R"css(
:root{color-scheme:light dark;--paper:#fff;--ink:#1c2024;--soft:#60646c;--line:#e3e5e8;--card:#f7f8f9;
--a:#3b6fd4;--b:#c98a1a;--c:#c2417c;--d:#2c8f83;--good:#1f8a4c;--bad:#c73a3a;--warn:#a66a00}
@media(prefers-color-scheme:dark){:root{--paper:#14161a;--ink:#e8eaed;--soft:#9aa0a8;--line:#2b2f36;--card:#1b1e24;
--a:#7da6f5;--b:#e3b05a;--c:#e58ab3;--d:#6cc9bc;--good:#5fc98a;--bad:#f08080;--warn:#e0b050}}
*{box-sizing:border-box}
body{margin:0 auto;padding:2rem 1.25rem 4rem;max-width:60rem;background:var(--paper);color:var(--ink);
font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
h1{font-size:1.1rem;font-weight:600;color:var(--soft);margin:0}
h2{font-size:1.15rem;margin:2.6rem 0 .6rem}
.verdict{font-size:3.2rem;line-height:1.1;font-weight:750;letter-spacing:-.02em;margin:.3rem 0 .4rem}
.PASS{color:var(--good)}.FAIL{color:var(--bad)}.INVALID,.REFUSED{color:var(--warn)}
.lead{font-size:1.15rem;margin:.2rem 0 1rem}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.5rem,1fr));gap:.7rem;margin:1.4rem 0}
.tiles div{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:.7rem .9rem}
.tiles b{display:block;font-size:1.35rem;font-variant-numeric:tabular-nums}
.tiles span{color:var(--soft);font-size:.85rem}
.plots{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,25rem),1fr));gap:0 1.2rem}
figure{margin:0 0 1.6rem;min-width:0}figcaption{font-weight:600;margin-bottom:.3rem}
svg{width:100%;height:auto;display:block;background:var(--card);border:1px solid var(--line);border-radius:.6rem}
.g{stroke:var(--line)}.t{font-size:13px;fill:var(--soft)}.e{text-anchor:end}.m{text-anchor:middle}
.limit{stroke:var(--bad);stroke-dasharray:5 4}.t.promise{fill:var(--bad)}
.line{fill:none;stroke-width:1.8;stroke-linejoin:round}.area{opacity:.22;stroke:none}
.line.a,.dot.a{stroke:var(--a)}.line.b,.dot.b{stroke:var(--b)}.line.c,.dot.c{stroke:var(--c)}.line.d,.dot.d{stroke:var(--d)}
.line.good,.dot.good{stroke:var(--good)}.line.bad,.dot.bad{stroke:var(--bad)}
.a{fill:var(--a);background:var(--a)}.b{fill:var(--b);background:var(--b)}.c{fill:var(--c);background:var(--c)}
.d{fill:var(--d);background:var(--d)}.good{fill:var(--good);background:var(--good)}.bad{fill:var(--bad);background:var(--bad)}
.line{background:none}path.line{fill:none}
.legend{margin:.35rem 0 0;color:var(--soft);font-size:.85rem}.legend span{margin-right:1.2rem;white-space:nowrap}
.legend i{display:inline-block;width:.7rem;height:.7rem;border-radius:.2rem;margin-right:.4rem;vertical-align:-.05rem}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.92rem;font-variant-numeric:tabular-nums}
th,td{text-align:right;padding:.35rem .6rem;border-bottom:1px solid var(--line);white-space:nowrap}
th{color:var(--soft);font-weight:600}th:first-child,td:first-child{text-align:left;white-space:normal;overflow-wrap:anywhere}
td.ok{color:var(--good)}td.no{color:var(--bad);font-weight:600}
code,pre{font:.88rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
pre{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:.8rem 1rem;overflow-x:auto}
h1,li,.lead{overflow-wrap:anywhere}
@media(max-width:37rem){body{padding:1rem 1rem 3rem}.verdict{font-size:2.4rem}.lead{font-size:1.05rem}
table{font-size:.8rem}th,td{padding:.3rem .35rem}th:first-child,td:first-child{min-width:7.5rem}
.words th,.words td{white-space:normal;overflow-wrap:anywhere}.words th:first-child,.words td:first-child{min-width:5.5rem}}
li{margin:.25rem 0}details{margin:1rem 0}summary{cursor:pointer;color:var(--soft)}
@media print{body{max-width:none;padding:0}details{display:none}}
)css";

}  // namespace tenfold::rehearse
