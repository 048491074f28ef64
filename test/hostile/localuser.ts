/** What a user of the host can reach through deliveries of their own: of the log, and of what the operator's shell had open. */
import { mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { spareMessageBytes } from '@yabumi/limits'
import { execa } from 'execa'
import t from 'tap'
import { amRoot, ScratchHome, userAccount } from '../support/home.ts'
import { below } from '../support/processes.ts'
import { inOwnNameSpace, noNameSpaces, noSilentFs } from '../support/silentfs.ts'
import { until } from '../support/wait.ts'

const support = join(import.meta.dirname, 'support')
/** For what lspawn says only after homeLookSeconds. */
const patienceSeconds = 120
const everyProgram = ['queue', 'send', 'lspawn', 'local', 'rspawn', 'clean', 'smtpd', 'popup']

t.test('what comes out of descriptor 2 of a worker are lines of its user, and a user cannot take it', async (t) => {
  const home = await ScratchHome.make(t, 'joe')
  const forger = [process.execPath, join(support, 'forger.cjs')]
  home.userFile('joe', '.qmail', `|echo $PPID >worker; ${forger.join(' ')} $PPID forged; echo $? >taken\n`)
  const running = await home.supervise()
  await home.inject(['joe'], 'Subject: x\n\n')
  await running.logs(/success: did_0\+0\+1/)
  const written = (name: string): string => readFileSync(join(home.userHome('joe'), name), 'utf8').trim()
  if (amRoot) t.equal(written('taken'), '1')
  await execa(forger[0] as string, [forger[1] as string, written('worker'), 'send: end msg 5\n\x1b[2J\n'])
  const [[line = ''] = []] = await running.logs(/^.*end.msg.5$/m)
  t.match(line, /^send: lspawn: uid \d+: (?:forged)?send:_end_msg_5$/)
  await running.logs(/^send: lspawn: uid \d+: _\[2J$/m)
  t.notMatch(running.log, /[^ -~\n]/)
})

t.test('nothing that was open where supervise was started reaches a program of a user, or any of the system', async (t) => {
  const home = await ScratchHome.make(t, 'joe')
  const held = join(home.root, 'held')
  writeFileSync(held, 'an operator’s\n')
  home.userFile('joe', '.qmail', '|exec ls -l /proc/self/fd >descriptors\n|env | cut -d= -f1 >names\n')
  const running = await home.supervise({ under: [process.execPath, join(support, 'hoarder.ts'), held], env: { SECRET: 'x' } })
  t.ok(leadsTo(running.pid).includes(held), 'supervise itself has it')
  await home.inject(['joe'], 'Subject: x\n\n')
  await running.logs(/success: did_0\+0\+2/)
  const written = (name: string): string => readFileSync(join(home.userHome('joe'), name), 'utf8')
  t.same(
    [...written('descriptors').matchAll(/ (\d+) -> (?!\/proc\/)/g)].map(([, number]) => number),
    ['0', '1', '2'],
    'but where ls reads them',
  )
  t.notMatch(written('names'), /SECRET|NODE/)
  const processes = await until('every program runs', () => {
    const found = below(running.pid)
    return everyProgram.every((name) => found.some(({ program }) => program === name)) && found
  })
  for (const { pid, program } of processes) t.notOk(leadsTo(pid).includes(held), program)
})

t.test('F4: as many deliveries at once to one account as concurrencylocal allows are all made at the first attempt', async (t) => {
  const home = await ScratchHome.make(t, 'joe')
  home.control('concurrencylocal', '500\n')
  home.userFile('joe', '.qmail-default', './Maildir/\n')
  const running = await home.supervise()
  const recipients = Array.from({ length: 400 }, (_, number) => `joe-${number}`)
  await home.inject(recipients, `Subject: x\n\n${'x\n'.repeat(spareMessageBytes)}`) // one that its worker gets as a descriptor
  await running.emptied()
  t.equal(home.maildir('joe').length, recipients.length)
  t.notMatch(running.log, /deferral|failure/)
})

t.test('F1: a home on a file system that does not answer holds up its own mail only', { skip: noSilentFs }, async (t) => {
  const home = await ScratchHome.make(t, 'ann', 'joe')
  const stuck = join(home.root, 'stuck')
  mkdirSync(stuck)
  const passwd = join(home.root, 'passwd')
  writeFileSync(passwd, `${readFileSync('/etc/passwd', 'latin1')}stuck:x:${userAccount.uid}:${userAccount.gid}::${stuck}:/bin/sh\n`)
  const assign = join(home.directory, 'users/assign')
  const lines = readFileSync(assign, 'latin1').replace(/^\+:alias.*\n/m, '') // accounts of the system receive mail as well
  writeFileSync(assign, lines.replaceAll(home.userHome('joe'), `${stuck}/joe`))
  await home.run('newu')
  const silent = [process.execPath, '--disable-warning=ExperimentalWarning', join(support, 'silent.ts'), stuck, passwd]
  const running = await home.supervise({ under: [...inOwnNameSpace, ...silent] })
  await home.inject(['stuck', 'joe'], 'Subject: x\n\n')
  await running.logs(/starting delivery \d+: msg \d+ to local (?:stuck|joe)@/, 2)
  await home.inject(['ann'], 'Subject: x\n\n')
  await running.logs(/success: did_1/)
  t.equal(home.maildir('ann').length, 1)
  for (const path of [stuck, `${stuck}/joe`]) {
    await running.logs(new RegExp(`lspawn: home ${path} has not answered for`), 1, patienceSeconds)
    await running.logs(new RegExp(`deferral: Home_directory_${path}_does_not_answer`))
  }
})

t.test('a delivery has the groups that the system gives the user, and no others', { skip: noNameSpaces }, async (t) => {
  const home = await ScratchHome.make(t, 'ann', 'joe')
  const { uid, gid } = userAccount
  const passwd = join(home.root, 'passwd')
  writeFileSync(
    passwd,
    `${readFileSync('/etc/passwd', 'latin1')}joe:x:${uid}:${gid}::${home.userHome('joe')}:/bin/sh\nann:x:61000:61000::/:/bin/sh\n`,
  )
  const group = join(home.root, 'group')
  writeFileSync(group, `${readFileSync('/etc/group', 'latin1')}one:x:61001:joe,ann\ntwo:x:61002:x,joe\n`)
  for (const user of ['ann', 'joe']) home.userFile(user, '.qmail', '|id -G\n')
  home.userFile('joe', '.qmail-status', '|grep -E "^(Uid|Gid|Groups|CapEff|CapPrm)" /proc/$PPID/status | tr "\\t\\n" "  "\n')
  home.userFile('joe', 'own', '#!/bin/sh\nid -G\nid -u\n', 0o755)
  const mounts = 'mount --bind "$1" /etc/passwd && mount --bind "$2" /etc/group && shift 2 && exec "$@"'
  const under = [...inOwnNameSpace, 'sh', '-c', mounts, 'sh', passwd, group]
  const running = await home.supervise({ under })
  await home.inject(['joe', 'ann', 'joe-status'], 'Subject: x\n\n')
  await running.logs(new RegExp(`success: ${gid}_61001_61002/`))
  await running.logs(new RegExp(`success: ${gid}/`)) // another uid than the account of that name
  await running.logs(new RegExp(`Uid:(_${uid}){4}_Gid:(_${gid}){4}_Groups:(?:_(?:${gid}|61001|61002)){3}_+CapPrm:_0+_CapEff:_0+_`))
  await running.stop()
  const other = await home.supervise({ under, env: { QMAILLOCAL: join(home.userHome('joe'), 'own') } })
  await home.inject(['joe'], 'Subject: x\n\n')
  await other.logs(new RegExp(`success: ${gid}_61001_61002/${uid}/`))
})

/** Where the descriptors of a process lead. */
function leadsTo(pid: number): string[] {
  const directory = `/proc/${pid}/fd`
  return readdirSync(directory).map((name) => {
    try {
      return readlinkSync(join(directory, name))
    } catch {
      return '' // closed meanwhile
    }
  })
}
