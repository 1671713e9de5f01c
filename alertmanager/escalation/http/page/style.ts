/** The one style sheet. Calm: one accent, colour only where something is urgent; light and dark by the reader's setting. */
export const style = `
:root{color-scheme:light dark;--bg:#f5f6f8;--card:#fff;--ink:#18202b;--soft:#566170;--line:#e0e4ea;--field:#fff;--edge:#7a8493;
--accent:#1f57c3;--on:#fff;--critical:#b3251e;--high:#a84300;--warning:#7a5c00;--info:#33618f;--ok:#1b7446;--tint:#e9edf2}
@media (prefers-color-scheme:dark){:root{--bg:#0e1217;--card:#161c24;--ink:#e7ebf1;--soft:#9ca8b8;--line:#28313c;--field:#0e1217;--edge:#6b7787;
--accent:#8db4ff;--on:#0c1522;--critical:#ff8f86;--high:#ffb072;--warning:#ecd06a;--info:#92bdf0;--ok:#74d6a4;--tint:#1e2631}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;overflow-wrap:anywhere;-webkit-text-size-adjust:100%}
a{color:var(--accent);text-decoration-thickness:1px;text-underline-offset:3px}
h1,h2,p,ul,ol,dl,dd,form{margin:0;padding:0}
ul,ol{list-style:none}
h1{font-size:1.35rem;line-height:1.3;font-weight:650;letter-spacing:-.01em}
h2{font-size:.82rem;font-weight:650;color:var(--soft);margin:1.8rem 0 .6rem}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.top{max-width:46rem;margin:0 auto;padding:.9rem 1rem;display:flex;justify-content:space-between;align-items:center;gap:1rem}
.home{color:var(--ink);font-weight:650;text-decoration:none;display:inline-flex;align-items:center;gap:.55rem;min-height:44px}
.mark{width:1.05rem;height:1.05rem;border-radius:50%;border:4px solid var(--accent)}
.who{color:var(--soft);font-size:.9rem;margin-right:.3rem}
.top form{display:flex;align-items:center;min-width:0;margin-right:-.6rem}
main{max-width:46rem;margin:0 auto;padding:0 1rem 4rem}
.card{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:1.1rem}
.narrow{max-width:30rem;margin:6vh auto 0;padding:1.5rem 1.4rem}
.narrow>*+*{margin-top:.8rem}
.eyebrow{color:var(--soft);font-size:.9rem;font-weight:600}
.done{color:var(--ok)}
.hint,.muted{color:var(--soft);font-size:.9rem}
.badge{display:inline-block;font-size:.78rem;font-weight:650;line-height:1.5;padding:.05rem .5rem;border-radius:99px;color:var(--on);background:var(--soft)}
.critical{--sev:var(--critical)}.high{--sev:var(--high)}.warning{--sev:var(--warning)}.info{--sev:var(--info)}
.badge.critical,.badge.high,.badge.warning,.badge.info{background:var(--sev)}
.state{font-weight:550}.alarm{color:var(--sev,var(--critical))}.ok{color:var(--ok)}
.facts{display:flex;flex-wrap:wrap;gap:.3rem .6rem;align-items:center}
.tabs{display:flex;gap:.35rem;margin:.4rem 0 1rem;flex-wrap:wrap;align-items:center}
.tabs a{display:inline-flex;align-items:center;padding:.3rem 1rem;border-radius:99px;text-decoration:none;color:var(--soft);font-weight:550;min-height:44px}
.tabs a[aria-current]{background:var(--tint);color:var(--ink)}
.rows>li+li{margin-top:.6rem}
.row{display:block;background:var(--card);border:1px solid var(--line);border-radius:12px;padding:.85rem 1rem .85rem 1.25rem;color:inherit;text-decoration:none;position:relative;overflow:hidden}
.row::before{content:"";position:absolute;inset:0 auto 0 0;width:5px;background:var(--sev)}
.row:hover{border-color:var(--edge)}
.row.calm::before{background:var(--line)}
.row .facts{justify-content:space-between}
.row strong{display:block;font-weight:600;font-size:1.06rem;line-height:1.35;margin:.35rem 0 .25rem}
.row .state{display:block;font-size:.92rem}
.row .muted{display:block}
.empty{text-align:center;padding:3.5rem 1rem}
.empty b{display:block;font-size:1.1rem;font-weight:600}
.notice{background:var(--tint);border-radius:10px;padding:.7rem 1rem;margin-bottom:1rem}
.actions{display:flex;flex-wrap:wrap;gap:.6rem;align-items:flex-start}
button,.button,summary.button{font:inherit;font-weight:600;min-height:44px;padding:.5rem 1.05rem;border-radius:9px;border:1px solid var(--edge);background:transparent;color:var(--ink);cursor:pointer;text-decoration:none;display:inline-flex;align-items:center;justify-content:center}
button:hover,.button:hover{background:var(--tint)}
.primary{background:var(--accent);border-color:var(--accent);color:var(--on)}
.primary:hover{background:var(--accent);filter:brightness(1.08)}
.quiet{border-color:transparent;font-size:.9rem;color:var(--soft);padding:.5rem .6rem;font-weight:500}
.wide{width:100%}
.stack>*+*{margin-top:.5rem}.stack label{margin-top:.9rem;display:block}
label{font-weight:600;font-size:.92rem}
input,select,textarea{font:inherit;width:100%;min-height:44px;padding:.5rem .7rem;border-radius:9px;border:1px solid var(--edge);background:var(--field);color:var(--ink)}
textarea{min-height:5.5rem;resize:vertical}
details{border-top:1px solid var(--line)}
details>summary{cursor:pointer;min-height:48px;display:flex;align-items:center;font-weight:550}
details>summary::marker{content:""}
details>summary::after{content:"+";margin-left:auto;color:var(--soft);font-size:1.2rem}
details[open]>summary::after{content:"\\2013"}
details form{padding:0 0 1.1rem}.stack button{margin-top:.9rem}.stack label:first-child{margin-top:.2rem}
.more{margin-top:1rem}
.list>li{padding:.75rem 0}.list>li+li{border-top:1px solid var(--line)}
.list.card{padding:.25rem 1.1rem}
.title{margin:.5rem 0 .3rem}.yesno{margin-top:.6rem}
.labels{display:flex;flex-wrap:wrap;gap:.3rem;margin-top:.4rem}
.labels li{font-size:.82rem;background:var(--tint);color:var(--soft);border-radius:6px;padding:.05rem .45rem}
.labels b{font-weight:550;color:var(--ink)}
.goto{display:flex;flex-wrap:wrap;gap:0 1.2rem;margin-top:.2rem}
.goto a{min-height:40px;display:inline-flex;align-items:center;font-weight:550}
.line{display:flex;justify-content:space-between;align-items:baseline;gap:.2rem 1rem;flex-wrap:wrap}
.note{white-space:pre-wrap}
.trail{border-left:2px solid var(--line);margin-left:.35rem;padding-left:1.1rem}
.trail li{position:relative;padding:.35rem 0}
.trail li::before{content:"";position:absolute;left:-1.5rem;top:.85rem;width:.62rem;height:.62rem;border-radius:50%;background:var(--card);border:2px solid var(--edge)}
time{white-space:nowrap}
`;
