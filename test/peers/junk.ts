/** Junk folders of users: the recipes of docs/spam.md, with SpamAssassin's daemon and with a header that a filter has made. */
import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { amRoot, hostName, ScratchHome } from '../support/home.ts'
import { freePort } from '../support/ports.ts'
import { find, missing } from '../support/programs.ts'
import { until } from '../support/wait.ts'
import { arrived } from './support/peer.ts'

// in two halves, so that no scanner takes this file for what it tests
const gtube = `XJS*C4JDBQADN1.NSBN3*2IDNEN*${'GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X'}`

const home = await ScratchHome.make(t, 'joe', 'joe-junk')
await home.supervise()

async function send(to: string, subject: string, more: string, body: string): Promise<void> {
  const text = `From: a@b.example\nTo: ${to}\nSubject: ${subject}\nMessage-ID: <${subject}@b.example>\nDate: 01 Dec 2026 05:00:00 -0000\n${more}\n${body}\n`
  await home.run('inject', [`-fa@b.example`, `${to}@${hostName}`], { input: text })
}

/** Start it; resolves when it listens. It ends with the test. */
async function startDaemon(t: Test, program: string, args: readonly string[], port: number): Promise<void> {
  let said = ''
  const child: ChildProcess = spawn(find(program) as string, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  child.stderr?.on('data', (bytes: Buffer) => (said += bytes.toString('latin1')))
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  t.teardown(async () => {
    child.kill('SIGTERM') // its workers end with it
    await ended
    child.stderr?.destroy()
  })
  await until(
    () => said,
    async () => {
      const socket = connect(port, '127.0.0.1')
      return await new Promise<boolean>((resolve) => {
        socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
      }).finally(() => socket.destroy())
    },
  )
}

t.test('a field that a filter has made puts a message into the junk folder', async (t) => {
  home.userFile('joe', '.qmail-head', `|condredirect joe-junk@${hostName} sh -c "sed '/^$/q' | grep -qi '^X-Spam: *yes'"\n./Maildir/\n`)
  await send('joe-head', 'junk', 'X-Spam: Yes\n', 'x')
  await send('joe-head', 'letter', '', 'X-Spam: Yes')
  await arrived(home, 'joe-junk', 'Subject: junk\n')
  await arrived(home, 'joe', 'Subject: letter\n')
  t.notOk(home.maildir('joe').some((text) => text.includes('Subject: junk\n')))
})

t.test('spamc puts it there by what spamd says', { skip: missing('spamd', 'spamc') }, async (t) => {
  const port = await freePort()
  const account = amRoot ? ['-u', 'nobody'] : []
  await startDaemon(
    t,
    'spamd',
    ['-L', '-x', '-m', '1', '-p', `${port}`, '-i', '127.0.0.1', '-A', '127.0.0.1', '-s', 'stderr', ...account],
    port,
  )
  home.userFile('joe', '.qmail-sa', `|condredirect joe-junk@${hostName} sh -c "! spamc -p ${port} -c >/dev/null"\n./Maildir/\n`)
  await send('joe-sa', 'pills', '', gtube)
  await send('joe-sa', 'news', '', 'a letter')
  await arrived(home, 'joe-junk', 'Subject: pills\n')
  await arrived(home, 'joe', 'Subject: news\n')
  t.notOk(home.maildir('joe').some((text) => text.includes('Subject: pills\n')))
})

t.test('rspamc puts it there by what rspamd says', { skip: missing('rspamd', 'rspamc') }, async (t) => {
  const port = await freePort()
  const directory = t.testdir({})
  chmodSync(directory, 0o777)
  const settings = `
options { pidfile = "${directory}/pid"; filters = ""; tempdir = "${directory}"; control_socket = "${directory}/control mode=0600"; dns { nameserver = ["127.0.0.1:9"]; timeout = 0.1s; retransmits = 1; } }
logging { type = "console"; level = "warning"; }
metric { name = "default"; actions { reject = 15; add_header = 6; } }
worker "normal" { bind_socket = "127.0.0.1:${port}"; count = 1; }
`
  writeFileSync(join(directory, 'conf'), settings)
  await startDaemon(t, 'rspamd', ['-f', '-i', '-c', join(directory, 'conf'), ...(amRoot ? ['-u', 'nobody', '-g', 'nogroup'] : [])], port)
  const check = `rspamc -h 127.0.0.1:${port} | grep -q '^Action: \\(reject\\|add header\\)'`
  home.userFile('joe', '.qmail-rs', `|condredirect joe-junk@${hostName} sh -c "${check}"\n./Maildir/\n`)
  await send('joe-rs', 'casino', '', gtube)
  await send('joe-rs', 'greetings', '', 'a letter')
  await arrived(home, 'joe-junk', 'Subject: casino\n')
  await arrived(home, 'joe', 'Subject: greetings\n')
  t.notOk(home.maildir('joe').some((text) => text.includes('Subject: casino\n')))
})
