/**
 * Scripts of IMAP as Apache James has them: lines that clients send, and regular expressions of lines that come back, in
 * any case.
 */
import { readFileSync } from 'node:fs'
import { Dialogue, oneLine } from './dialogue.ts'

/** What session `s` sends; or its next line; or its next lines in any order; or a pause, which needs none here. */
interface Step {
  readonly s?: number
  readonly send?: readonly string[]
  readonly line?: string
  readonly any?: readonly string[]
}

export interface Script {
  readonly name: string
  readonly preamble: 'none' | 'auth' | 'inbox' | 'selected'
  readonly steps: readonly Step[]
}

/** The scripts of a file that Dovecot passes as well: the others want James's order and spelling. */
export function scriptsOf(file: string): Script[] {
  const { fixtures } = JSON.parse(readFileSync(file, 'utf8')) as { fixtures: (Script & { dovecot: string })[] }
  return fixtures.filter(({ dovecot }) => dovecot === 'passes')
}

class Client {
  readonly #dialogue: Dialogue
  #lines: string[] = []

  constructor(dialogue: Dialogue) {
    this.#dialogue = dialogue
  }

  /** Lines with their ends. */
  async send(lines: readonly string[]): Promise<void> {
    await this.#dialogue.send(Buffer.from(lines.map((line) => `${line}\r\n`).join(''), 'latin1'))
  }

  /** @returns the next line, or nothing when the other side has hung up */
  async line(): Promise<string> {
    if (this.#lines.length === 0) this.#lines = (await this.#dialogue.hear(oneLine)).split('\r\n').slice(0, -1)
    return this.#lines.shift() ?? ''
  }

  /** A command, and everything up to its answer. */
  async do(command: string): Promise<void> {
    await this.send([`preamble ${command}`])
    while (!/^(preamble |$)/.test(await this.line()));
  }

  close(): void {
    this.#dialogue.close()
  }
}

/** @returns what was wrong; undefined if everything came as it should */
export async function playScript(port: number, user: string, { preamble, steps }: Script): Promise<string | undefined> {
  const clients = new Map<number, Client>()
  try {
    for (const [at, { s = 1, send, line, any }] of steps.entries()) {
      const client = clients.get(s) ?? (await begin(port, user, preamble))
      clients.set(s, client)
      if (send !== undefined) await client.send(send)
      const wanted = any === undefined ? (line === undefined ? [] : [line]) : [...any]
      while (wanted.length > 0) {
        const heard = await client.line()
        const found = wanted.findIndex((pattern) => new RegExp(`^(?:${pattern})$`, 'i').test(heard))
        if (found < 0) return `#${at}: expected ${wanted.join(' or ')}, got: ${heard}`
        wanted.splice(found, 1)
      }
    }
    return undefined
  } finally {
    for (const client of clients.values()) client.close()
  }
}

async function begin(port: number, user: string, preamble: Script['preamble']): Promise<Client> {
  const client = new Client(await Dialogue.open(port, oneLine))
  if (preamble !== 'none') await client.do(`LOGIN ${user} pass`)
  if (preamble === 'selected') await client.do('CREATE selected')
  if (preamble === 'selected' || preamble === 'inbox') await client.do(`SELECT ${preamble}`)
  return client
}
