import { expect, test } from 'vitest'
import { doctorReport } from './doctor-report.ts'

test('a report names the worst of each group first, with its cure below, in plain ASCII', () => {
  const report = doctorReport([
    {
      name: 'Portero',
      findings: [
        { status: 'ok', what: 'All is well.' },
        { status: 'unseen', what: 'One thing is dark.' },
        { status: 'warning', what: 'One thing is odd.', cure: 'Change it: a=b' },
        { status: 'fault', what: 'One thing is wrong.', cure: 'Mend it: c=d' },
      ],
    },
    { name: 'Database', findings: [{ status: 'ok', what: 'It answers.' }] },
  ])
  expect(report).toBe(`Portero
  !!  One thing is wrong.
      Mend it: c=d
  !   One thing is odd.
      Change it: a=b
  ??  One thing is dark.
  ok  All is well.

Database
  ok  It answers.

1 fault, 1 warning, 1 cannot be seen from here. (!! fault, ! warning, ?? cannot be seen, ok)`)
})

test('a name from elsewhere cannot write lines of its own, or move the cursor', () => {
  const what = 'A group \u001b[2Jcalled\r\n  ok  all is well'
  const report = doctorReport([{ name: 'Open WebUI', findings: [{ status: 'warning', what }] }])
  expect(report.split('\n')[1]).toBe('  !   A group  [2Jcalled   ok  all is well')
})
