/** The texts of the service directories: one directory a program, each with its logger. */

import { serverDataMegabytes } from '@yabumi/limits'
import { loggerOf, sourceFiles } from './s6rc.ts'
import type { ServiceFile } from './write.ts'

export type Kind = 'daemontools' | 's6' | 's6-rc' | 'runit'

export interface Setting {
  /** Absolute path of the directory of all services. */
  readonly directory: string
  /** Absolute path. */
  readonly home: string
  readonly hostName: string
  /** Where to listen, as `ADDR:PORT`. */
  readonly smtp: readonly string[]
  /** smtpd's rules for clients, as its `--rules`; without, it looks for control/smtp.cdb. */
  readonly smtpRules: string | undefined
  readonly pop3: readonly string[]
  /** Without any of these two there is no service of that name. */
  readonly imap: readonly string[]
  readonly imaps: readonly string[]
  /** The first two, where TLS begins at once. */
  readonly smtps: readonly string[]
  readonly pop3s: readonly string[]
  /** Where people who log in hand in mail, in clear before STARTTLS, and under TLS at once; without both there is no such service. */
  readonly submission: readonly string[]
  readonly submissions: readonly string[]
  /** Where webfiles listens; nowhere: it has no service. */
  readonly http: readonly string[]
  readonly https: readonly string[]
  /** Whether programs run once a day. */
  readonly hasDaily: boolean
  /** Name of the account that writes the logs; undefined: whoever starts the services. */
  readonly logAccount: string | undefined
}

