import fc from 'fast-check'
import t from 'tap'
import { composeReport } from '../src/compose.ts'

t.test('the examples of the specification', async (t) => {
  t.same(composeReport('r\0Ktext\0'), { status: 'K', text: 'text' })
  t.same(composeReport('htext\0Dtext2\0'), { status: 'D', text: 'texttext2' })
  t.same(composeReport('stext\0Ktext2\0'), { status: 'Z', text: 'text' })
})

t.test('the message overrules a recipient that was accepted', async (t) => {
  t.same(composeReport('r\0Zlater\0'), { status: 'Z', text: 'later' })
  t.same(composeReport('r\0Dnever\0'), { status: 'D', text: 'never' })
})

t.test('a refused recipient overrules the message, whose text follows only if it is as bad', async (t) => {
  t.same(composeReport('hno\0Kfine\0'), { status: 'D', text: 'no' })
  t.same(composeReport('hno\0Zlater\0'), { status: 'D', text: 'no' })
  t.same(composeReport('slater\0Dnever\0'), { status: 'Z', text: 'laternever' })
  t.same(composeReport('slater\0Zlost\0'), { status: 'Z', text: 'laterlost' })
})

t.test('a report on the message alone is the report', async (t) => t.same(composeReport('Zno host\0'), { status: 'Z', text: 'no host' }))

t.test('only the report right behind the first adds its text', async (t) => {
  t.same(composeReport('r\0r\0Kfine\0'), { status: 'K', text: '' })
  t.same(composeReport('Zone\0Ztwo\0'), { status: 'Z', text: 'onetwo' })
})

t.test('nonsense is a failure without text', async (t) => {
  t.same(composeReport('K'), { status: 'D', text: '' }, 'no NUL')
  t.same(composeReport('what\0'), { status: 'D', text: 'hat' })
  t.same(composeReport('\0Kfine\0'), { status: 'K', text: 'Kfine' }, 'an empty first report')
})

/** The rule byte by byte, as spec §2.4.5 states it. */
function plain(output: string): { status: string; text: string } {
  const reports = output.split('\0')
  reports.pop()
  const letter = reports.map((report) => report[0]).find((first) => first === 'K' || first === 'Z' || first === 'D') ?? 'D'
  const worth = (status: string): number => 'DZK'.indexOf(status)
  const [first = '', next = ''] = reports
  const status = first[0] === 's' ? 'Z' : first[0] === 'h' ? 'D' : letter
  const more = worth(letter) <= worth(status) && /^[ZDK]/.test(next) ? next.slice(1) : ''
  return { status, text: first.slice(1) + more }
}

t.test('whatever a program says, the rule holds', async () => {
  const report = fc
    .array(fc.constantFrom('r', 'h', 's', 'K', 'Z', 'D', 'x', '\n'), { minLength: 1, maxLength: 3 })
    .map((parts) => `${parts.join('')}\0`)
  fc.assert(
    fc.property(fc.array(report, { minLength: 1, maxLength: 5 }), (reports) => {
      const output = reports.join('')
      return JSON.stringify(composeReport(output)) === JSON.stringify(plain(output))
    }),
    { seed: 3, numRuns: 2000 },
  )
})
