import { type Accent, grounds } from './accent.ts'

/** The one style sheet of every page, in the accent of the organisation: light and dark, 360 px wide and up. */
export function styleSheet(accent: Accent): string {
  return `${colors(accent)}${rules}`.replace(/\s+/g, ' ').replace(/ ?([{};,]) ?/g, '$1')
}

function colors(accent: Accent): string {
  return `
:root{color-scheme:light dark;--ground:${grounds.light};--card:${grounds.card};--ink:#16282b;--soft:#55666a;--line:#857f74;--hair:#e6ded1;
--fill:${accent.fill};--on-fill:${accent.onFill};--link:${accent.onLight};--wrong:#9c2f1f;--wrong-ground:#fbebe6;--note-ground:#e6efec;--glow:#fff}
@media (prefers-color-scheme:dark){:root{--ground:${grounds.dark};--card:${grounds.darkCard};--ink:#eaf0ed;--soft:#a6b5b5;--line:#71868a;--hair:#2a3a3e;
--fill:${accent.darkFill};--on-fill:${accent.onDarkFill};--link:${accent.onDark};--wrong:#ffb4a3;--wrong-ground:#3b211d;--note-ground:#1d3033;--glow:#1b2a2d}}`
}

const rules = `
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;min-height:100vh;min-height:100svh;display:flex;flex-direction:column;align-items:center;background:var(--ground);
background-image:radial-gradient(120% 60% at 50% 0,var(--glow),transparent);background-repeat:no-repeat;color:var(--ink);
font:1.0625rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",Ubuntu,"Open Sans",sans-serif}
.demo{width:100%;margin:0;padding:.625rem 1rem;background:#7a4a00;color:#fff;text-align:center;font-size:.875rem}
.demo a{color:#fff}
header{width:100%;max-width:27.5rem;display:flex;align-items:center;gap:.75rem;padding:1.75rem 1.25rem 1.25rem;font-weight:650;font-size:1.125rem;letter-spacing:-.01em;overflow-wrap:anywhere}
header .mark{flex:none;width:2.5rem;height:2.5rem;color:var(--link)}
header img{flex:none;height:2.5rem;max-width:9rem;object-fit:contain}
main{width:100%;max-width:27.5rem;padding:.5rem 1.25rem 1.5rem;flex:1}
h1{margin:0 0 .5rem;font-size:1.75rem;line-height:1.2;letter-spacing:-.02em;font-weight:680;text-wrap:balance;overflow-wrap:anywhere}
h2{margin:2.25rem 0 .5rem;font-size:1.125rem;line-height:1.3}
p{margin:0 0 1rem;overflow-wrap:anywhere}
.lead{color:var(--soft);margin-bottom:1.5rem}
.lead strong,.phone{color:var(--ink);font-weight:600;white-space:nowrap;unicode-bidi:isolate}
a{color:var(--link);text-underline-offset:.2em}
label{display:block;margin:0 0 .375rem;font-weight:600}
.field{margin:0 0 1.25rem}
input[type=text],input[type=tel],select{display:block;width:100%;min-height:3.25rem;padding:.625rem .875rem;border:1.5px solid var(--line);border-radius:.75rem;
background:var(--card);color:var(--ink);font:inherit;font-size:1.125rem}
select{appearance:none;-webkit-appearance:none;padding-inline-end:2.75rem;text-overflow:ellipsis}
.choice{position:relative}
.choice svg{position:absolute;inset-inline-end:.875rem;top:50%;width:1.25rem;height:1.25rem;margin-top:-.625rem;pointer-events:none;color:var(--soft)}
input.code{text-align:center;font-size:1.875rem;font-weight:600;letter-spacing:.3em;padding-inline-start:calc(.875rem + .3em);font-variant-numeric:tabular-nums}
input[aria-invalid]{border-color:var(--wrong)}
.hint{margin:.375rem 0 0;font-size:.9375rem;color:var(--soft)}
.wrong,.note{display:flex;gap:.625rem;margin:0 0 1.25rem;padding:.75rem .875rem;border-radius:.75rem;background:var(--note-ground)}
.wrong{background:var(--wrong-ground);color:var(--wrong)}
.wrong svg,.note svg{flex:none;width:1.375rem;height:1.375rem;margin-top:.0625rem}
.field .wrong{margin:.5rem 0 0}
button,.button{display:flex;align-items:center;justify-content:center;width:100%;min-height:3.25rem;padding:.625rem 1.25rem;border:1.5px solid transparent;border-radius:.75rem;
background:var(--fill);color:var(--on-fill);font:inherit;font-weight:650;font-size:1.125rem;text-align:center;text-decoration:none;cursor:pointer;overflow-wrap:anywhere}
.quiet{background:transparent;color:var(--link);border-color:var(--hair);font-weight:600;font-size:1rem;min-height:3rem}
.plain{display:inline-flex;width:auto;min-height:2.75rem;padding:.25rem 0;border:0;background:transparent;color:var(--link);font-weight:600;font-size:1rem;text-decoration:underline;text-underline-offset:.2em}
button[disabled]{opacity:1;color:var(--soft);background:transparent;border-color:var(--hair);cursor:default}
button[aria-busy=true]{cursor:progress}
@media (hover:hover){button:not([disabled]):hover,.button:hover{filter:brightness(1.08)}.quiet:not([disabled]):hover{border-color:var(--line);filter:none}}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.check{display:flex;gap:.75rem;align-items:flex-start;min-height:3rem;padding:.5rem 0;margin:0 0 .75rem;font-weight:400;cursor:pointer}
.check input{flex:none;width:1.5rem;height:1.5rem;margin:.0625rem 0 0;accent-color:var(--fill)}
.check small{display:block;font-size:.9375rem;color:var(--soft)}
.more{margin-top:2rem;padding-top:1.25rem;border-top:1px solid var(--hair)}
.more p{margin-bottom:.75rem}
.more h2{margin-top:0}
.next{margin-top:1.75rem}
details{margin:0 0 1rem}
summary{min-height:2.75rem;padding:.5rem 0;color:var(--link);font-weight:600;cursor:pointer}
.qr{display:block;width:13rem;max-width:100%;margin:.5rem auto 0;border-radius:.75rem}
.aside{margin:1.25rem 0 0;text-align:center}
.stack>*+*{margin-top:.75rem}
.list{list-style:none;margin:0 0 1.25rem;padding:0}
.list li{display:flex;gap:1rem;align-items:center;justify-content:space-between;padding:.875rem 0;border-bottom:1px solid var(--hair)}
.list small{display:block;color:var(--soft);font-size:.9375rem;overflow-wrap:anywhere}
.list form{flex:none}
.list button{width:auto;min-height:3rem;overflow-wrap:normal}
dl{margin:0 0 .5rem}
dl div{display:flex;justify-content:space-between;gap:1rem;padding:.75rem 0;border-bottom:1px solid var(--hair)}
dt{color:var(--soft)}
dd{margin:0;text-align:end;font-weight:600;overflow-wrap:anywhere}
.art{display:block;width:6.5rem;height:6.5rem;margin:.5rem 0 1.25rem;color:var(--link)}
.ref{font-size:.875rem;color:var(--soft)}
footer{width:100%;max-width:27.5rem;padding:1rem 1.25rem 1.75rem;display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;justify-content:space-between;font-size:.9375rem}
footer ul{display:flex;gap:1rem;list-style:none;margin:0;padding:0}
footer a,footer span{display:inline-flex;align-items:center;min-height:2.75rem;color:var(--soft)}
footer span{color:var(--ink);font-weight:600}
@media (min-width:40rem) and (min-height:40rem){header{padding-top:9vh;justify-content:center}
main{flex:none;background:var(--card);border:1px solid var(--hair);border-radius:1.5rem;padding:2.25rem 2.25rem 2rem;box-shadow:0 1.5rem 3rem -2rem #0b1a1d40}footer{padding-inline:1rem;padding-top:1.25rem}}
@media (prefers-reduced-motion:no-preference){button,.button{transition:filter .15s}}`
