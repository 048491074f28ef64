import { commandLineBytes } from '@yabumi/limits'
import { CommandLines, parseCommand, tooLong } from '@yabumi/smtp'
import t from 'tap'

type Line = string | typeof tooLong

function lines(...chunks: string[]): Line[] {
  const reader = new CommandLines()
  const found: Line[] = []
  for (const chunk of chunks) {
    reader.push(Buffer.from(chunk, 'latin1'))
    for (let line = reader.next(); line !== undefined; line = reader.next()) found.push(line)
  }
  return found
}

t.test('CommandLines ends a line at LF, without the one CR before it', (t) => {
  t.same(lines('NOOP\r\nRSET\n\r\r\n\nQU'), ['NOOP', 'RSET', '\r', ''])
  t.end()
})

t.test('C2: CommandLines leaves a NUL where it is: what stands in front of it would be another command', (t) => {
  t.same(lines('NOOP\0 x\r\n\0\r\na\r\0\r\n'), ['NOOP\0 x', '\0', 'a\r\0'])
  t.end()
})

t.test('CommandLines keeps bytes above 127', (t) => {
  t.same(lines('VRFY \xe9\xff\r\n'), ['VRFY \xe9\xff'])
  t.end()
})

t.test('CommandLines finds the same lines however they are cut', (t) => {
  const wire = 'EHLO a\r\nMAIL FROM:<b>\r\n\r\nRCPT\0\r\nx\n'
  const whole = lines(wire)
  for (let cut = 0; cut <= wire.length; cut += 1) t.same(lines(wire.slice(0, cut), wire.slice(cut)), whole)
  t.same(lines(...wire), whole)
  t.end()
})

t.test('CommandLines takes a line of the limit and not of one byte more, however it comes', (t) => {
  const longest = 'x'.repeat(commandLineBytes)
  t.same(lines(`${longest}\nNOOP\n`), [longest, 'NOOP'])
  t.same(lines(`${longest}x\nNOOP\n`), [tooLong, 'NOOP'])
  const half = longest.slice(0, commandLineBytes / 2)
  t.same(lines(half, half, '\nNOOP\n'), [longest, 'NOOP'])
  t.same(lines(half, half, 'x', 'y\nNOOP\n'), [tooLong, 'NOOP'])
  t.end()
})

t.test('CommandLines leaves what follows a line to the reader of the message', (t) => {
  const reader = new CommandLines()
  reader.push(Buffer.from('DATA\r\nA: b\r\n'))
  t.equal(reader.next(), 'DATA')
  t.equal(reader.takeRest().toString(), 'A: b\r\n')
  t.equal(reader.next(), undefined)
  reader.push(Buffer.from('QUIT\r\n'))
  t.equal(reader.next(), 'QUIT')
  t.end()
})

t.test('parseCommand splits at the first space and skips further ones', (t) => {
  t.same(parseCommand('MAIL   FROM:<a b>'), { verb: 'mail', argument: 'FROM:<a b>' })
  t.same(parseCommand('Quit'), { verb: 'quit', argument: '' })
  t.same(parseCommand(' NOOP'), { verb: '', argument: 'NOOP' })
  t.same(parseCommand('MAIL\tFROM:<a>'), { verb: 'mail\tfrom:<a>', argument: '' })
  t.end()
})
