import fc from 'fast-check'
import t from 'tap'
import { LineCutter } from '../src/lines.ts'

/** What is logged of a text that comes in pieces of this size; every stamp must have the same form. */
function logged(text: string, size: number = text.length || 1): string[] {
  const log: string[] = []
  const cutter = new LineCutter((priority, line) => log.push(`${priority} ${line.replace(/^[0-9]+\.[0-9]{6}/, 'STAMP')}`))
  for (let at = 0; at < text.length; at += size) cutter.take(Buffer.from(text.slice(at, at + size), 'latin1'))
  cutter.end()
  return log
}

t.test('each line is logged with its stamp and priority, the last one without a line end too', async (t) => {
  t.same(logged('one\n\nwarning: two\nalert: three\nan alert: four\nt\tb\xe9\nend'), [
    'info STAMP one',
    'warning STAMP warning: two',
    'alert STAMP alert: three',
    'info STAMP an alert: four',
    'info STAMP t?b?',
    'info STAMP end',
  ])
})

t.test('a long line is cut into chunks of 799 bytes with its stamp and priority', async (t) => {
  const line = `warning: ${'x'.repeat(1700)}`
  t.same(logged(`${line}\nnext\n`), [
    `warning STAMP ${line.slice(0, 799)}`,
    `warning STAMP+${line.slice(799, 1598)}`,
    `warning STAMP+${line.slice(1598)}`,
    'info STAMP next',
  ])
  t.same(logged(`${'y'.repeat(799)}\nnext\n`), [`info STAMP ${'y'.repeat(799)}`, 'info STAMP next'])
})

t.test('it does not matter in which pieces the lines come', async () => {
  const text = fc.array(fc.constantFrom('a', '\n', 'alert:', 'b'.repeat(300), '\0'), { maxLength: 30 }).map((parts) => parts.join(''))
  const property = fc.property(text, fc.integer({ min: 1, max: 900 }), (text, size) => {
    return JSON.stringify(logged(text, size)) === JSON.stringify(logged(text))
  })
  fc.assert(property, { seed: 6, numRuns: 200 })
})
