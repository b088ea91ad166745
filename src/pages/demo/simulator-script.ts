/** Shows texts the moment they arrive, copies a code on a tap, and keeps the time. Writes without leaving the page. Without it, the page reloads itself, and forms do the rest. */
export const simulatorScript = `(function () {
'use strict'
var d = document, list = d.getElementById('messages'), empty = d.getElementById('empty')

var source = new EventSource('/_portero/demo/messages' + location.search)
source.onmessage = function (event) {
  var message = JSON.parse(event.data)
  if (d.getElementById('m-' + message.id)) return
  var holder = d.createElement('template')
  holder.innerHTML = message.bubble
  var bubble = holder.content.firstElementChild
  if (message.isNew) bubble.classList.add('new')
  list.append(bubble)
  list.parentElement.scrollTop = 0
  empty.hidden = true
  times()
}

d.addEventListener('submit', function (event) {
  var form = event.target
  if (!form.hasAttribute('data-live')) return
  event.preventDefault()
  var body = new URLSearchParams(new FormData(form)), pressed = event.submitter, field = form.elements.text
  if (pressed && pressed.name) body.set(pressed.name, pressed.value)
  if (field) field.value = ''
  fetch(form.action, { method: 'POST', body: body, headers: { accept: 'application/json' } }).then(function (answer) {
    if (!answer.ok) throw answer
  }).catch(function () { if (field && !field.value) field.value = body.get('text') })
})

d.addEventListener('click', function (event) {
  var button = event.target.closest('button[data-code]')
  if (!button || !navigator.clipboard) return
  navigator.clipboard.writeText(button.dataset.code).then(function () {
    var label = button.querySelector('span'), before = label.textContent
    label.textContent = button.dataset.copied
    setTimeout(function () { label.textContent = before }, 1500)
  })
})

function hour(date) { return ('0' + date.getHours()).slice(-2) + ':' + ('0' + date.getMinutes()).slice(-2) }
function times() {
  d.querySelectorAll('time[datetime]').forEach(function (time) { time.textContent = hour(new Date(time.dateTime)) })
}
function clock() { d.getElementById('clock').textContent = hour(new Date) }
times(); clock(); setInterval(clock, 5000)
})()`
