/** The password file as it is now: read again when it is another one, and watched for entries that have changed. */
import { statSync } from 'node:fs'
import { type Entry, entryOf, loginOf, readPasswords, storeEntry } from '@yabumi/password'

export class Passwords {
  readonly #path: string
  readonly #changed: (login: string) => void
  #stamp = ''
  #lines = new Map<string, string>()
  #hasSecrets = false

  /** @param changed - called with each login whose entry is another one, or is gone */
  constructor(path: string, changed: (login: string) => void) {
    this.#path = path
    this.#changed = changed
  }

  /**
   * The entry of a login, and the line that it stands in: a line that differs is another password.
   *
   * @throws Trouble 4.3.0 if the file cannot be read
   */
  find(login: string): { entry: Entry; line: string } | undefined {
    this.look()
    const line = this.#lines.get(login)
    return line === undefined ? undefined : { entry: entryOf(line), line }
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

  /** Read the file if it has changed. @throws Trouble 4.3.0 */
  look(): void {
    const stats = statSync(this.#path, { throwIfNoEntry: false })
    const stamp = stats === undefined ? 'none' : `${stats.ino} ${stats.size} ${stats.mtimeMs} ${stats.ctimeMs}`
    if (stamp === this.#stamp) return
    const lines = new Map<string, string>()
    for (const line of readPasswords(this.#path)?.split('\n') ?? []) {
      const login = loginOf(line)
      if (login !== undefined && !lines.has(login)) lines.set(login, line)
    }
    const old = this.#lines
    this.#lines = lines
    this.#stamp = stamp
    this.#hasSecrets = [...lines.values()].some((line) => entryOf(line).secret !== undefined)
    for (const [login, line] of old) if (lines.get(login) !== line) this.#changed(login)
  }
}
