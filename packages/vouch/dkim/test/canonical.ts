import t from 'tap'
import { bodyForm, canonicalField, type Form } from '../src/index.ts'

/** The rules once more, from the text of RFC 6376 §3.4 and on the whole body at once. */
const byTheBook: Readonly<Record<'simple' | 'relaxed', (body: string) => string>> = {
  simple: (body) => `${body.replace(/(\r\n)*$/, '')}\r\n`,
  relaxed: (body) => {
    const lines = body.split('\r\n').map((line) => line.replace(/[ \t]+/g, ' ').replace(/ $/, ''))
    const text = lines.join('\r\n').replace(/(\r\n)*$/, '')
    return text === '' ? '' : `${text}\r\n`
  },
}

function formOf(pieces: readonly string[], form: Form): string {
  const made: string[] = []
  const body = bodyForm(form, (bytes) => void made.push(bytes.toString('latin1')))
  for (const piece of pieces) body.push(Buffer.from(piece, 'latin1'))
  body.end()
  return made.join('')
}

/** All texts of these bytes up to a length. */
function* texts(bytes: string, length: number): Generator<string> {
  yield ''
  if (length > 0) for (const byte of bytes) for (const rest of texts(bytes, length - 1)) yield byte + rest
}

t.test('a body has the form that the RFC says, however it is cut', async (t) => {
  for (const form of ['simple', 'relaxed'] as const) {
    let wrong: string | undefined
    for (const body of texts('a \r\n', 7)) {
      const expected = byTheBook[form](body)
      const half = body.length >> 1
      const cuts = [[body], [...body], [body.slice(0, half), body.slice(half)]]
      if (wrong === undefined && cuts.some((cut) => formOf(cut, form) !== expected)) wrong = JSON.stringify(body)
    }
    t.equal(wrong, undefined, form)
  }
})

t.test('a body is never kept: one line, blanks, line ends and returns of some megabytes', async (t) => {
  for (const form of ['simple', 'relaxed'] as const) {
    for (const piece of ['x', ' ', '\r\n', '\r', 'x\r\n', ' x']) {
      let longest = 0
      let emitted = 0
      const body = bodyForm(form, (bytes) => {
        longest = Math.max(longest, bytes.length)
        emitted += bytes.length
      })
      const block = Buffer.from(piece.repeat(65_536 / piece.length), 'latin1')
      for (let i = 0; i < 64; i += 1) body.push(block)
      body.push(Buffer.from('end'))
      body.end()
      t.ok(emitted > 0 && emitted <= 64 * block.length + 10, `${form} ${JSON.stringify(piece)}: what goes out is no more than what came in`)
      t.ok(longest <= block.length, 'and in pieces')
    }
  }
})

t.test('a field has the form that the RFC says', async (t) => {
  t.equal(canonicalField('A: X\r\n', 'relaxed'), 'a:X\r\n')
  t.equal(canonicalField('B : Y\t\r\n\tZ  \r\n', 'relaxed'), 'b:Y Z\r\n') // RFC 6376 §3.4.5
  t.equal(canonicalField('B : Y\t\r\n\tZ  \r\n', 'simple'), 'B : Y\t\r\n\tZ  \r\n')
  t.equal(canonicalField('Subject:\r\n', 'relaxed'), 'subject:\r\n')
  t.equal(canonicalField('Subject: \r\n \t\r\n', 'relaxed'), 'subject:\r\n')
})
