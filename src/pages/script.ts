const source = `(function () {
'use strict'
var d = document
if (/[?&]token=/.test(location.search) && history.replaceState) history.replaceState(null, '', location.pathname)
if (/^\\/_portero\\/l\\//.test(location.pathname) && history.replaceState) history.replaceState(null, '', '/_portero/signin')

d.addEventListener('submit', function (event) {
  var form = event.target, button = event.submitter || form.querySelector('button')
  if (form.dataset.sent) return event.preventDefault()
  form.dataset.sent = '1'
  if (button && button.dataset.busy) { button.setAttribute('aria-busy', 'true'); button.textContent = button.dataset.busy }
})
addEventListener('pageshow', function (event) { if (event.persisted) location.reload() })

d.querySelectorAll('[data-wait]').forEach(function (line) {
  if (line.dataset.wait > 3600) return
  var until = Date.now() + line.dataset.wait * 1000
  var clock = line.querySelector('[data-clock]')
  var held = d.querySelectorAll('[data-held]')
  held.forEach(function (button) { button.disabled = true })
  var tick = setInterval(show, 500)
  function show() {
    var left = Math.ceil((until - Date.now()) / 1000)
    if (left > 0) { clock.textContent = Math.floor(left / 60) + ':' + ('0' + left % 60).slice(-2); return }
    clearInterval(tick)
    if (held.length) line.hidden = true
    else clock.textContent = '0:00'
    held.forEach(function (button) { button.disabled = false })
  }
  show()
})

var country = d.getElementById('country'), hint = d.getElementById('hint')
if (country && hint) country.addEventListener('change', function () {
  var example = country.selectedOptions[0].dataset.example
  hint.textContent = example ? hint.dataset.text.replace('{example}', example) : ''
})

var code = d.querySelector('input.code')
var live = d.querySelector('[data-live]')
if (live && window.fetch) {
  var over = Date.now() + live.dataset.seconds * 1000, asked
  live.hidden = false
  d.addEventListener('visibilitychange', ask)
  ask()
}
function ask() {
  clearTimeout(asked)
  if (d.hidden || (code && code.value)) return void (asked = setTimeout(ask, 3000))
  if (Date.now() > over) return location.replace(live.dataset.onward)
  fetch(live.dataset.live, { headers: { accept: 'application/json' } })
    .then(function (answer) { return answer.json() })
    .then(function (now) {
      if (now.state !== 'waiting') location.replace(live.dataset.onward)
      else asked = setTimeout(ask, 2500)
    })
    .catch(function () { asked = setTimeout(ask, 5000) })
}
var scan = d.querySelector('details')
if (scan && window.matchMedia && matchMedia('(hover:hover)').matches) scan.open = true
if (!code) return
var digits = Number(code.dataset.digits)
function take(text) {
  var found = text.normalize('NFKC').replace(/\\D/g, '')
  if (found.length !== digits) return false
  code.value = found
  if (code.form.requestSubmit) code.form.requestSubmit()
  else code.form.submit()
  return true
}
code.addEventListener('paste', function (event) {
  if (event.clipboardData && take(event.clipboardData.getData('text'))) event.preventDefault()
})
if ('OTPCredential' in window && window.AbortController) {
  var stop = new AbortController()
  code.form.addEventListener('submit', function () { stop.abort() })
  navigator.credentials.get({ otp: { transport: ['sms'] }, signal: stop.signal })
    .then(function (found) { if (found && !code.form.dataset.sent) take(found.code) })
    .catch(function () {})
}
})()`

/**
 * The one script of the pages, inline and by hash. Every page works without it. With it: the countdown runs, a code
 * that is pasted or that the browser reads from the SMS (WebOTP) goes in by itself, a form is sent once,
 * a sign-in token leaves the address bar and the history, and a page that waits for a message asks whether it has come.
 *
 * Without its indentation; what is left is still one statement a line.
 */
export const pageScript = source.replace(/\n\s*/g, '\n')
