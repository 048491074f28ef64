/** The password file as it is now: read again when it is another one, and watched for entries that have changed. */
import { statSync } from 'node:fs'
import { scramIterations } from '@yabumi/limits'
import { type Entry, entryOf, lineOf, loginOf, readPasswords, removeEntries, storeEntry, storeVerifier } from '@yabumi/password'
import { parseVerifier, type ScramVerifier } from '@yabumi/sasl'

export class Passwords {
  readonly #path: string
  readonly #changed: (login: string) => void
  #stamp = ''
  /** Without the verifiers. */
  #lines = new Map<string, string>()
  #verifiers = new Map<string, ScramVerifier>()
  #hasSecrets = false

  /** @param changed - called with each login whose password is another one, or is gone */
  constructor(path: string, changed: (login: string) => void) {
    this.#path = path
    this.#changed = changed
  }

  /**
   * The entry of a login, and the line that it stands in, without what is for SCRAM: a line that differs is another password.
   *
   * @throws Trouble 4.3.0 if the file cannot be read
   */
  find(login: string): { entry: Entry; line: string } | undefined {
    this.look()
    const line = this.#lines.get(login)
    return line === undefined ? undefined : { entry: entryOf(line), line }
  }

  /** What SCRAM needs of a login; one that asks for more rounds than some clients are willing to do is none. @throws Trouble 4.3.0 */
  verifierOf(login: string): ScramVerifier | undefined {
    this.look()
    return this.#verifiers.get(login)
  }

  /** Logins that have none. @throws Trouble 4.3.0 */
  get withoutVerifier(): string[] {
    this.look()
    return [...this.#lines.keys()].filter((login) => !this.#verifiers.has(login))
  }

  /** Differs when the file does. @throws Trouble 4.3.0 */
  get stamp(): string {
    this.look()
    return this.#stamp
  }

  /** Whether any login has a secret for APOP. @throws Trouble 4.3.0 */
  get haveSecrets(): boolean {
    this.look()
    return this.#hasSecrets
  }

  /** Store an entry; it is on the disk when this returns. @throws Trouble 4.3.0 */
  async store(login: string, entry: Entry): Promise<void> {
    this.look()
    await storeEntry(this.#path, login, entry)
    this.look()
  }

  /** Add what SCRAM needs, as storeVerifier() does. @throws Trouble 4.3.0 */
  async storeVerifier(login: string, hash: string, verifier: string): Promise<void> {
    await storeVerifier(this.#path, login, hash, verifier)
  }

  /** Take a login away, and those that are below it: `LOGIN/...`. @throws Trouble 4.3.0 */
  async remove(login: string): Promise<void> {
    this.look()
    await removeEntries(this.#path, (each) => each === login || each.startsWith(`${login}/`))
    this.look()
  }

  /** Read the file if it has changed. @throws Trouble 4.3.0 */
  look(): void {
    const stats = statSync(this.#path, { throwIfNoEntry: false })
    const stamp = stats === undefined ? 'none' : `${stats.ino} ${stats.size} ${stats.mtimeMs} ${stats.ctimeMs}`
    if (stamp === this.#stamp) return
    const lines = new Map<string, string>()
    const verifiers = new Map<string, ScramVerifier>()
    for (const text of readPasswords(this.#path)?.split('\n') ?? []) {
      const login = loginOf(text)
      if (login === undefined || lines.has(login)) continue
      const { hash, secret, verifier } = entryOf(text)
      lines.set(login, lineOf(login, { hash, secret }))
      const parsed = verifier === undefined ? undefined : parseVerifier(verifier)
      if (parsed !== undefined && parsed.iterations <= scramIterations) verifiers.set(login, parsed)
    }
    const old = this.#lines
    this.#lines = lines
    this.#verifiers = verifiers
    this.#stamp = stamp
    this.#hasSecrets = [...lines.values()].some((line) => entryOf(line).secret !== undefined)
    for (const [login, line] of old) if (lines.get(login) !== line) this.#changed(login)
  }
}
