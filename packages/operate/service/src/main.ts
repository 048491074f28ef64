/** service: write service directories for daemontools, s6, s6-rc or runit. README.md is the manual page. */
import { realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import { run, toolLine } from '@yabumi/commandline'
import { readLine, readList } from '@yabumi/control'
import { accountToBecome, enterHome, systemAccount } from '@yabumi/home'
import { parseEndpoint } from '@yabumi/listener'
import { Trouble } from '@yabumi/trouble'
import { type Kind, quoted, serviceFiles } from './scripts.ts'
import { giveLogs, writeServices } from './write.ts'

const kinds: readonly Kind[] = ['daemontools', 's6', 's6-rc', 'runit']
const usage =
  'daemontools|s6|s6-rc|runit DIR [--smtp ADDR:PORT]... [--smtps ADDR:PORT]... [--smtp-rules FILE] [--submission ADDR:PORT]... [--submissions ADDR:PORT]... [--pop3 ADDR:PORT]... [--pop3s ADDR:PORT]... [--imap ADDR:PORT]... [--imaps ADDR:PORT]... [--http ADDR:PORT]... [--https ADDR:PORT]...'

async function main(): Promise<void> {
  const argv = (await toolLine('service', usage))
    .option('smtp', { type: 'string', array: true, requiresArg: true, default: ['127.0.0.1:2525'], describe: 'accept mail by SMTP here' })
    .option('smtps', { type: 'string', array: true, requiresArg: true, default: [], describe: 'the same, where TLS begins at once' })
    .option('smtp-rules', { type: 'string', requiresArg: true, describe: 'who may connect to smtpd: its --rules' })
    .option('submission', { type: 'string', array: true, requiresArg: true, default: [], describe: 'take mail of people who log in' })
    .option('submissions', { type: 'string', array: true, requiresArg: true, default: [], describe: 'the same, where TLS begins at once' })
    .option('pop3', {
      type: 'string',
      array: true,
      requiresArg: true,
      default: ['127.0.0.1:1110'],
      describe: 'serve mailboxes by POP3 here',
    })
    .option('pop3s', { type: 'string', array: true, requiresArg: true, default: [], describe: 'the same, where TLS begins at once' })
    .option('imap', { type: 'string', array: true, requiresArg: true, default: [], describe: 'serve mailboxes by IMAP here' })
    .option('imaps', { type: 'string', array: true, requiresArg: true, default: [], describe: 'the same, where TLS begins at once' })
    .option('http', { type: 'string', array: true, requiresArg: true, default: [], describe: 'hand out the files of a mail host here' })
    .option('https', { type: 'string', array: true, requiresArg: true, default: [], describe: 'the same, where TLS begins at once' })
    .parseSync()
  const [kind, directory, extra] = argv._.map(String)
  const known = kinds.find((name) => name === kind)
  if (known === undefined || !directory || extra !== undefined) {
    throw new Trouble('5.5.4', `usage: service ${usage}`)
  }
  const target = resolve(directory)
  const home = realpathSync(enterHome())
  const hostName = readLine('me')
  if (!hostName) throw new Trouble('4.3.0', `${home}/control/me is missing or empty; make ${home} a home with config-fast HOST`)
  const { smtp, smtps, 'smtp-rules': smtpRules, submission, submissions, pop3, pop3s, imap, imaps, http, https } = argv
  const addresses = [smtp, smtps, submission, submissions, pop3, pop3s, imap, imaps, http, https]
  for (const endpoint of addresses.flat()) parseEndpoint(endpoint)
  const log = accountToBecome('log')
  const files = serviceFiles(known, {
    directory: target,
    home,
    hostName,
    smtp,
    smtps,
    smtpRules,
    submission,
    submissions,
    pop3,
    pop3s,
    imap,
    imaps,
    http,
    https,
    hasDaily: readList('daily') !== undefined,
    logAccount: log && nameOf(log.uid),
  })
  const written = writeServices(target, files)
  if (log !== undefined) giveLogs(target, files, log)
  process.stdout.write(`${target}: ${written} of ${files.length} files written\nnext: ${next[known](quoted(target))}\n`)
}

/** What has them run. */
const next: Readonly<Record<Kind, (directory: string) => string>> = {
  daemontools: (directory) => `ln -s ${directory}/* /service/, or svscan ${directory}`,
  s6: (directory) => `s6-svscan ${directory}, or links in the directory that one scans already`,
  's6-rc': (directory) => `s6-rc-compile COMPILED ${directory} with your other sources, s6-rc-update COMPILED, s6-rc -u change yabumi`,
  runit: (directory) => `ln -s ${directory}/* /etc/service/, or runsvdir ${directory}`,
}

/** setuidgid takes names only. */
function nameOf(uid: number): string {
  const found = systemAccount(uid)
  if (found !== undefined) return found.name
  throw new Trouble('4.3.0', `the account of the logs is uid ${uid}, whom passwd does not know; give it a name there`)
}

void run('service', main)