/** A word of a shell script, whatever it holds. */
export function quoted(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

/** Every file of every service. */
export function serviceFiles(kind: Kind, setting: Setting): ServiceFile[] {
  const ready = announces(kind) ? ['--ready-fd', '3'] : []
  const at = (option: string, addresses: readonly string[]) => addresses.flatMap((address) => [option, address])
  const listen = (inClear: readonly string[], underTls: readonly string[]) => [...at('--listen', inClear), ...at('--listen-tls', underTls)]
  const rules = setting.smtpRules === undefined ? [] : ['--rules', setting.smtpRules]
  const popServer = ['bin/pop3d', '--delivered']
  const imapServer = ['bin/imap', '--worker', '--delivered']
  const hasImap = setting.imap.length + setting.imaps.length > 0
  const words = (...all: string[]) => all.map(quoted).join(' ')
  const files = [
    ...service(kind, 'queue', 'writes queue/; everything else needs it', setting, words('bin/queue', '--listen', ...ready)),
    ...service(kind, 'send', 'delivers, with lspawn, rspawn and clean', setting, 'bin/start "$delivery"'),
    ...service(
      kind,
      'smtpd',
      'accepts mail by SMTP',
      setting,
      words('bin/smtpd', ...listen(setting.smtp, setting.smtps), ...rules, ...ready),
    ),
    ...(setting.submission.length + setting.submissions.length === 0
      ? []
      : service(
          kind,
          'submission',
          'takes mail of people who log in',
          setting,
          words('bin/smtpd', ...listen(setting.submission, setting.submissions), '--submission', ...ready),
        )),
    ...service(kind, 'recipientd', 'says which recipients do not exist', setting, words('bin/recipientd', ...ready)),
    ...service(
      kind,
      'pop3',
      'serves mailboxes by POP3',
      setting,
      words('bin/popup', ...listen(setting.pop3, setting.pop3s), ...ready, setting.hostName, 'login', ...popServer),
    ),
    ...(hasImap
      ? service(
          kind,
          'imap',
          'serves mailboxes by IMAP',
          setting,
          words('bin/imapd', ...listen(setting.imap, setting.imaps), ...ready, setting.hostName, ...imapServer),
        )
      : []),
    ...(setting.http.length + setting.https.length === 0
      ? []
      : service(kind, 'webfiles', 'hands out files', setting, words('bin/webfiles', ...listen(setting.http, setting.https), ...ready))),
    ...(setting.hasDaily ? service(kind, 'daily', 'runs programs once a day', setting, words('bin/daily', ...ready)) : []),
    ...service(kind, 'authd', 'judges logins', setting, words('bin/authd', ...ready)),
    ...service(
      kind,
      'sessiond',
      'starts the session of a login as its user',
      setting,
      words('bin/sessiond', ...ready, ...popServer, ...(hasImap ? ['+', ...imapServer, '%'] : [])),
    ),
  ]
  return kind === 's6-rc' ? sourceFiles(files) : files
}

/** Whether it hears of a program that is ready: by a line end on descriptor 3. */
function announces(kind: Kind): boolean {
  return kind === 's6' || kind === 's6-rc'
}

function service(kind: Kind, name: string, does: string, { home, logAccount, directory }: Setting, command: string): ServiceFile[] {
  const environment = `PATH=${quoted(`${home}/bin:/usr/local/bin:/usr/bin:/bin`)} YABUMI_HOME=${quoted(home)}`
  const run = [
    '#!/bin/sh',
    `# ${name}: ${does}`,
    'exec 2>&1',
    closeInherited(announces(kind)),
    ...(name === 'send' && kind === 's6' ? [waitForQueue] : []),
    `cd ${quoted(home)} || exit 111`,
    ...(name === 'send' || name === 'daily' ? [] : limitMemory),
    ...(name === 'send' ? ['delivery=$(cat control/defaultdelivery 2>/dev/null) || delivery=./Maildir/'] : []),
    ...(name === 'send' && announces(kind) ? sayReady : []),
    `exec env - ${environment} ${command}`,
  ]
  const { become, logger } = loggers[kind]
  const asAccount = logAccount === undefined ? [] : [...become, quoted(logAccount)]
  const main = kind === 's6-rc' ? `${directory}/${loggerOf(name)}/main` : './main' // s6-rc runs a copy of what stands there
  const log = ['exec', ...asAccount, logger, quoted(main)].join(' ')
  const files: ServiceFile[] = [
    { path: `${name}/run`, text: `${run.join('\n')}\n`, executable: true },
    { path: `${name}/log/run`, text: `${logHead(kind, name, logAccount)}${log}\n`, executable: true },
  ]
  if (!announces(kind)) return files
  const directories = [name, `${name}/log`]
  return [...files, ...directories.map((path) => ({ path: `${path}/notification-fd`, text: '3\n', executable: false }))]
}

/** Where nobody has made the directory of a log for an account, a logger that makes none needs it made. */
function logHead(kind: Kind, name: string, logAccount: string | undefined): string {
  const makeDirectory = kind === 'runit' && logAccount === undefined ? 'mkdir -p main\n' : ''
  return `#!/bin/sh\n# what ${name} says, in files of at most 1 MB under main/\n${makeDirectory}`
}

const s6Logger = { become: ['s6-setuidgid'], logger: 's6-log -d 3 n20 s1000000 t' }

/** How a logger becomes the account that it writes as, and the logger. svlogd keeps ten files of a megabyte itself, and makes no directory. */
const loggers: Readonly<Record<Kind, { become: readonly string[]; logger: string }>> = {
  daemontools: { become: ['setuidgid'], logger: 'multilog t n20 s1000000' },
  s6: s6Logger,
  's6-rc': s6Logger,
  runit: { become: ['chpst', '-u'], logger: 'svlogd -t' },
}

/** What the supervisor had open is nobody's here. A shell can close no others; start and lspawn let none of these reach a user's program. */
function closeInherited(announces: boolean): string {
  const fds = announces ? [4, 5, 6, 7, 8, 9] : [3, 4, 5, 6, 7, 8, 9]
  return `exec ${fds.map((fd) => `${fd}<&-`).join(' ')}`
}

/** As supervise does it: for those who serve anybody who connects, unless an operator has set a limit. */
const limitMemory = [
  `# ${serverDataMegabytes} MiB; a program that it starts and that needs more can say \`ulimit -S -d unlimited\``,
  `[ "$(ulimit -S -d)" != unlimited ] || ulimit -S -d ${serverDataMegabytes * 1024}`,
]

/** start would bring a queue of its own, and the queue service would stand by until that one ends. */
const waitForQueue = 's6-svwait -U -t 10000 ../queue'

/** start has qmail-start's interface and needs descriptor 3 itself; but a FIFO opens for writing as soon as somebody reads it. */
const sayReady = ['# ready when send listens to its trigger', "{ timeout 60 sh -c ': >queue/lock/trigger' && echo >&3; } &", 'exec 3>&-']
