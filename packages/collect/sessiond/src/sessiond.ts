/** What sessiond does for authd: start the session of a login, or end all that a login has. */
import type { ChildProcess } from 'node:child_process'
import { closeSync, lstatSync } from 'node:fs'
import { resolve } from 'node:path'
import { startProgramAs } from '@yabumi/child'
import { byteEnvironment, complain } from '@yabumi/commandline'
import { hasAccounts, roles } from '@yabumi/home'
import { homeLooks, loginCallSeconds, sessionAnswerSeconds, sessionsOfWorker, sessionsPerLogin } from '@yabumi/limits'
import type { Conversation, LoginRecord } from '@yabumi/loginprotocol'
import { logSafe, Seldom } from '@yabumi/logline'
import { errorText, Trouble } from '@yabumi/trouble'
import { type Mailbox, mailboxOf, WatchedHomes } from '@yabumi/users'
import { commandFor, commandsIn } from './commands.ts'
import { foreignChecker, runChecker } from './foreign.ts'
import type { Logger } from './logger.ts'
import { type Serving, Session, servingBy } from './session.ts'
import { judgeToken } from './token.ts'
import { type Beginning, Workers } from './workers.ts'

/** Who wants a session. Byte strings; the secret is there where a checker of the administrator's shall judge it. */
interface Order {
  readonly login: string
  readonly secret: string | undefined
}

type Descriptors = readonly (number | 'ignore')[]
type Stdio = readonly [input: number, output: number, log: number | 'ignore']

/** The first argument of a program that serves many sessions. */
const worker = '--worker'

