/** The programs of a home: how each is started, and how it says that it is ready. */
import { readList } from '@yabumi/control'
import { readDefaultDelivery } from '@yabumi/dotfile'
import { endpointText, parseEndpoint } from '@yabumi/listener'

export interface Plan {
  /** What its log lines are marked with. */
  readonly name: string
  /** Program and arguments; the program's path is relative to the home. */
  readonly command: readonly [file: string, ...args: string[]]
  /** `descriptor`: a line end on descriptor 3. A pattern: the first matching line on descriptor 1. */
  readonly ready: 'descriptor' | RegExp
  /** Whether it serves anybody who connects, and so gets no more memory than serverDataMegabytes. */
  readonly isServer: boolean
}

export interface Wishes {
  readonly hostName: string
  /** Where to accept SMTP, POP3 and IMAP, as `ADDR:PORT`; none: that server does not run. */
  readonly smtp: readonly string[]
  /** smtpd's rules for clients, as its `--rules`; without, it looks for control/smtp.cdb. */
  readonly smtpRules: string | undefined
  /** Where people send mail, in clear at first and under TLS at once. */
  readonly submission: readonly string[]
  readonly submissions: readonly string[]
  readonly pop3: readonly string[]
  readonly imap: readonly string[]
  /** The same three, where TLS begins at once. */
  readonly smtps: readonly string[]
  readonly pop3s: readonly string[]
  readonly imaps: readonly string[]
  /** Where to hand out files. */
  readonly http: readonly string[]
  readonly https: readonly string[]
  /** In place of control/defaultdelivery. */
  readonly defaultDelivery: string | undefined
}

/** Writes queue/; everything else needs it. */
export const queuePlan: Plan = { name: 'queue', command: ['bin/queue', '--listen', '--ready-fd', '3'], ready: 'descriptor', isServer: true }

/** start becomes send, which logs on descriptor 1 and begins with a status line. */
export function sendPlan({ defaultDelivery }: Wishes): Plan {
  return { name: 'send', command: ['bin/start', defaultDelivery ?? readDefaultDelivery()], ready: /^status: /, isServer: false }
}

/** What runs programs once a day, where control/daily names some. It starts programs that may need more memory than a server. */
export function dailyPlans(): Plan[] {
  if (readList('daily') === undefined) return []
  return [{ name: 'daily', command: ['bin/daily', '--ready-fd', '3'], ready: 'descriptor', isServer: false }]
}

/** The servers that were asked for. */
export function serverPlans(wishes: Wishes): Plan[] {
  const { hostName, smtp, smtps, smtpRules, submission, submissions, pop3, pop3s, imap, imaps, http, https } = wishes
  const at = (option: string, addresses: readonly string[]) =>
    addresses.flatMap((address) => [option, endpointText(parseEndpoint(address))])
  const listen = (inClear: readonly string[], underTls: readonly string[]) => [...at('--listen', inClear), ...at('--listen-tls', underTls)]
  const readiness = ['--ready-fd', '3']
  const rules = smtpRules === undefined ? [] : ['--rules', smtpRules]
  const server = (name: string, ...command: Plan['command']): Plan => ({ name, command, ready: 'descriptor', isServer: true })
  const plans: Plan[] = []
  if (hearsMail(wishes)) plans.push(server('smtpd', 'bin/smtpd', ...listen(smtp, smtps), ...rules, ...readiness))
  if (takesSubmissions(wishes))
    plans.push(server('submission', 'bin/smtpd', ...listen(submission, submissions), '--submission', ...readiness))
  if (servesByPop(wishes))
    plans.push(server('popup', 'bin/popup', ...listen(pop3, pop3s), ...readiness, hostName, 'login', ...popServer(wishes)))
  if (servesByImap(wishes)) plans.push(server('imapd', 'bin/imapd', ...listen(imap, imaps), ...readiness, hostName, ...imapServer(wishes)))
  if (http.length + https.length > 0) plans.push(server('webfiles', 'bin/webfiles', ...listen(http, https), ...readiness))
  return plans
}

function hearsMail({ smtp, smtps }: Wishes): boolean {
  return smtp.length + smtps.length > 0
}

function takesSubmissions({ submission, submissions }: Wishes): boolean {
  return submission.length + submissions.length > 0
}

function servesByPop({ pop3, pop3s }: Wishes): boolean {
  return pop3.length + pop3s.length > 0
}

function servesByImap({ imap, imaps }: Wishes): boolean {
  return imap.length + imaps.length > 0
}

/** What serves a mailbox once its login is right: the one that deliveries go to. */
function popServer(wishes: Wishes): string[] {
  return ['bin/pop3d', ...deliveredTo(wishes)]
}

/** The same by IMAP; the front says the tag of the login besides. */
function imapServer(wishes: Wishes): string[] {
  return ['bin/imap', '--worker', ...deliveredTo(wishes)]
}

function deliveredTo({ defaultDelivery }: Wishes): string[] {
  return ['--delivered', ...(defaultDelivery === undefined ? [] : [defaultDelivery])]
}

/** What sessiond runs, with `+` between commands. */
function sessionCommands(wishes: Wishes): string[] {
  const imap = servesByImap(wishes) ? [...imapServer(wishes), '%'] : []
  if (imap.length > 0 && !servesByPop(wishes)) return imap
  return [...popServer(wishes), ...(imap.length > 0 ? ['+', ...imap] : [])]
}

/** Whom the servers ask: who knows which recipients do not exist, where mail is heard; who judges logins and starts sessions, where anybody can log in. */
export function askedPlans(wishes: Wishes): Plan[] {
  const recipients: Plan = { name: 'recipientd', command: ['bin/recipientd', '--ready-fd', '3'], ready: 'descriptor', isServer: true }
  const authd: Plan = { name: 'authd', command: ['bin/authd', '--ready-fd', '3'], ready: 'descriptor', isServer: true }
  const sessiond: Plan = {
    name: 'sessiond',
    command: ['bin/sessiond', '--ready-fd', '3', ...sessionCommands(wishes)],
    ready: 'descriptor',
    isServer: true,
  }
  const submits = takesSubmissions(wishes)
  // where there is no mailbox to serve sessiond still runs the administrator's checkers
  const logsIn = submits || servesByPop(wishes) || servesByImap(wishes)
  return [...(hearsMail(wishes) || submits ? [recipients] : []), ...(logsIn ? [authd, sessiond] : [])]
}

const passedOn = ['TZ', 'QMAILQUEUE', 'QMAILLOCAL', 'QMAILREMOTE']

/** What every program gets to see, and so every program of a .qmail file: no more than qmail-start's callers give. */
export function cleanEnvironment(home: string, own: NodeJS.ProcessEnv): Record<string, string> {
  const environment: Record<string, string> = { YABUMI_HOME: home, PATH: `${home}/bin:${own['PATH'] ?? '/usr/local/bin:/usr/bin:/bin'}` }
  for (const name of passedOn) {
    const value = own[name]
    if (value !== undefined) environment[name] = value
  }
  return environment
}
