import { remoteTextBytes, replyBytes, replyLineBytes, replyLines } from '@yabumi/limits'
import { type Reply, ReplyReader } from '@yabumi/smtp'
import t from 'tap'

/** The replies in what a host says, and what is wrong with the rest. */
function read(...chunks: string[]): { replies: Reply[]; fault: string | undefined; unread: boolean } {
  const reader = new ReplyReader()
  const replies: Reply[] = []
  for (const chunk of chunks) {
    reader.push(Buffer.from(chunk, 'latin1'))
    for (let reply = reader.next(); reply !== undefined; reply = reader.next()) replies.push(reply)
  }
  return { replies, fault: reader.fault, unread: reader.unread }
}

const replies = (...chunks: string[]): Reply[] => read(...chunks).replies

t.test('ReplyReader reads one-line and many-line replies', async (t) => {
  t.same(replies('220 mail.example ESMTP\r\n'), [{ code: 220, text: '220 mail.example ESMTP\n' }])
  t.same(replies('250-a\r\n250-b\r\n250 c\r\n'), [{ code: 250, text: '250-a\n250-b\n250 c\n' }])
  t.same(replies('250\n'), [{ code: 250, text: '250\n' }])
  t.same(replies('250 a\r\n'), [{ code: 250, text: '250 a\n' }])
  t.same(replies('250-\r\n250\tz\n'), [{ code: 250, text: '250-\n250\tz\n' }])
})

t.test('ReplyReader takes pipelined replies one by one, and knows that there is more', async (t) => {
  const { replies, unread } = read('250 ok\r\n550-no\r\n550 way\r\n354 go\r\n45')
  t.same(
    replies.map(({ code }) => code),
    [250, 550, 354],
  )
  t.ok(unread)
  t.notOk(read('250 ok\r\n').unread)
  t.ok(read('250-ok\r\n').unread, 'the beginning of a reply is unread')
})

t.test('ReplyReader finds the same replies, and the same fault, however they are cut', async (t) => {
  for (const wire of ['250-a\r\n250-\r\n250 c\r\n000\r\n220-q\nab\ncd\r\n', '550-\0\x1b[2J\r\n550 x\r\n250-y\r\n550 z\r\n250 ok\r\n']) {
    const whole = read(wire)
    t.not(whole.fault, undefined)
    for (let cut = 0; cut <= wire.length; cut += 1) t.same(read(wire.slice(0, cut), wire.slice(cut)), whole)
    t.same(read(...wire), whole)
  }
})

t.test('A9: a reply whose lines have different codes is none', async (t) => {
  t.same(read('250-ok\r\n550 no\r\n250 later\r\n'), { replies: [], fault: 'a reply whose codes differ', unread: true })
})

t.test('ReplyReader takes no line for a reply that is none, and nothing behind it', async (t) => {
  for (const line of [
    'hello',
    '',
    ' 250 ok',
    '25 ok',
    '2500 ok',
    '250ok',
    '250:ok',
    '25\xb2 ok',
    '-50 ok',
    '+25 ok',
    '2\x005 0',
    '0x1 y',
    'A25 ok',
  ]) {
    t.same(read(`${line}\r\n250 ok\r\n`), { replies: [], fault: 'a line that is no reply', unread: true }, JSON.stringify(line))
    t.equal(read(`250-ok\r\n${line}\r\n250 ok\r\n`).fault, 'a line that is no reply', `continued by ${JSON.stringify(line)}`)
  }
})

t.test('A10: ReplyReader shows control characters as ? and drops CR; tabs and 8-bit letters stay', async (t) => {
  t.same(replies('250 a\0b\rc\x1b[31m\x07\x7f\x9b\td\xe9\r\n'), [{ code: 250, text: '250 a?bc?[31m???\td\xe9\n' }])
})

t.test('ReplyReader cuts the text of a long reply', async (t) => {
  const [reply] = replies(...Array.from({ length: 60 }, () => `250-${'x'.repeat(996)}\r\n`), '250 end\r\n')
  t.equal(reply?.text.length, remoteTextBytes)
  t.equal(reply?.code, 250)
})

t.test('a line of a reply has at most so many bytes', async (t) => {
  const line = (length: number): string => `250 ${'x'.repeat(length - 5)}\r\n`
  t.equal(replies(line(replyLineBytes)).length, 1)
  t.same(read(line(replyLineBytes + 1)), { replies: [], fault: 'a line without end', unread: true })
  t.equal(read('2'.repeat(replyLineBytes)).fault, undefined)
  t.equal(read(...Array.from({ length: replyLineBytes + 1 }, () => '2')).fault, 'a line without end', 'before its end has come')
})

t.test('a reply has at most so many lines and bytes', async (t) => {
  t.equal(replies('250-\n'.repeat(replyLines - 1), '250\n').length, 1)
  t.same(read('250-\n'.repeat(replyLines), '250\n'), { replies: [], fault: 'a reply without end', unread: true })
  const line = `250-${'x'.repeat(replyBytes / 64 - 5)}\n`
  t.equal(replies(line.repeat(63), `250 ${line.slice(4)}`).length, 1)
  t.equal(read(line.repeat(63), `250 x${line.slice(4)}`).fault, 'a reply without end')
})
