const source = String.raw`(() => {
let own, timer, asked = -9e9, left = -9e9
const place = location, ask = fetch, clock = () => performance.now(), never = new Promise(() => {})
const idOf = (token) => {
  try { return JSON.parse(atob(token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/'))).id } catch {}
}
const stored = () => {
  try { return localStorage.token } catch {}
}
const leave = (page) => {
  if (clock() - left > 3e3) {
    left = clock()
    let at = place.pathname + place.search + place.hash
    if (/^\/(auth|error)\/?$/.test(place.pathname)) at = new URLSearchParams(place.search).get('redirect')
    place.assign('/_portero/' + page + '?return=' + encodeURIComponent(/^\/(?![\/\\])/.test(at) ? at : '/'))
  }
  return never
}
const renew = (answer) => {
  const now = performance.timeOrigin, keep = sessionStorage, name = 'portero'
  if (clock() - left > 3e3) {
    if (now - keep[name] < 6e4) return answer
    keep[name] = now
  }
  return leave('handoff')
}
const check = () => {
  timer ||= setTimeout(() => {
    timer = 0
    asked = clock()
    ask('/_portero/api/me', { cache: 'no-store' }).then((answer) => answer.status == 401 && leave('signin'), () => {})
  }, asked + 1e3 - clock())
}
const follow = (token, before) => {
  const next = idOf(token), old = own || idOf(before)
  if (next && old && next != old) place.replace('/')
  else check()
}
own = idOf(stored())
window.fetch = function () {
  return ask.apply(this, arguments).then((answer) => {
    try {
      own ||= idOf(stored())
      const from = new URL(answer.url)
      if (answer.status == 401 && from.origin == place.origin) {
        if (answer.headers.get('Portero-Refusal')) return leave('signin')
        if (from.pathname == '/api/config') return renew(answer)
      }
    } catch {}
    return answer
  })
}
const watched = new WeakSet(), sockets = WebSocket.prototype, send = sockets.send
const closing = Object.getOwnPropertyDescriptor(sockets, 'onclose')
const watch = (socket) => {
  if (watched.has(socket)) return
  watched.add(socket)
  socket.addEventListener('close', check)
}
sockets.send = function () {
  watch(this)
  return send.apply(this, arguments)
}
Object.defineProperty(sockets, 'onclose', {
  ...closing,
  set(listener) {
    watch(this)
    closing.set.call(this, listener)
  },
})
const back = () => document.hidden || follow(stored())
document.addEventListener('visibilitychange', back)
addEventListener('pageshow', (event) => event.persisted && back())
addEventListener('storage', (event) => {
  if (event.key == 'token') follow(event.newValue, event.oldValue)
  else if (event.key == null) check()
})
})()`

/**
 * Runs at the start of every page of Open WebUI, before anything of its own, and changes nothing that it shows. With it an open
 * page whose session at Portero ended goes to the sign-in and comes back to where it was, other tabs follow, and a tab of the
 * previous person goes to the front page of the next. It acts on
 *
 * - a 401 that carries the gate's marker (an unmarked one is Open WebUI's own, and passes); what was asked is never answered,
 *   so that the page forgets nothing before it is left;
 * - an unmarked 401 of `/api/config`: its cookie is of an account that is gone, and the hand-off gives it another, at most once a minute;
 * - the end of a websocket, the return to a tab, and another token in `localStorage`: it asks, once a second at most, whether there
 *   is a session. Sockets are watched by their prototype, because the page may have taken the constructor before this ran.
 */
export const loaderScript = source.replace(/\n\s*/g, '\n')
