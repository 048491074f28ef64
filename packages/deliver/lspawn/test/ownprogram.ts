import t from 'tap'
import { isRoot, TestHome } from './support/home.ts'

const script = `#!/bin/sh
case $4 in
  joe) printf '[%s] ' "$@"; cat;;
  joe-crash) kill -9 $$;;
  joe-back) (read x <homes/joe/gate; echo late) & ;;
  joe-open) echo x >homes/joe/gate;;
  joe-long) head -c 5000 /dev/zero | tr '\\0' x; exit 100;;
  *) echo "code \${4#joe-}"; exit "\${4#joe-}";;
esac
`

t.test('QMAILLOCAL is run for each delivery as qmail-lspawn runs qmail-local', async (t) => {
  const home = new TestHome()
  home.program('own', script)
  home.user('joe')
  await home.start({ QMAILLOCAL: 'own' })
  const directory = `${home.path}/homes/joe`
  t.equal(
    await home.deliver('joe@h.example'),
    `K[--] [joe] [${directory}] [joe] [] [] [h.example] [s@x.example] [./Mailbox] From: s@x.example\n\nhello\n`,
  )
  t.equal(await home.deliver('joe-long@h'), `D${'x'.repeat(2966)}\nError report too long, sorry.\n`)
  await home.end()
})

t.test('exit codes become reports as in spec §2.4.4', async (t) => {
  const home = new TestHome()
  home.program('own', script)
  home.user('joe')
  await home.start({ QMAILLOCAL: './own' })
  const reports: Record<string, string> = {
    crash: 'Zqmail-local crashed.\n',
    111: 'Zcode 111\n',
    71: 'Zcode 71\n',
    74: 'Zcode 74\n',
    75: 'Zcode 75\n',
    100: 'Dcode 100\n',
    1: 'Dcode 1\n',
    112: 'ZInternal qmail-lspawn bug.\n',
    113: 'ZNot allowed to perform deliveries as root.\n',
    115: 'ZNFS failure in qmail-local.\n',
    116: 'ZUnable to find alias user!\n',
    117: 'ZTrouble reading users/cdb in qmail-lspawn.\n',
    118: 'ZTemporary failure in qmail-lspawn.\n',
    119: 'ZOut of memory in qmail-lspawn.\n',
    120: 'ZUnable to run qmail-local.\n',
    121: 'ZUnable to run qmail-getpw.\n',
    126: 'ZUnable to run qmail-local.\n',
  }
  for (const [ending, report] of Object.entries(reports)) t.equal(await home.deliver(`joe-${ending}@h`), report, ending)
  await home.end()
})

t.test('B2: a program that is not there is our own fault, and no reason to bounce mail', async (t) => {
  const home = new TestHome()
  home.user('joe')
  await home.start({ QMAILLOCAL: 'none' })
  t.equal(await home.deliver('joe@h'), 'ZUnable to run qmail-local.\n')
  await home.end()
})

t.test('a report waits for those who still hold the output', { skip: isRoot && 'the program may not write in the home' }, async (t) => {
  const home = new TestHome()
  home.program('own', script)
  home.user('joe')
  const { makeFifo } = await import('@yabumi/posix')
  makeFifo(`${home.path}/homes/joe/gate`, 0o600)
  await home.start({ QMAILLOCAL: 'own' })
  const late = home.deliver('joe-back@h')
  t.equal(await home.deliver('joe-open@h'), 'K')
  t.equal(await late, 'Klate\n')
  await home.end()
})
