/** The whole system: who is refused at RCPT, who is taken, and what is trouble. Works as root and not as root. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { unknownRecipientsPutOff } from '@yabumi/limits'
import { askRecipient } from '@yabumi/recipientprotocol'
import t, { type Test } from 'tap'
import { Dialogue, smtpReply } from '../../../../test/support/dialogue.ts'
import { hostName, ScratchHome } from '../../../../test/support/home.ts'
import type { Running } from '../../../../test/support/running.ts'
import { inOwnNameSpace, noSilentFs } from '../../../../test/support/silentfs.ts'
import { until } from '../../../../test/support/wait.ts'

const unknown = '553 sorry, no mailbox here by that name. (#5.1.1)\r\n'
const ok = '250 ok\r\n'

/** The reply to RCPT, in a session of its own. */
async function reply(running: Running, recipient: string): Promise<string> {
  const client = await Dialogue.open(running.smtpPort, smtpReply)
  await client.say('MAIL FROM:<s@x.example>', smtpReply)
  const heard = await client.say(`RCPT TO:<${recipient}>`, smtpReply)
  client.close()
  return heard
}

/** A look that a busy machine has not made in time is taken for now, and known the next time. */
async function isRefused(t: Test, running: Running, recipient: string): Promise<void> {
  t.ok(
    await until(`${recipient} is refused; the log:\n${running.log}`, async () => (await reply(running, recipient)) === unknown),
    recipient,
  )
}

t.test('in a new home whoever is certainly nobody is refused at RCPT, and all others are taken', async (t) => {
  const home = await ScratchHome.make(t, 'joe', 'ann')
  home.control('virtualdomains', 'v.example:joe-v\nall.example:ann-all\n')
  home.control('rcpthosts', `${hostName}\nv.example\nall.example\n`)
  home.userFile('joe', '.qmail-list', './Maildir/\n')
  home.userFile('joe', '.qmail-v-info', './Maildir/\n')
  home.userFile('joe', '.qmail-open', './Maildir/\n', 0o666)
  home.userFile('ann', '.qmail-all-default', './Maildir/\n')
  const running = await home.supervise()
  for (const local of ['nobody', 'joe-x', 'jo', 'NOBODY', 'x@v.example', '"a b"'])
    await isRefused(t, running, local.includes('@') ? local : `${local}@${hostName}`)
  for (const local of [
    'joe',
    'JOE',
    'Joe-List',
    'joe-open',
    'postmaster',
    'abuse',
    'info@v.example',
    'whoever@all.example',
    'Abuse@v.example',
  ])
    t.equal(await reply(running, local.includes('@') ? local : `${local}@${hostName}`), ok, local)
  t.equal(await reply(running, 'joe'), ok, 'without a host')
  t.match(readFileSync(join(home.directory, 'control/unknownusers'), 'latin1'), /^refuse\n$/)
})

t.test('while recipientd stands still or is gone mail is taken as without it, and the log says so once', async (t) => {
  const home = await ScratchHome.make(t, 'joe')
  const running = await home.supervise()
  await isRefused(t, running, `nobody@${hostName}`)
  const pid = running.pids().get('recipientd') ?? 0
  process.kill(pid, 'SIGSTOP')
  t.equal(await reply(running, `nobody@${hostName}`), ok)
  t.equal(await reply(running, `none@${hostName}`), ok)
  await running.logs(/^smtpd: unable to ask recipientd: no answer; mail for unknown users is taken$/m)
  t.equal(running.log.match(/unable to ask recipientd/g)?.length, 1)
  process.kill(pid, 'SIGKILL')
  await isRefused(t, running, `nobody@${hostName}`)
})

t.test('a table that cannot be read refuses nobody, and is named in the log', async (t) => {
  const home = await ScratchHome.make(t, 'joe')
  const running = await home.supervise()
  const cdb = join(home.directory, 'users/cdb')
  const good = readFileSync(cdb)
  writeFileSync(cdb, 'no cdb')
  t.equal(await reply(running, `nobody@${hostName}`), ok)
  await running.logs(/^recipientd: nobody@mail\.test\.example: unable to read users\/cdb; its mail is taken without an answer$/m)
  rmSync(cdb)
  writeFileSync(cdb, good)
  await isRefused(t, running, `nobody@${hostName}`)
})

t.test('where QMAILLOCAL delivers, or another lspawn, nobody is refused', async (t) => {
  const home = await ScratchHome.make(t, 'joe')
  const running = await home.supervise({ env: { QMAILLOCAL: 'bin/local' } })
  t.equal(await reply(running, `nobody@${hostName}`), ok)
})

t.test('whose network has named twenty who do not exist is put off, and who exists is taken from it', async (t) => {
  const home = await ScratchHome.make(t, 'joe')
  const running = await home.supervise()
  await isRefused(t, running, `nobody@${hostName}`)
  const start = process.cwd()
  process.chdir(home.directory)
  for (let n = 0; n < unknownRecipientsPutOff; n += 1) await askRecipient(`nobody@${hostName}`, '127.0.0.1')
  t.match(await askRecipient(`nobody@${hostName}`, '127.0.0.2'), { verdict: 'unknown', pace: 'at once' }, 'another network')
  process.chdir(start)
  t.equal(await reply(running, `nobody@${hostName}`), '421 too many unknown recipients from your network, try again later (#4.7.1)\r\n')
  t.equal(await reply(running, `joe@${hostName}`), ok)
})

t.test(
  'a home on a file system that does not answer: its mail is taken, and others are refused meanwhile',
  { skip: noSilentFs },
  async (t) => {
    const home = await ScratchHome.make(t, 'joe', 'ann')
    const stuck = join(home.root, 'stuck')
    mkdirSync(stuck)
    const assign = join(home.directory, 'users/assign')
    writeFileSync(assign, readFileSync(assign, 'latin1').replaceAll(home.userHome('joe'), `${stuck}/joe`))
    await home.run('newu')
    const silent = [
      process.execPath,
      '--disable-warning=ExperimentalWarning',
      join(import.meta.dirname, '../../../../test/hostile/support/silent.ts'),
    ]
    const running = await home.supervise({ under: [...inOwnNameSpace, ...silent, stuck, '/etc/passwd'] })
    t.equal(await reply(running, `joe-x@${hostName}`), ok)
    await running.logs(/^recipientd: home \S+stuck\/joe has not answered for 2 s: its mail is taken without a look for 600 s$/m)
    for (let n = 0; n < 5; n += 1) t.equal(await reply(running, `joe-x${n}@${hostName}`), ok)
    await isRefused(t, running, `ann-x@${hostName}`)
    t.equal(await reply(running, `joe@${hostName}`), ok, 'a user as such needs no look')
  },
)
