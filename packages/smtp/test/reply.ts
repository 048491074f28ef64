import { remoteTextBytes } from '@yabumi/limits'
import { type Reply, ReplyReader } from '@yabumi/smtp'
import t from 'tap'

function replies(...chunks: string[]): Reply[] {
  const reader = new ReplyReader()
  const found: Reply[] = []
  for (const chunk of chunks) {
    reader.push(Buffer.from(chunk, 'latin1'))
    for (let reply = reader.next(); reply !== undefined; reply = reader.next()) found.push(reply)
  }
  return found
}

t.test('ReplyReader reads one-line and many-line replies', (t) => {
  t.same(replies('220 mail.example ESMTP\r\n'), [{ code: 220, text: '220 mail.example ESMTP\n' }])
  t.same(replies('250-a\r\n250-b\r\n250 c\r\n'), [{ code: 250, text: '250-a\n250-b\n250 c\n' }])
  t.same(replies('250\n'), [{ code: 250, text: '250\n' }])
  t.same(replies('250 a\r\n'), [{ code: 250, text: '250 a\n' }])
  t.end()
})

t.test('ReplyReader takes pipelined replies one by one', (t) => {
  t.same(
    replies('250 ok\r\n550-no\r\n550 way\r\n354 go\r\n45').map(({ code }) => code),
    [250, 550, 354],
  )
  t.end()
})

t.test('ReplyReader finds the same replies however they are cut', (t) => {
  const wire = '250-a\r\n250-\r\n250 c\r\n\0\r\nxyz-q\nab\ncd\r\n'
  const whole = replies(wire)
  for (let cut = 0; cut <= wire.length; cut += 1) t.same(replies(wire.slice(0, cut), wire.slice(cut)), whole)
  t.same(replies(...wire), whole)
  t.end()
})

t.test('ReplyReader keeps the code of the first line, as qmail does', (t) => {
  t.same(
    replies('250-a\r\n550 b\r\n').map(({ code }) => code),
    [250],
  )
  t.end()
})

t.test('ReplyReader shows NUL as ? and drops CR', (t) => {
  t.same(replies('250 a\0b\rc\r\n'), [{ code: 250, text: '250 a?bc\n' }])
  t.end()
})

t.test('ReplyReader cuts the text of an endless reply', (t) => {
  const [reply] = replies(...Array.from({ length: 100 }, () => `250-${'x'.repeat(996)}\r\n`), '250 end\r\n')
  t.equal(reply?.text.length, remoteTextBytes)
  t.equal(reply?.code, 250)
  t.end()
})