export class Sessions {
  readonly #commands: readonly (readonly string[])[]
  readonly #logger: Logger
  readonly #workers = new Workers()
  readonly #ofLogin = new Map<string, Set<Session>>()
  /** Who starts a process in a home that does not answer waits as long as that does, and all logins with us: so each is asked before. */
  readonly #homes = new WatchedHomes((line) => complain(`sessiond: ${line}`), {
    lookSeconds: sessionAnswerSeconds,
    looks: homeLooks,
    knownSeconds: 1,
  })
  readonly #seldom = new Seldom((line) => complain(`sessiond: ${line}`))

  /** @param words - the commands that sessions run, as commands.ts has them */
  constructor(words: readonly string[], logger: Logger) {
    this.#commands = commandsIn(words)
    this.#logger = logger
  }

  /** Answer one call of authd's. Never throws. */
  async answer(conversation: Conversation): Promise<void> {
    try {
      const [act, login = '', ...words] = (await conversation.record(loginCallSeconds)) ?? []
      if (act === 'session') await conversation.say(await this.#begin(conversation, { login, secret: undefined }, words))
      if (act === 'check') await conversation.say(await this.#begin(conversation, { login, secret: words.shift() ?? '' }, words))
      if (act === 'verify') await conversation.say(await this.#verify({ login, secret: words[0] ?? '' }))
      if (act === 'token') await conversation.say(await this.#judgeToken({ login, secret: words[0] ?? '' }))
      if (act !== 'end') return
      this.end(login)
      await conversation.say(['ended'])
    } catch (error) {
      if (!conversation.isOver || conversation.keepsStrange) complain(`sessiond: ${errorText(error)}`)
    }
  }

  /** End the sessions of a login, or all. */
  end(login?: string): void {
    for (const [each, sessions] of this.#ofLogin) if (login === undefined || each === login) for (const session of sessions) session.end()
  }

  /** Resolves when those that run now have ended. */
  async allEnded(): Promise<void> {
    await Promise.all([...this.#ofLogin.values()].flatMap((sessions) => [...sessions].map(({ ended }) => ended)))
  }

  /** Whether the administrator's checker lets somebody in, who then has no session. */
  async #verify(order: { readonly login: string; readonly secret: string }): Promise<LoginRecord> {
    try {
      const checker = foreignChecker('checkpassword')
      if (checker === undefined) throw new Trouble('4.3.0', 'control/checkpassword has just changed')
      const verdict = await runChecker(checker, order, ['true'], ['ignore', 'ignore', 'ignore']).verdict
      if (verdict === 'unknown') throw new Trouble('4.3.0', `${checker[0]} did not say whether the login is right`)
      return [verdict]
    } catch (error) {
      this.#seldom.say('verify', `${logSafe(order.login)}: ${errorText(error)}`)
      return ['trouble', 'the login cannot be checked']
    }
  }

  /** Whether the administrator's program knows the token as this login's. */
  async #judgeToken(order: { readonly login: string; readonly secret: string }): Promise<LoginRecord> {
    try {
      const checker = foreignChecker('oauth')
      if (checker === undefined) throw new Trouble('4.3.0', 'control/oauth has just changed')
      const verdict = await judgeToken(checker, order)
      if (verdict === 'unknown') throw new Trouble('4.3.0', `${checker[0]} did not say whether the token is right`)
      return [verdict]
    } catch (error) {
      this.#seldom.say('token', `${logSafe(order.login)}: ${errorText(error)}`)
      return ['trouble', 'the token cannot be checked']
    }
  }

  /** @returns the answer */
  async #begin(conversation: Conversation, order: Order, words: readonly string[]): Promise<LoginRecord> {
    const descriptors: number[] = []
    try {
      for (let n = 0; n < 2; n += 1) descriptors.push(await conversation.descriptor('socket'))
      const [connection = -1, front = -1] = descriptors
      const command = commandFor(words, this.#commands)
      if (command === undefined) {
        const run = this.#commands.map((each) => each.join(' ')).join(', or ')
        throw new Trouble('5.3.5', `sessions run ${run}, not ${logSafe(words.join(' '))}`)
      }
      const log = this.#logger.pipeFor(`session of ${logSafe(order.login)}`)
      if (log !== undefined) descriptors.push(log)
      return await this.#start(order, command, [connection, connection, log ?? 'ignore'], front)
    } catch (error) {
      const line = `${logSafe(order.login)}: ${errorText(error)}`
      this.#seldom.say(line, line)
      return ['trouble', 'the session cannot be started']
    } finally {
      for (const fd of descriptors) closeSync(fd)
    }
  }

  async #start(order: Order, command: readonly string[], stdio: Stdio, front: number): Promise<LoginRecord> {
    const checker = foreignChecker('checkpassword')
    if ((checker === undefined) !== (order.secret === undefined)) throw new Trouble('4.3.0', 'control/checkpassword has just changed')
    const session = new Session(front)
    let isRight = false
    try {
      isRight = await (checker === undefined
        ? this.#startAsUser(session, order, command, stdio)
        : this.#startByChecker(session, order, command, stdio, checker))
      return isRight ? ['session', String(session.pid)] : ['wrong']
    } finally {
      if (!isRight) session.end()
    }
  }

  /** @returns whether the login is somebody who has sessions. @throws what says why it was not started */
  async #startAsUser(session: Session, { login }: Order, command: readonly string[], stdio: Stdio): Promise<boolean> {
    const mailbox = await this.#mailboxOf(login)
    if (mailbox === undefined) return false
    this.#keep(login, session, command[1] === worker ? sessionsOfWorker : sessionsPerLogin)
    session.revive = (state, bytes, connection) => this.#revive(login, command, [state, bytes], connection)
    session.serveWith(await this.#serve(mailbox, command, stdio))
    return true
  }

  /** @returns as above. @throws Trouble 4.3.0 if the checker did not say so */
  async #startByChecker(
    session: Session,
    { login, secret = '' }: Order,
    [file = '', ...words]: readonly string[],
    stdio: Stdio,
    checker: readonly string[],
  ): Promise<boolean> {
    const args = words.filter((word, at) => at > 0 || word !== worker) // a checker starts a process a session
    const { child, verdict } = runChecker(checker, { login, secret }, [inHome(file), ...args], stdio)
    session.serveWith(servingBy(child))
    const judged = await verdict
    if (judged === 'unknown') throw new Trouble('4.3.0', `${checker[0]} did not say whether the login is right`)
    if (judged === 'right') this.#keep(login, session, sessionsPerLogin)
    return judged === 'right'
  }

  /** Have a session served again that rested: by the worker of the mailbox that its login has now. @throws what says why not */
  async #revive(login: string, command: readonly string[], left: readonly string[], connection: number): Promise<Serving> {
    const mailbox = await this.#mailboxOf(login)
    if (mailbox === undefined) throw new Trouble('4.3.0', 'has no sessions any more')
    const log = this.#logger.pipeFor(`session of ${logSafe(login)}`)
    try {
      return await this.#serve(mailbox, command, [connection, connection, log ?? 'ignore'], ['revive', ...left])
    } finally {
      if (log !== undefined) closeSync(log)
    }
  }

  /** @param beginning - of a worker's session, if it is not a new one. @throws the system's error if it could not be started; Trouble 4.3.0 */
  async #serve(mailbox: Mailbox, command: readonly string[], stdio: Stdio, beginning?: Beginning): Promise<Serving> {
    const [file = '', mode, ...args] = command
    if (mode !== worker) return servingBy(await started(run(mailbox, command, stdio)))
    const start = (control: number): Promise<ChildProcess> =>
      started(run(mailbox, [file, mode, ...args.slice(0, -1)], ['ignore', 'ignore', stdio[2], control]))
    return this.#workers.serve(
      `${mailbox.uid} ${mailbox.user} ${mailbox.home}`,
      start,
      beginning ?? ['session', args.at(-1) ?? ''],
      stdio[0],
    )
  }

  /** @param most - sessions of the login, this one included. @throws Trouble 4.3.2 if it has as many */
  #keep(login: string, session: Session, most: number): void {
    const sessions = this.#ofLogin.get(login) ?? new Set()
    if (sessions.size >= most) throw new Trouble('4.3.2', `has ${most} sessions, and no more at once`)
    this.#ofLogin.set(login, sessions.add(session))
    void session.ended.then(() => {
      sessions.delete(session)
      if (sessions.size === 0) this.#ofLogin.delete(login)
    })
  }

  /** @returns undefined for somebody who has no sessions, whoever says that the login is right */
  async #mailboxOf(login: string): Promise<Mailbox | undefined> {
    const mailbox = await mailboxOf(login, '.', this.#homes)
    if (mailbox === undefined) {
      throw new Trouble(
        '4.3.0',
        'has a password but no mailbox: neither users/cdb has that name, nor an account of the system with a home of its own',
      )
    }
    const own = process.getuid?.()
    if (own !== 0 && mailbox.uid !== own)
      throw new Trouble('4.3.0', `has another uid (${mailbox.uid}) than this process, which is not root`)
    if (mailbox.uid !== 0 && !isAccountHere(mailbox.uid)) {
      await this.#homes.ownerOf(mailbox.home)
      return mailbox
    }
    complain(`sessiond: ${logSafe(login)}: is ${mailbox.uid === 0 ? 'root' : 'an account of this system'}, who has no mailbox`)
    return undefined
  }
}

function run(
  { user: USER, uid, gid, groups, home: HOME, shell: SHELL }: Mailbox,
  command: readonly string[],
  stdio: Descriptors,
): ChildProcess {
  const [file = '', ...args] = command
  const env = [...byteEnvironment(), ...Object.entries({ USER, HOME, SHELL })]
  const rights = process.getuid?.() === 0 ? { uid, gid, groups } : undefined
  const cwd = Buffer.from(HOME, 'latin1').toString('utf8')
  return startProgramAs({ file: inHome(file), args, env }, rights, { stdio: [...stdio], cwd })
}

/** Whether the home has this account for work of its own. */
function isAccountHere(uid: number): boolean {
  return hasAccounts('.') && roles.some((role) => lstatSync(`accounts/${role}`, { throwIfNoEntry: false })?.uid === uid)
}

/** A program with a slash is one of the home, not of the user's. */
function inHome(file: string): string {
  return file.includes('/') ? resolve(file) : file
}

/** @throws the system's error if it could not be started */
async function started(child: ChildProcess): Promise<ChildProcess> {
  if (child.pid === undefined) await new Promise((_, reject) => child.once('error', reject))
  return child
}
