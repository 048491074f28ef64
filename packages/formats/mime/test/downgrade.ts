/** Messages without bytes above 127, beside what Python's email package reads of them before and after. */
import { execFileSync } from 'node:child_process'
import { mimeDepth, mimeFieldBytes, mimeLineBytes, mimeParts } from '@yabumi/limits'
import t from 'tap'
import { missing } from '../../../../test/support/programs.ts'
import { Downgrade, DowngradeScan, type Plan } from '../src/index.ts'

function planOf(message: string, piece = 1 << 16): Plan | undefined {
  const bytes = Buffer.from(message, 'latin1')
  const scan = new DowngradeScan()
  for (let at = 0; at < bytes.length; at += piece) scan.push(bytes.subarray(at, at + piece))
  return scan.plan()
}

/** @param piece - bytes given at once */
function downgraded(message: string, piece = 1 << 16): string {
  const plan = planOf(message, piece)
  if (plan === undefined) throw new Error('cannot be changed')
  const bytes = Buffer.from(message, 'latin1')
  const downgrade = new Downgrade(plan)
  let out = ''
  for (let at = 0; at < bytes.length; at += piece) out += downgrade.push(bytes.subarray(at, at + piece)).toString('latin1')
  return out + downgrade.finish().toString('latin1')
}

const witness = `
import email, sys
def tree(part):
    kind = part.get_content_type()
    if part.is_multipart():
        return [kind, [tree(p) for p in part.get_payload()]]
    return [kind, (part.get_payload(decode=True) or b'').replace(b'\\r\\n', b'\\n').hex()]
print(tree(email.message_from_bytes(sys.stdin.buffer.read())))
`
const skip = missing('python3')
const tree = (message: string): string =>
  execFileSync('python3', ['-c', witness], { input: Buffer.from(message.replaceAll('\n', '\r\n'), 'latin1'), encoding: 'utf8' })

const mixed = (boundary: string, ...parts: string[]): string =>
  `Content-Type: multipart/mixed;\n boundary="${boundary}"\nContent-Transfer-Encoding: 8bit\n\npreamble\n${parts.map((part) => `--${boundary}\n${part}\n`).join('')}--${boundary}--\nepilogue\n`
const text = 'Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nGr\xc3\xbc\xc3\x9fe = ja \t\n.\nFrom here\n\n'
const image = 'Content-Type: image/png (a picture)\nContent-Transfer-Encoding: binary\n\n\x89PNG\x01\xff\n\xfe\n\nend'
const plain = 'Content-Type: text/plain\n\nnothing to see  \n'
const top = 'From: a@b.example\nMIME-Version: 1.0\n'

const corpus: Record<string, string> = {
  'one part': `${top}${text}`,
  'a part of a file': `${top}${image}`,
  'parts that need it and parts that do not': `${top}${mixed('b', text, plain, image)}`,
  'parts in parts': `${top}${mixed('b', mixed('bb', text, plain), image)}`,
  'a message in a message': `${top}${mixed('b', `Content-Type: message/rfc822\nContent-Transfer-Encoding: 8bit\n\nSubject: in\n${text}`, plain)}`,
  'a digest': `${top}${mixed('b', `Subject: in\n${text}`, plain).replace('mixed', 'digest').replace('--b\nContent-Type: text/plain\n', '--b\n')}`,
  'quoted-printable that is not': `${top}Content-Type: text/plain\nContent-Transfer-Encoding: Quoted-Printable\n\na=20b \xe4=\nc\n`,
  'a long line': `${top}Content-Type: text/plain\n\n${'\xe4 '.repeat(5000)}\n${'x'.repeat(3000)}\n`,
  'blanks at ends': `${top}Content-Type: text/plain\n\n\xe4 \nb\t\nc\n\n`,
}

for (const [name, message] of Object.entries(corpus)) {
  t.test(`${name}: no byte above 127, no line beyond 76 that is encoded, and the same tree for others`, { skip }, (t) => {
    const out = downgraded(message)
    t.notMatch(out, /[\x80-\xff]/)
    t.equal(tree(out), tree(message))
    for (const piece of [1, 7, 1000]) t.equal(downgraded(message, piece), out, `in pieces of ${piece}`)
    t.notOk(planOf(out)?.isNeeded, 'nothing is left to do')
    t.end()
  })
}

