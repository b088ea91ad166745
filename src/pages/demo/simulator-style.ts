/** What the phone simulator adds to the style sheet of the pages: a phone, drawn. */
export const simulatorStyle = `
body{display:block;padding:0;min-height:100svh}
.stage{display:grid;grid-template-columns:minmax(0,1fr) minmax(20rem,25rem);gap:2.5rem 5rem;max-width:68rem;margin:0 auto;padding:2.5rem 1.5rem 3rem;align-items:start;min-height:100svh}
.stage header{padding:0 0 1.5rem;max-width:none;justify-content:flex-start}
.stage main{max-width:30rem;padding:0;background:none;border:0;box-shadow:none}
.stage footer{padding:1.5rem 0 0}
.steps{list-style:none;counter-reset:step;margin:2rem 0 0;padding:0}
.steps li{counter-increment:step;position:relative;padding:0 0 1.25rem 3.5rem}
.steps li::before{content:counter(step);position:absolute;left:0;top:0;width:2.25rem;height:2.25rem;border-radius:50%;background:var(--note-ground);color:var(--link);font-weight:700;display:grid;place-items:center}
.steps li:not(:last-child)::after{content:"";position:absolute;left:1.09rem;top:2.75rem;bottom:.5rem;width:2px;background:var(--hair);border-radius:1px}
.steps h2{margin:0 0 .25rem;line-height:2.25rem}
.steps p{margin:0 0 .75rem;color:var(--soft)}
.steps .button{width:auto;display:inline-flex;padding-inline:1.75rem}
.numbers{display:flex;flex-wrap:wrap;gap:.5rem}
.numbers code{font:inherit;font-weight:600;padding:.375rem .875rem;border:1px solid var(--hair);border-radius:2rem;background:var(--card);white-space:nowrap}
.device{position:sticky;top:1.5rem;width:100%;max-width:22.5rem;height:min(46rem,calc(100svh - 6.5rem));min-height:36rem;margin:0 auto;padding:.75rem;border-radius:3.4rem;
background:linear-gradient(145deg,#31464b,#0c1517 45%,#22353a);box-shadow:0 0 0 2px #0a1214,0 0 0 3px #4c6469,0 3rem 5rem -2rem #0b1a1d8c,0 1rem 2rem -1rem #0b1a1d66}
.device::before,.device::after{content:"";position:absolute;width:3px;border-radius:2px;background:#22353a}
.device::before{left:-5px;top:8.5rem;height:4rem;box-shadow:0 5rem #22353a}
.device::after{right:-5px;top:11rem;height:6rem}
.screen{position:relative;height:100%;border-radius:2.7rem;overflow:hidden;display:flex;flex-direction:column;background:#e9efe9;color:#16282b;color-scheme:light}
.wallpaper{position:absolute;inset:0;width:100%;height:100%;color:#1d6d75;opacity:.075}
.status{position:relative;display:flex;justify-content:space-between;align-items:center;padding:.8rem 1.75rem .35rem;background:#0f5b66;color:#fff;font-size:.875rem;font-weight:650;font-variant-numeric:tabular-nums}
.status::after{content:"";position:absolute;left:50%;top:.55rem;width:5.5rem;height:1.6rem;margin-left:-2.75rem;border-radius:1rem;background:#0b1416}
.status svg{width:3.6rem;height:1rem}
.chat{position:relative;display:flex;align-items:center;gap:.75rem;padding:.5rem 1.1rem .8rem;background:#0f5b66;color:#fff}
.chat .face{flex:none;width:2.6rem;height:2.6rem;border-radius:50%;background:#fffdf9;color:#0f5b66;display:grid;place-items:center}
.chat .face svg{width:1.8rem;height:1.8rem}
.chat strong{display:block;line-height:1.25;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.chat small{display:block;font-size:.8125rem;color:#d5e8e8}
.chat>span:last-child{min-width:0}
.chips{position:relative;display:flex;gap:.4rem;overflow-x:auto;padding:.6rem .8rem 0;margin:0;list-style:none}
.chips a,.chips span{display:block;padding:.3rem .8rem;border-radius:1rem;background:#ffffffd9;color:#0f4a53;font-size:.8125rem;font-weight:600;white-space:nowrap;text-decoration:none}
.chips span{background:#0f5b66;color:#fff}
.messages{position:relative;flex:1;overflow-y:auto;list-style:none;margin:0;padding:.9rem;display:flex;flex-direction:column-reverse;scrollbar-width:thin}
.messages>div{display:flex;flex-direction:column;gap:.8rem;margin-bottom:auto}
.bubble{flex:none;max-width:92%;align-self:flex-start;border-radius:1.15rem 1.15rem 1.15rem .3rem;background:#fff;box-shadow:0 1px 1.5px #0b1a1d33;overflow:hidden}
.bubble.whatsapp{border-top-left-radius:.3rem;border-bottom-left-radius:1.15rem}
.bubble.sms{background:#dfe6ea}
.bubble.voice{background:#fdf3df}
.bubble p a{overflow-wrap:anywhere}
.bubble p{margin:0;padding:.15rem .9rem 0;white-space:pre-line;font-size:.9688rem;line-height:1.42}
.bubble .meta{display:flex;align-items:center;gap:.4rem;padding:.6rem .9rem 0;font-size:.75rem;font-weight:650;color:#3d5357}
.bubble .meta svg{width:.9rem;height:.9rem;color:#0f5b66}
.bubble .when{display:block;padding:.1rem .9rem .5rem;text-align:right;font-size:.6875rem;color:#506468;font-variant-numeric:tabular-nums}
.bubble button{min-height:2.75rem;border:0;border-top:1px solid #0b1a1d1a;border-radius:0;background:transparent;color:#0b5560;font-size:.9375rem;font-weight:650;gap:.5rem;padding:.4rem .9rem}
.bubble button:not([disabled]):hover{background:#0f5b660f;filter:none}
.bubble button svg{width:1.05rem;height:1.05rem}
.bubble button b{letter-spacing:.08em;font-variant-numeric:tabular-nums}
.empty{position:relative;flex:1;display:flex;flex-direction:column;align-items:center;justify-content:center;gap:1rem;padding:2rem;text-align:center;color:#3d5357;font-weight:600}
.empty svg{width:5.5rem;height:5.5rem;color:#0f5b66}
.bubble.bot{border-radius:.3rem 1.15rem 1.15rem 1.15rem}
.bubble.mine{align-self:flex-end;border-radius:1.15rem .3rem 1.15rem 1.15rem;background:#cfe9e6}
.bubble .choices{display:block;margin:0}
.bubble .choices button{width:100%}
.one .bubble.bot .meta,.one .bubble.mine .meta{display:none}
.one .bubble.bot p,.one .bubble.mine p{padding-top:.6rem}
.compose{position:relative;margin:0;padding:.55rem .75rem 1.35rem;background:#f6f9f6;border-top:1px solid #0b1a1d14}
.compose .line{display:flex;gap:.5rem;align-items:center}
.compose input{min-height:2.75rem;margin:0;padding:.4rem 1rem;border:1px solid #6b8084;border-radius:1.4rem;background:#fff;color:#16282b;font-size:1rem;min-width:0;width:100%}
.compose input::placeholder{color:#56696d;opacity:1}
.compose .line button{flex:none;width:2.75rem;min-width:2.75rem;min-height:2.75rem;height:2.75rem;padding:0;margin:0;border:0;border-radius:50%;background:#0f5b66;color:#fff}
.compose .line button svg{width:1.25rem;height:1.25rem}
.compose .from{display:flex;align-items:center;gap:.6rem;margin:0 0 .5rem;font-size:.8125rem;font-weight:650;color:#3d5357}
.compose .from input{min-height:2.25rem;font-size:.9375rem}
.compose .no-phone{margin:0 0 .5rem;font-size:.8125rem;color:#a3271c}
.compose .reload{display:flex;align-items:center;gap:.4rem;margin:0 0 .5rem;font-size:.8125rem;font-weight:650;color:#0b5560}
.compose .reload svg{width:1rem;height:1rem}
.empty[hidden],.empty:not([hidden])+.messages{display:none}
.home{position:absolute;left:50%;bottom:.5rem;width:7.5rem;height:.3rem;margin-left:-3.75rem;border-radius:.2rem;background:#16282b}
@media (max-width:56rem){.stage{grid-template-columns:minmax(0,1fr);gap:1.5rem;padding:1.5rem 1rem 2rem}.device{position:relative;top:0;height:40rem}.stage main{max-width:none}}
@media (prefers-reduced-motion:no-preference){.bubble.new{animation:drop .45s cubic-bezier(.2,1.3,.4,1) both}@keyframes drop{from{opacity:0;transform:translateY(-1.25rem) scale(.94)}}}`
  .replace(/\s+/g, ' ')
  .replace(/ ?([{};,]) ?/g, '$1')
