/** The programs of a home: how each is started, and how it says that it is ready. */
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
  /** Where to accept SMTP and POP3, as `ADDR:PORT`; none: that server does not run. */
  readonly smtp: readonly string[]
  /** smtpd's rules for clients, as its `--rules`; without, it looks for control/smtp.cdb. */
  readonly smtpRules: string | undefined
  /** Where people send mail, in clear at first and under TLS at once. */
  readonly submission: readonly string[]
  readonly submissions: readonly string[]
  readonly pop3: readonly string[]
  /** In place of control/defaultdelivery. */
  readonly defaultDelivery: string | undefined
}

/** Writes queue/; everything else needs it. */
export const queuePlan: Plan = { name: 'queue', command: ['bin/queue', '--listen', '--ready-fd', '3'], ready: 'descriptor', isServer: true }

/** start becomes send, which logs on descriptor 1 and begins with a status line. */
export function sendPlan({ defaultDelivery }: Wishes): Plan {
  return { name: 'send', command: ['bin/start', defaultDelivery ?? readDefaultDelivery()], ready: /^status: /, isServer: false }
}

/** The servers that were asked for. */
export function serverPlans(wishes: Wishes): Plan[] {
  const { hostName, smtp, smtpRules, pop3, submission, submissions } = wishes
  const at = (option: string, addresses: readonly string[]) =>
    addresses.flatMap((address) => [option, endpointText(parseEndpoint(address))])
  const listen = (addresses: readonly string[]) => at('--listen', addresses)
  const readiness = ['--ready-fd', '3']
  const rules = smtpRules === undefined ? [] : ['--rules', smtpRules]
  const plans: Plan[] = []
  if (smtp.length > 0)
    plans.push({ name: 'smtpd', command: ['bin/smtpd', ...listen(smtp), ...rules, ...readiness], ready: 'descriptor', isServer: true })
  if (takesSubmissions(wishes)) {
    const doors = [...listen(submission), ...at('--listen-tls', submissions)]
    plans.push({ name: 'submission', command: ['bin/smtpd', ...doors, '--submission', ...readiness], ready: 'descriptor', isServer: true })
  }
  if (pop3.length > 0) {
    const behind = [hostName, 'login', ...mailboxServer(wishes)]
    plans.push({ name: 'popup', command: ['bin/popup', ...listen(pop3), ...readiness, ...behind], ready: 'descriptor', isServer: true })
  }
  return plans
}

function takesSubmissions({ submission, submissions }: Wishes): boolean {
  return submission.length + submissions.length > 0
}

/** What serves a mailbox once its login is right: the one that deliveries go to. */
function mailboxServer({ defaultDelivery }: Wishes): string[] {
  return ['bin/pop3d', '--delivered', ...(defaultDelivery === undefined ? [] : [defaultDelivery])]
}

/** Whom the servers ask: who knows which recipients do not exist, where mail is heard; who judges logins and starts sessions, where anybody can log in. */
export function askedPlans(wishes: Wishes): Plan[] {
  const recipients: Plan = { name: 'recipientd', command: ['bin/recipientd', '--ready-fd', '3'], ready: 'descriptor', isServer: true }
  const authd: Plan = { name: 'authd', command: ['bin/authd', '--ready-fd', '3'], ready: 'descriptor', isServer: true }
  const submits = takesSubmissions(wishes)
  const ofMail = wishes.smtp.length === 0 && !submits ? [] : [recipients]
  if (wishes.pop3.length === 0) return submits ? [...ofMail, authd] : ofMail
  return [
    ...ofMail,
    authd,
    { name: 'sessiond', command: ['bin/sessiond', '--ready-fd', '3', ...mailboxServer(wishes)], ready: 'descriptor', isServer: true },
  ]
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
