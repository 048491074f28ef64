/** What a client says of its message by SMTP is in the queue while the message waits, and reaches the next host. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { sendMail } from '../support/dialogue.ts'
import { ScratchHome } from '../support/home.ts'
import { manners, startHost } from '../support/host.ts'
import { until } from '../support/wait.ts'

const home = await ScratchHome.make(t)
const next = await startHost(
  manners((line) => {
    if (line.startsWith('EHLO')) return '250-next\r\n250 8BITMIME'
    return line.startsWith('RCPT') ? '451 later' : undefined
  }),
)
t.teardown(() => next.close())
home.control('rcpthosts', 'far.example\n')
home.control('smtproutes', `:127.0.0.1:${next.port}\n`)
const running = await home.supervise()

/** The files of info/, whole. */
function infos(): string[] {
  const directory = join(home.directory, 'queue/info')
  const names = (readdirSync(directory, { recursive: true }) as string[]).filter((name) => name.includes('/'))
  return names.map((name) => readFileSync(join(directory, name), 'latin1'))
}

t.test('BODY=8BITMIME stays with a message that is deferred, and is said to the next host', async (t) => {
  const reply = await sendMail(running.smtpPort, 'a@b.example', ['x@far.example'], 'Subject: s\n\ncaf\xe9\n', undefined, 'BODY=8BITMIME')
  t.match(reply, /^250 /)
  await until('the message waits', () => infos().length === 1)
  t.same(infos(), ['Fa@b.example\0Av1 BODY=8BITMIME\0'])
  await running.logs(/deferral/)
  t.match(next.connections[0]?.wire, 'MAIL FROM:<a@b.example> BODY=8BITMIME\r\n')
})
