/** Programs that send mail without a person at them, as they are in Debian: git send-email, PHP, Perl's MIME::Lite and Mail::Sendmail, bsd-mailx. */
import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import t from 'tap'
import { hostName, ScratchHome } from '../support/home.ts'
import { missing } from '../support/programs.ts'
import { until } from '../support/wait.ts'
import { arrived, deliveryFields, runPeer, workplace } from './support/peer.ts'

const home = await ScratchHome.make(t, 'joe', 'ann')
const running = await home.supervise()
const place = workplace(home, 'place')
const sendmail = join(place, 'sendmail')
symlinkSync(join(home.directory, 'bin/sendmail'), sendmail)
const env = { USER: 'me', LOGNAME: 'me' }
const joe = `joe@${hostName}`
const ann = `ann@${hostName}`

/** Why a Perl module cannot be tried, or false. */
async function lacksModule(name: string): Promise<string | false> {
  if (missing('perl') !== false) return missing('perl')
  const { exitCode } = await execa('perl', ['-e', `require ${name}`], { reject: false })
  return exitCode !== 0 && `not on this machine: Perl's ${name} (make peers installs it)`
}

const noSendEmail = async (): Promise<string | false> => {
  if (missing('git') !== false) return missing('git')
  const { stderr } = await execa('git', ['send-email', '-h'], { reject: false })
  return /is not a git command/.test(stderr) && 'not on this machine: git send-email (make peers installs it)'
}

// all asked before the first test: tap takes a file for finished that has no test while it waits
const [sendEmailMissing, mimeLiteMissing, mailSendmailMissing] = [
  await noSendEmail(),
  await lacksModule('MIME::Lite'),
  await lacksModule('Mail::Sendmail'),
]

t.test('git send-email sends a series to To and Cc, with an envelope sender of its own', { skip: sendEmailMissing }, async (t) => {
  const git = (...args: string[]) => runPeer(place, 'git', args, { env: { ...env, GIT_CONFIG_NOSYSTEM: '1' } })
  await git('init', '-q', 'work')
  const inWork = (...args: string[]) => git('-C', 'work', '-c', 'user.name=D. Dev', '-c', 'user.email=dev@client.example', ...args)
  for (const number of [1, 2]) {
    writeFileSync(join(place, `work/file${number}`), `.\nFrom here\n${number}\n`)
    await inWork('add', '.')
    await inWork('commit', '-q', '-m', `Add file${number}`)
  }
  const options = ['--confirm=never', '--quiet', `--sendmail-cmd=${sendmail}`, '--envelope-sender=bounces@client.example']
  await inWork('send-email', ...options, `--to=${joe}`, `--cc=${ann}`, '--suppress-cc=self', '--root', 'HEAD')
  for (const user of ['joe', 'ann']) {
    for (const number of [1, 2]) {
      const text = await arrived(home, user, `Subject: [PATCH ${number}/2] Add file${number}\n`)
      t.match(text, new RegExp(deliveryFields('bounces@client.example', `${user}@${hostName}`)))
      t.match(text, '\nFrom: "D. Dev" <dev@client.example>\n')
      t.match(text, `\n+.\n+From here\n+${number}\n`, 'the patch is whole')
    }
  }
})

/** PHP 8 ends the lines of what it pipes to sendmail with CR LF, which stay as they are. */
const arrivedFromPhp = (user: string): Promise<string> =>
  until(`a message by PHP for ${user}`, () => home.maildir(user).find((text) => /^Subject: by PHP\r?$/m.test(text)))

t.test("PHP's mail() sends, with headers and options of the script's own", { skip: missing('php') }, async (t) => {
  const script = `exit(mail('${joe}', 'by PHP', "body\\n.\\nmore\\n", "Cc: ${ann}\\r\\nX-Form: contact", '-fweb@client.example') ? 0 : 1);`
  await runPeer(place, 'php', ['-d', `sendmail_path=${sendmail} -t -i`, '-r', script], { env })
  for (const user of ['joe', 'ann']) {
    const text = await arrivedFromPhp(user)
    t.match(text, new RegExp(deliveryFields('web@client\\.example', `${user}@${hostName}`)))
    t.match(text, /\nX-Form: contact\r?\n/)
    t.match(text, /\n\r?\nbody\n\.\nmore\n/)
  }
})

t.test("Perl's MIME::Lite sends an attachment by sendmail -t -oi -oem", { skip: mimeLiteMissing }, async (t) => {
  const script = `
    use MIME::Lite;
    my $m = MIME::Lite->new(From => 'robot@client.example', To => '${joe}', Bcc => '${ann}', Subject => 'by MIME::Lite', Type => 'multipart/mixed');
    $m->attach(Type => 'TEXT', Data => ".\\nbody\\n");
    $m->attach(Type => 'application/octet-stream', Encoding => 'base64', Data => join('', map chr, 0..255), Filename => 'all.bin');
    $m->send('sendmail', "$ARGV[0] -t -oi -oem") or exit 1;`
  await runPeer(place, 'perl', ['-e', script, sendmail], { env })
  const text = await arrived(home, 'joe', 'Subject: by MIME::Lite\n')
  const encoded = /\n\n(AAEC[A-Za-z0-9+/=\n]+)\n--/.exec(text)?.[1] ?? ''
  t.equal(Buffer.from(encoded, 'base64').toString('hex'), Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)).toString('hex'))
  t.notMatch(await arrived(home, 'ann', 'Subject: by MIME::Lite\n'), /^bcc:/im)
})

t.test("Perl's Mail::Sendmail sends by SMTP", { skip: mailSendmailMissing }, async (t) => {
  const script = `
    use Mail::Sendmail;
    my $c = \\%Mail::Sendmail::mailcfg;
    $c->{smtp} = ['127.0.0.1']; $c->{port} = $ARGV[0]; $c->{retries} = 0;
    sendmail(From => 'robot@client.example', To => '${joe}', Cc => '${ann}', Subject => 'by Mail::Sendmail', Message => "caf\\xe9\\n.\\nlast\\n")
      or die $Mail::Sendmail::error;`
  await runPeer(place, 'perl', ['-e', script, String(running.smtpPort)], { env })
  for (const user of ['joe', 'ann']) {
    const text = await arrived(home, user, 'Subject: by Mail::Sendmail\n')
    t.match(text, new RegExp(deliveryFields('robot@client\\.example', `${user}@${hostName}`)))
  }
})

t.test('bsd-mailx sends, with copies', { skip: missing('bsd-mailx') }, async (t) => {
  writeFileSync(join(place, '.mailrc'), `set sendmail=${sendmail}\n`)
  await runPeer(place, 'bsd-mailx', ['-s', 'by bsd-mailx', '-c', ann, joe], {
    input: 'body\n.dot\nlast\n',
    env: { ...env, MAILRC: join(place, '.mailrc') },
  })
  for (const user of ['joe', 'ann']) t.match(await arrived(home, user, 'Subject: by bsd-mailx\n'), '\n\nbody\n.dot\nlast\n')
})
