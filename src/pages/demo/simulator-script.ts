/** Shows texts the moment they arrive, copies a code on a tap, and keeps the time. Without it, the page reloads itself. */
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
  list.prepend(bubble)
  list.scrollTop = 0
  empty.hidden = true
  times()
}

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
