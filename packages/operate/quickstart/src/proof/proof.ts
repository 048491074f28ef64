/**
 * The proof that mail goes out and comes back: submission, signatures, TLS both ways, mailbox, POP3.
 *
 * It runs in copies (homes.ts), so that the keys may sign before the DNS has them. What comes back lies in the real
 * mailbox.
 */
import type { ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { setTimeout as rest } from 'node:timers/promises'
import { Trouble } from '@yabumi/trouble'
import { farDomain, makeHomes, type ScratchHome } from './homes.ts'
import { fetchMessage, type Login, submit } from './reader.ts'

const patienceSeconds = 60
const pauseMilliseconds = 500

/**
 * @param home - absolute path
 * @param address - a mailbox of it
 * @param keeps - whether the message stays there
 * @returns what was seen, a line each
 * @throws Trouble 4.3.0 that says what was not
 */
export async function prove(home: string, address: string, keeps: boolean): Promise<string[]> {
  const domain = address.slice(address.lastIndexOf('@') + 1)
  const login: Login = { address, secret: randomUUID() } // for the copy: nobody need know the real one
  const { ours, far, remove } = await makeHomes(home, address)
  const running: Running[] = []
  try {
    await ours.programs.run('setpassword', [address], `${login.secret}\n`)
    const selectors = await activateKeys(ours, domain)
    const zone = `${ours.path}/zone`
    writeFileSync(zone, JSON.stringify(textRecords(await ours.programs.run('dnsadvice', [domain]))))
    for (const each of [ours, far]) running.push(await Running.start(each))
    const id = `<${randomUUID()}@${domain}>`
    await submit(portOf(ours, 'submissions'), login, `you@${farDomain}`, messageOf(login.address, id))
    const message = await comeBack(portOf(ours, 'pop3s'), { ...login, id, keeps }, running)
    return [...viaTls(message), await signed(ours, zone, message, selectors)]
  } finally {
    await Promise.all(running.map((each) => each.stop()))
    remove()
  }
}

/** The TXT records of a zone's lines, as authcheck --zone takes them. */
function textRecords(lines: string): Record<string, { type: 'TXT'; data: string[] }[]> {
  const records = [...lines.matchAll(/^(\S+)\. IN TXT (.*)$/gm)]
  return Object.fromEntries(
    records.map(([, name = '', value = '']) => [
      name,
      [{ type: 'TXT', data: [...value.matchAll(/"([^"]*)"/g)].map(([, part = '']) => part) }],
    ]),
  )
}

/** In the copy only: the real keys sign once dkimkey check has seen them in the DNS. @returns how many there are */
async function activateKeys({ programs }: ScratchHome, domain: string): Promise<number> {
  const selectors = (await programs.run('dkimkey', ['list', domain])).split('\n').flatMap((line) => line.split(' ')[1] ?? [])
  for (const selector of selectors) await programs.run('dkimkey', ['activate', '--force', domain, selector])
  return selectors.length
}

function messageOf(address: string, id: string): string {
  const lines = [
    `From: ${address}`,
    `To: you@${farDomain}`,
    'Subject: Your first message: out and back',
    `Message-ID: ${id}`,
    `Date: ${new Date().toUTCString().replace('GMT', '+0000')}`,
    '',
    'This message was sent with a login, signed with the keys of your domain,',
    'carried over TLS to another host and back, and laid into your mailbox.',
  ]
  return lines.map((line) => `${line}\r\n`).join('')
}

async function comeBack(port: number, wanted: Login & { id: string; keeps: boolean }, running: readonly Running[]): Promise<string> {
  const deadline = Date.now() + 1000 * patienceSeconds
  while (Date.now() < deadline) {
    const message = await fetchMessage(port, wanted, wanted.id, wanted.keeps)
    if (message !== undefined) return message
    await rest(pauseMilliseconds)
  }
  throw new Trouble('4.3.0', `the message did not come back; the logs: ${running.map((each) => each.lastLines).join(' / ')}`)
}

/** One of three ways: to us with a login, to the far end, and back to us. */
function viaTls(message: string): string[] {
  const ways = [...message.matchAll(/\bwith (E?SMTP\w*)/g)].map(([, word]) => word)
  if (ways.length !== 3 || ways[2] !== 'ESMTPSA' || ways[1] !== 'ESMTPS' || ways[0] !== 'ESMTPS')
    throw new Trouble('4.3.0', `the message came by ${ways.join(', ') || 'no connection at all'}, and not by TLS each time`)
  return ['sent with a login, carried out and back over TLS, fetched by POP3 over TLS']
}

async function signed({ programs }: ScratchHome, zone: string, message: string, keys: number): Promise<string> {
  const answer = JSON.parse(await programs.run('authcheck', ['--json', '--zone', zone], message)) as {
    dkim: { result: string; algorithm: string }[]
  }
  const good = answer.dkim.filter(({ result }) => result === 'pass')
  if (keys === 0 || good.length !== keys)
    throw new Trouble(
      '4.3.0',
      `${good.length} of ${keys} signatures are good: ${answer.dkim.map(({ result, algorithm }) => `${algorithm} ${result}`).join(', ') || 'none there'}`,
    )
  return `signed: ${good.map(({ algorithm }) => algorithm).join(', ')}; each is verified`
}

function portOf({ ports }: ScratchHome, name: string): number {
  return ports[name] ?? 0
}

/** A home that runs. */
class Running {
  readonly #child: ChildProcess
  readonly #gone: Promise<unknown>
  #log = ''

  private constructor(child: ChildProcess) {
    this.#child = child
    this.#gone = new Promise((resolve) => child.once('close', resolve).once('error', resolve))
    child.stderr?.setEncoding('latin1').on('data', (piece: string) => {
      this.#log = `${this.#log}${piece}`.slice(-2000)
    })
  }

  /** @throws Trouble 4.3.0 with the end of its log */
  static async start({ programs, ports }: ScratchHome): Promise<Running> {
    const listeners = Object.entries(ports).flatMap(([name, port]) => [`--${name}`, `127.0.0.1:${port}`])
    const running = new Running(programs.start('supervise', ['--ready-fd', '3', ...listeners]))
    const ready = new Promise<boolean>((resolve) => running.#child.stdio[3]?.once('data', () => resolve(true)))
    if (!(await Promise.race([ready, running.#gone.then(() => false)])))
      throw new Trouble('4.3.0', `supervise of the proof ends: ${running.lastLines}`)
    return running
  }

  get lastLines(): string {
    return this.#log.trim().split('\n').slice(-5).join('; ')
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM')
    await this.#gone
  }
}