t.test('what needs no change is left as it is, and so are parts beside those that do', (t) => {
  t.notOk(planOf(`${top}${mixed('b', plain, plain)}`)?.isNeeded)
  const out = downgraded(corpus['parts that need it and parts that do not'] as string)
  t.match(out, `--b\n${plain}\n--b\n`)
  t.match(out, /boundary="b"\nContent-Transfer-Encoding: 7bit\n\npreamble\n/)
  t.match(out, 'epilogue\n')
  t.end()
})

t.test('a message without MIME becomes one of unknown charset', (t) => {
  const out = downgraded('Subject: s\n\ncaf\xe9\n')
  t.equal(
    out,
    'Subject: s\nMIME-Version: 1.0\nContent-Type: text/plain; charset=unknown-8bit\nContent-Transfer-Encoding: quoted-printable\n\ncaf=E9\n',
  )
  t.end()
})

t.test('what is signed or encrypted is not touched: with bytes above 127 in it the message cannot be changed', (t) => {
  const signed = (inner: string): string => mixed('s', inner, plain).replace('mixed', 'signed; protocol="x/y"')
  t.equal(planOf(`${top}${signed(text)}`), undefined)
  t.equal(planOf(`${top}${mixed('b', mixed('e', text).replace('mixed', 'encrypted'), text)}`), undefined)
  t.equal(planOf(`${top}${signed(`Content-Type: message/rfc822\n\n${top}${text}`)}`), undefined)
  const kept = signed(plain)
  t.match(downgraded(`${top}${mixed('b', kept, text)}`), `--b\n${kept}\n--b\n`)
  t.end()
})

t.test('an encoding that is not known, and reports, stay as they are or the message cannot be changed', (t) => {
  t.equal(planOf(`${top}Content-Type: text/plain\nContent-Transfer-Encoding: x-uuencode\n\n\xe4\n`), undefined)
  t.equal(planOf(`${top}${mixed('b', 'Content-Type: message/delivery-status\n\nStatus: 5.0.0 \xe4\n')}`), undefined)
  t.end()
})

t.test('base64 loses what is not of its alphabet, and preamble and epilogue what no reader sees', (t) => {
  t.match(downgraded(`${top}Content-Type: image/png\nContent-Transfer-Encoding: base64\n\nAA\xe4AA\n`), '\n\nAAAA\n')
  t.match(downgraded(`${top}${mixed('b', text).replace('preamble', 'pr\xe4')}`), '\n\npr?\n')
  t.end()
})

t.test('a multipart without a part is text', (t) => {
  const out = downgraded(`${top}Content-Type: multipart/mixed; boundary=never\n\ncaf\xe9\n`)
  t.match(out, 'Content-Type: text/plain; charset=unknown-8bit\nContent-Transfer-Encoding: quoted-printable\n\ncaf=E9\n')
  t.notMatch(out, 'multipart')
  t.end()
})

t.test('limits: parts too deep stay, or the message cannot be changed; too many parts, too long a field', (t) => {
  const nested = (depth: number, inner: string): string => {
    let message = inner
    for (let level = depth; level > 0; level -= 1) message = mixed(`b${level}.`, message)
    return `${top}${message}`
  }
  t.ok(planOf(nested(mimeDepth, text))?.isNeeded)
  t.equal(planOf(nested(mimeDepth + 1, text)), undefined)
  t.notOk(planOf(nested(mimeDepth + 1, plain))?.isNeeded)
  const many = (parts: number): string => `${top}${mixed('b', ...Array.from({ length: parts }, () => '\n\xe4'))}`
  t.equal(planOf(many(mimeParts - 1))?.encodings.size, mimeParts - 1)
  t.equal(planOf(many(mimeParts)), undefined)
  const long = (bytes: number): string => `Content-Type: image/png; x="${'x'.repeat(bytes - 30)}"\n\n\xe4\n`
  t.equal(planOf(long(mimeFieldBytes))?.encodings.get(0), 'base64')
  t.equal(planOf(long(mimeFieldBytes + 1))?.encodings.get(0), 'quoted-printable')
  const hidden = downgraded(`Subject: ${'x'.repeat(mimeLineBytes - 9)}Content-Type: image/png\n\n\xe4\n`)
  t.match(hidden, 'charset=unknown-8bit', 'a fragment begins no field')
  t.end()
})
