/** The running system and the programs of others: mail readers in, mail filters and another host's server out. */
import { chmodSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import t from 'tap'
import { amRoot, hostName, ScratchHome } from '../home.ts'
import { freePort } from '../ports.ts'
import { find, missing } from '../programs.ts'
import { until } from '../wait.ts'

const home = await ScratchHome.make(t, 'joe', 'ann')
const running = await home.supervise()
/** What a person at this machine has. */
const environment = { ...home.environment, HOME: home.root, TERM: 'dumb', LC_ALL: 'C' }

function run(program: string, args: string[], input = '') {
  return execa(find(program) ?? program, args, { env: environment, extendEnv: false, cwd: home.root, input })
}

function arrival(user: string, subject: string): Promise<string> {
  return until(`${subject} for ${user}`, () => home.maildir(user).find((one) => one.includes(`Subject: ${subject}\n`)))
}

t.test('swaks submits a message', { skip: missing('swaks') }, async (t) => {
  const server = `127.0.0.1:${running.smtpPort}`
  await run('swaks', ['--server', server, '--to', `joe@${hostName}`, '--from', 'a@b.example', '--header', 'Subject: by swaks'])
  t.match(await arrival('joe', 'by swaks'), /^Return-Path: <a@b\.example>\n/)
})

t.test('curl submits a message', { skip: missing('curl') }, async (t) => {
  const url = `smtp://127.0.0.1:${running.smtpPort}/client.example`
  const message = 'Subject: by curl\r\n\r\n.dot\r\n'
  await run('curl', ['-sS', url, '--mail-from', 'a@b.example', '--mail-rcpt', `joe@${hostName}`, '-T', '-'], message)
  t.match(await arrival('joe', 'by curl'), /\n\n\.dot\n$/)
})

t.test('mutt sends through sendmail', { skip: missing('mutt') }, async (t) => {
  const settings = [
    `set sendmail="${home.directory}/bin/sendmail -oem -oi"`,
    'set record=',
    'set use_envelope_from',
    'set from=ann@client.example',
  ]
  const args = [
    '-n',
    '-F',
    '/dev/null',
    ...settings.flatMap((setting) => ['-e', setting]),
    '-s',
    'by mutt',
    '-b',
    `ann@${hostName}`,
    `joe@${hostName}`,
  ]
  await run('mutt', args, 'hello\n')
  const text = await arrival('joe', 'by mutt')
  t.match(text, /^Return-Path: <ann@client\.example>\n/)
  t.notMatch(await arrival('ann', 'by mutt'), /^Bcc:/m)
})

t.test('s-nail sends through sendmail', { skip: missing('s-nail') }, async (t) => {
  await run('s-nail', ['-n', '-S', `mta=${home.directory}/bin/sendmail`, '-S', 'sendwait', '-s', 'by s-nail', `joe@${hostName}`], 'hello\n')
  t.match(await arrival('joe', 'by s-nail'), /\n\nhello\n$/)
})

t.test('procmail sorts behind preline', { skip: missing('procmail') }, async (t) => {
  home.userFile(
    'joe',
    'procmailrc',
    `MAILDIR=${home.userHome('joe')}\nDEFAULT=${home.userHome('joe')}/Maildir/\n:0:\n* ^Subject: sorted\nsorted\n`,
  )
  home.userFile('joe', '.qmail-procmail', '|preline procmail -m ./procmailrc\n')
  await home.inject([`joe-procmail@${hostName}`], 'Subject: sorted\n\nby procmail\n')
  const text = await until('the message in its mbox', () => contents(join(home.userHome('joe'), 'sorted'), 'by procmail'))
  t.match(text, /^From .*\n.*Return-Path: .*\nDelivered-To: joe-procmail@mail\.test\.example\n/s)
})

t.test('maildrop delivers behind preline, and its refusal is a bounce', { skip: missing('maildrop') }, async (t) => {
  home.userFile('joe', 'mailfilter', 'if (/^Subject: refused/)\n{\n  EXITCODE=77\n  exit\n}\nto "./dropped"\n')
  home.userFile('joe', '.qmail-maildrop', '|preline maildrop ./mailfilter\n')
  await home.inject([`-fann@${hostName}`, `joe-maildrop@${hostName}`], 'Subject: kept\n\nby maildrop\n')
  t.ok(await until('the message in its mbox', () => contents(join(home.userHome('joe'), 'dropped'), 'by maildrop')))
  await home.inject([`-fann@${hostName}`, `joe-maildrop@${hostName}`], 'Subject: refused\n\nby maildrop\n')
  t.match(await arrival('ann', 'failure notice'), /<joe-maildrop@mail\.test\.example>:/)
})

t.test("Postfix's smtp-sink is the next host: one transaction, whole", { skip: missing('smtp-sink') }, async (t) => {
  const port = await freePort()
  const directory = join(home.root, 'sink')
  mkdirSync(directory)
  chmodSync(directory, 0o777)
  const user = amRoot ? ['-u', 'nobody'] : []
  const sink = execa(find('smtp-sink') ?? '', [...user, '-d', 'message.', `127.0.0.1:${port}`, '10'], { cwd: directory, reject: false })
  t.teardown(async () => {
    sink.kill()
    await sink
  })
  home.control('smtproutes', `:127.0.0.1:${port}\n`)
  const body = Array.from({ length: 2000 }, (_, n) => `line ${n}${n % 7 === 0 ? '.' : ''}\n.\n..\n`).join('')
  await home.inject([`-fjoe@${hostName}`, 'god@brl.example', 'angel@brl.example'], `Subject: for the sink\n\n${body}`)
  running.signal('SIGALRM') // in case the sink was not up yet
  await running.emptied()
  const messages = readdirSync(directory).map((name) => readFileSync(join(directory, name), 'latin1'))
  t.equal(messages.length, 1)
  const [text = ''] = messages
  for (const recipient of ['god@brl.example', 'angel@brl.example']) t.match(text, `X-Rcpt-Args: <${recipient}>`)
  t.ok(
    text.replaceAll('\r\n', '\n').endsWith(`Subject: for the sink\n\n${body}\n`) || text.includes(body),
    'every line as it was, dots included',
  )
})

t.test('tcpserver runs popup, checkpassword and pop3d for each connection', { skip: missing('tcpserver', 'curl') }, async (t) => {
  await home.run('setpassword', ['joe', '--apop'], { input: 'tanstaaf\n' })
  const port = await freePort()
  const command = ['popup', hostName, 'checkpassword', 'pop3d', 'Maildir']
  const server = execa(find('tcpserver') ?? '', ['-HRDl0', '127.0.0.1', String(port), ...command], {
    env: environment,
    extendEnv: false,
    reject: false,
  })
  t.teardown(async () => {
    server.kill()
    await server
  })
  const count = home.maildir('joe').length
  const fetched = await until('curl lists every message', async () => {
    const { stdout } = await execa('curl', ['-sS', '-u', 'joe:tanstaaf', `pop3://127.0.0.1:${port}/`], { reject: false })
    return stdout.split('\n').filter((line) => /^\d+ \d+/.test(line)).length === count && stdout
  })
  t.ok(fetched)
})

t.test('mpop fetches everything that arrived, and leaves nothing', { skip: missing('mpop') }, async (t) => {
  await home.run('setpassword', ['ann', '--apop'], { input: 'tanstaaf\n' })
  const directory = join(home.root, 'fetched')
  for (const path of [directory, ...['tmp', 'new', 'cur'].map((part) => join(directory, part))]) mkdirSync(path)
  const count = home.maildir('ann').length
  const place = ['--host=127.0.0.1', `--port=${running.pop3Port}`, '--user=ann', '--passwordeval=echo tanstaaf', '--auth=apop', '--tls=off']
  const rest = ['--keep=off', `--delivery=maildir,${directory}`, `--uidls-file=${home.root}/uidls`, '--received-header=off', '--quiet']
  await until('mpop has fetched every message', async () => {
    await run('mpop', [...place, ...rest])
    return readdirSync(join(directory, 'new')).length === count
  })
  t.equal(home.maildir('ann').length, 0)
})

function contents(path: string, text: string): string | false {
  try {
    const found = readFileSync(path, 'latin1')
    return found.includes(text) && found
  } catch {
    return false // not there yet
  }
}
