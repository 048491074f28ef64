/** Messages at their limits, and the words that recordings do not have. */
import { mimePieces, previewBytes, previewCharacters, readDepth, readFieldBytes, readParts } from '@yabumi/limits'
import t from 'tap'
import {
  charsetDecoder,
  decodeCharset,
  decodeHeader,
  decodeTransfer,
  encodeBinary,
  htmlText,
  isCharset,
  type Part,
  parseAddresses,
  parseContentType,
  partOf,
  previewOf,
  readBinary,
  scanParts,
  snippet,
  toCrlf,
  writeBodyStructure,
  writeEnvelope,
} from '../src/index.ts'

const scan = (text: string, globals = false): Part => scanParts(Buffer.from(text, 'latin1'), globals)
const count = (part: Part): number => part.children.reduce((sum, child) => sum + count(child), 1)
const depth = (part: Part): number => 1 + Math.max(0, ...part.children.map(depth))

t.test('limits: at the limit it is read, and beyond it opaque', async (t) => {
  const nested = (levels: number): string =>
    `${Array.from({ length: levels }, (_, at) => `Content-Type: multipart/mixed; boundary=b${at}\n\n--b${at}\n`).join('')}\nx\n`
  t.equal(depth(scan(nested(readDepth))), readDepth + 1)
  t.equal(depth(scan(nested(readDepth + 20))), readDepth + 1)
  const many = (parts: number): string => `Content-Type: multipart/mixed; boundary=b\n\n${'--b\n\nx\n'.repeat(parts)}--b--\n`
  t.equal(count(scan(many(readParts - 1))), readParts)
  t.equal(count(scan(many(readParts + 5))), readParts)
  const long = `Subject: ${'x'.repeat(60_000)}\n${`\t${'y'.repeat(60_000)}\n`.repeat(20)}To: a@b\n\n`
  t.equal(scan(long).fields.get('subject')?.[0]?.length, readFieldBytes)
  t.equal(scan('Subject: x\nTo: a@b\n\n').fields.get('to')?.[0], 'a@b')
  const pieces = Array.from({ length: mimePieces + 5 }, (_, at) => `; a*${at}=x`).join('')
  t.equal(parseContentType(`a/b${pieces}`).parameters[0]?.[1].length, mimePieces)
})

t.test('previews: so many characters, of so many bytes', async (t) => {
  const preview = (text: string): string => previewOf(scan(text), (start, end) => Buffer.from(text, 'latin1').subarray(start, end))
  t.equal(preview(`\n${'x'.repeat(1_000)}`), 'x'.repeat(previewCharacters))
  t.equal(preview(`\n${' '.repeat(previewBytes - 1)}xy`), 'x')
  t.equal(snippet('\u{1f600}\u{1f600}', 1), '\u{1f600}')
  t.equal(snippet('> a\n>> b', 9), '>a b')
})

