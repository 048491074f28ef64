/** The log of the door under clients that mean it ill: they neither fill it nor write lines of others, and none of ours is called a stranger. */
import { doorLinesPerClient } from '@yabumi/limits'
import t from 'tap'
import { Dialogue, sendMail, smtpReply } from '../support/dialogue.ts'
import { hostName, ScratchHome } from '../support/home.ts'

const home = await ScratchHome.make(t, 'joe')
const running = await home.supervise()
const linesOf = (pattern: RegExp): string[] => running.log.split('\n').filter((line) => pattern.test(line))

t.test('a client that is refused without end has its share of the log, and a message is in it nevertheless', async (t) => {
  const flood = await Dialogue.open(running.smtpPort, smtpReply)
  const refused = doorLinesPerClient + 100
  const replies = (heard: string): boolean => (heard.match(/^502 /gm)?.length ?? 0) === refused
  await flood.say(`${'X\r\n'.repeat(refused - 1)}X`, replies) // what comes at once is answered at once, within one minute
  await sendMail(running.smtpPort, 'a@b.example', [`joe@${hostName}`], 'Message-ID: <after@x>\n\nx\n')
  await running.logs(/: message \d+, \d+ bytes: <after@x>$/m)
  t.equal(linesOf(/: declined: 502 /).length, doorLinesPerClient)
  flood.close()
})

t.test('what a client says is one word of its own line', async (t) => {
  const other = await ScratchHome.make(t, 'joe')
  const server = await other.supervise({ pop3: [] })
  const smtp = await Dialogue.open(server.smtpPort, smtpReply)
  await smtp.say('\x1b[2J smtpd: 192.0.2.1 1: refused: 553 x: y', smtpReply)
  const [line] = await server.logs(/^smtpd: 127\.0\.0\.1 \d+: declined: 502 unimplemented \(#5\.5\.1\): (.*)$/m)
  t.equal(line?.[1], '=1B[2J=20smtpd:=20192.0.2.1=201:=20refused:=20553=20x:=20y')
  smtp.close()
})