t.test('message/global is a message for those who asked for IMAP4rev2', async (t) => {
  const text = 'Content-Type: message/global\n\nSubject: s\n\nx\n'
  t.equal(writeBodyStructure(scan(text), false), '("message" "global" NIL NIL NIL "7bit" 17)')
  t.match(writeBodyStructure(scan(text, true), false), /^\("message" "global" NIL NIL NIL "7bit" 17 \(NIL "s" .* 3\)$/)
})

t.test('a boundary is a line of its own', async (t) => {
  const parts = (text: string): number => count(scan(`Content-Type: multipart/mixed; boundary=b\n\n${text}`)) - 1
  t.equal(parts('--b\n\nx\n--bb\n--b not\n--b--\n'), 1)
  t.equal(parts('--b \t\n\nx\n--b\t\n\n--b-- \n--b\n'), 2)
})

t.test('addresses that are broken', async (t) => {
  const brief = (text: string): string[] => parseAddresses(text).map(({ name, mailbox, host }) => [name, mailbox, host].join('|'))
  t.same(brief('user@domain>'), ['|user|domain'])
  t.same(brief('<user>'), ['|user|MISSING_DOMAIN'])
  t.same(brief('  user@  '), ['|user|MISSING_DOMAIN'])
  t.same(brief('Name <a@b'), ['Name|a|SYNTAX_ERROR'])
  t.same(brief('"a" "b" c <d@[1.2.3.4]> (x)'), ['a b c|d|[1.2.3.4]'])
  t.same(brief('a@b (x (y) z)'), ['x (y) z|a|b'])
  t.same(brief('(only a comment)'), [])
  t.same(brief('a..b@c, .d@e'), ['|a..b|c', '|.d|e'])
  t.same(brief('John Doe'), ['John Doe|MISSING_MAILBOX|MISSING_DOMAIN'])
  t.same(brief('John, "Jane", x (y)'), ['|John|MISSING_DOMAIN', 'Jane|MISSING_MAILBOX|MISSING_DOMAIN', 'y|x|MISSING_DOMAIN'])
})

t.test('fields: the last subject counts, and white space in it is one blank', async (t) => {
  const words = writeEnvelope(scan('Subject: a\nSubject:  b \t\n  c\nDate: x\n  y\nFrom: a@b\nFrom: c@d\n\n').fields)
  t.match(words, /^\("x {2}y" "b c" \(\(NIL NIL "a" "b"\)\(NIL NIL "c" "d"\)\) /)
})

t.test('encoded words', async (t) => {
  for (const [value, text] of [
    ['a =?utf-8?q?=c3=a4?= b', 'a ä b'],
    ['a =?utf-8?q?=c3=a4?=\t\t\r\n =?utf-8?q?=c3=a4?= b', 'a ää b'],
    ['a =?utf-8?q?=c3=a4?=  x  =?utf-8?q?=c3=a4?= b', 'a ä  x  ä b'],
    ['=?utf-8?q?=c3?= =?utf-8?q?=a4?=', 'ä'],
    ['=?utf-8*de?b?w6Qgw6Q=?=', 'ä ä'],
    ['a =?utf-8?b?////?= b', 'a \ufffd b'],
    ['=?koi8-r?q?=d0?=_=?x?y', 'п_=?x?y'],
    ['\xc3\xa4 \xff\xfe', 'ä \ufffd'],
  ] as const)
    t.equal(decodeHeader(value), text, value)
})

t.test('transfer encodings, and what is wrong in them', async (t) => {
  const decoded = (text: string, encoding: 'base64' | 'quoted-printable'): [string, boolean] => {
    const { bytes, isBroken } = decodeTransfer(Buffer.from(text, 'latin1'), encoding)
    return [bytes.toString('latin1'), isBroken]
  }
  t.same(decoded('aGVsbG8=\r\n', 'base64'), ['hello', false])
  t.same(decoded('aGk=aGk=', 'base64'), ['hihi', false])
  t.same(decoded('aGVs!bG8', 'base64'), ['hello', true])
  t.same(decoded('a', 'base64'), ['', true])
  t.same(decoded('a = \r\nb=3D=\r\n \t\r\nc ', 'quoted-printable'), ['a b=\r\nc', false])
  t.same(decoded('=ZZ=4', 'quoted-printable'), ['=ZZ=4', true])
  t.same(decodeCharset(Buffer.from('\xd0', 'latin1'), 'KOI8-R'), 'п')
})

t.test('charsets of seven bits, in one piece or byte by byte', async (t) => {
  for (const [name, bytes, text] of [
    ['UTF-7', 'Hi +2D3eAA- 1 +- 1 +AOkA6Q x+AOk', 'Hi \u{1f600} 1 + 1 \xe9\xe9 x\xe9'],
    ['hz-gb-2312', 'a~{VPND~}b ~~ ~\nc ~{VP\nND', 'a\u4e2d\u6587b ~ c \u4e2d\nND'],
    ['ISO-2022-KR', '\x1b$)Chi \x0e\x47\x51\x31\x39\x0f!', 'hi \ud55c\uad6d!'],
    ['iso-2022-cn', '\x1b$)A\x0eVPND\x0f.', '\u4e2d\u6587.'],
  ] as const) {
    const encoded = Buffer.from(bytes, 'latin1')
    t.ok(isCharset(name))
    t.equal(decodeCharset(encoded, name), text, name)
    const decoder = charsetDecoder(name)
    const pieces = Array.from(encoded, (byte) => decoder.decode(Buffer.of(byte), { stream: true }))
    t.equal(pieces.join('') + decoder.decode(), text, name)
  }
  t.equal(decodeHeader('=?UTF-7?Q?+AOk-?='), '\xe9')
})

t.test('HTML', async (t) => {
  for (const [html, text] of [
    ['a&amp;&lt;&clubs;&gt;b', 'a&<♣>b'],
    ['&&aaaaaaaaaa', ''],
    ['a<style>p { }</style>b<script>x <p></script>c', 'a b c'],
    ['a<![CDATA[<b>]] >]]>c', 'a<b>]] >c'],
    ['a<!-- > -->b', 'a b'],
    ['a<blockquote>b</blockquote>c', 'a\n> b\nc'],
    ['&#8364;&#xe4;&#0;', '€ä'],
    ['a<', 'a'],
  ] as const)
    t.equal(htmlText(html), text, html)
})

t.test('a message that names neither a version of MIME nor a type is none of MIME', async (t) => {
  const encoding = 'Content-Transfer-Encoding: base64\n'
  t.match(writeBodyStructure(scan(`${encoding}\nx\n`), true), /"7bit"/)
  t.match(writeBodyStructure(scan(`${encoding}MIME-Version: 1.0\n\nx\n`), true), /"base64"/)
  t.match(writeBodyStructure(scan(`Content-Type: multipart/mixed; boundary=b\n\n--b\n${encoding}\nx\n--b--\n`), true), /"base64"/)
})

t.test('types that are broken', async (t) => {
  const brief = (value: string): unknown => {
    const { type, subtype, parameters } = parseContentType(value)
    return [type, subtype, ...parameters.map((one) => one.join('='))]
  }
  t.same(brief('text'), ['text', ''])
  t.same(brief('BINARY; name=x'), ['', ''])
  t.same(brief('text/'), ['', ''])
  t.same(brief('text/plain x; a=b'), ['', ''])
  t.same(brief('text/p(lain'), ['', ''])
  t.same(brief('a/b; c; d=e; f=g'), ['a', 'b', 'f=g'])
})

t.test('line ends', async (t) => {
  t.equal(toCrlf(Buffer.from('a\nb\r\nc\r\0\n')).toString('latin1'), 'a\r\nb\r\nc\r\x80\r\n')
})

t.test('a part that is no message has a part 1, and that has none', async (t) => {
  const root = scan('Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b\nContent-Type: message/rfc822\n\nSubject: y\n\nz\n--b--\n')
  const [leaf, message] = root.children
  t.equal(partOf(root, [1]), leaf)
  t.equal(partOf(root, [1, 1]), leaf)
  t.equal(partOf(root, [1, 1, 1]), undefined)
  t.equal(partOf(root, [2]), message)
  t.equal(partOf(root, [2, 1]), message?.children[0])
  t.equal(partOf(root, [2, 1, 1]), undefined)
  t.equal(partOf(root, [3]), undefined)
  t.equal(partOf(scan('\nx\n'), [1, 1]), undefined)
})

t.test('binary parts outlive a store of lines', async (t) => {
  const bytes = Buffer.from([...Array(200).keys(), 10, 13, 10, 10])
  const field = 'Content-Transfer-Encoding: Binary\r\n'
  const parts = `--b\r\n${field}X: y\r\n\r\n${bytes.toString('latin1')}\r\n--b\r\n\r\nplain\r\n--b--\r\n`
  const message = Buffer.from(`Content-Type: multipart/mixed; boundary=b\r\n\r\n${parts}`, 'latin1')
  const encoded = encodeBinary(message)
  t.notOk(encoded.includes(0))
  t.match(encoded.toString('latin1'), /\r\nX: y\r\nContent-Transfer-Encoding: base64\r\n\r\n.{76}\r\n/)
  const stored = Buffer.from(encoded.toString('latin1').replaceAll('\r\n', '\n'), 'latin1')
  const read = (part: number): Buffer =>
    readBinary(scanParts(stored), { part: [part], text: '', fields: [] }, (start, end) => stored.subarray(start, end)).bytes
  t.same(read(1), bytes)
  t.equal(read(2).toString(), 'plain')
  t.same(encodeBinary(Buffer.from('\r\nx\0')), Buffer.from('\r\nx\0'))
})
