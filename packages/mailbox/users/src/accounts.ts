/**
 * The accounts of the system by name. First comes /etc/passwd, parsed when it changes. Then, through getent(1), comes
 * whatever else the name service is configured to ask (LDAP and the like).
 */
import { execFile } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { errnoOf } from '@yabumi/trouble'
import { LookupTrouble } from './trouble.ts'

/** One account. Strings are byte strings. */
export interface SystemAccount {
  readonly name: string
  readonly uid: number
  readonly gid: number
  readonly home: string
  readonly shell: string
}

/** Which files to read; other ones in tests only. */
export interface AccountFiles {
  readonly passwd: string
  readonly nsswitch: string
}

const answerSeconds = 5 // how long an answer of the name service is believed: a burst of mail asks once
const ownServices = new Set(['files', 'compat', 'systemd']) // what /etc/passwd itself answers, and accounts without mail

export class Accounts {
  readonly #files: AccountFiles
  #stamp = ''
  #byName = new Map<string, SystemAccount>()
  #asksOthers: boolean | undefined
  readonly #answers = new Map<string, { readonly until: number; readonly account: Promise<SystemAccount | undefined> }>()

  constructor(files: AccountFiles = { passwd: '/etc/passwd', nsswitch: '/etc/nsswitch.conf' }) {
    this.#files = files
  }

  /**
   * The account of exactly this name, or undefined if there is none.
   *
   * @throws LookupTrouble 118 if that cannot be said now
   */
  async find(name: string): Promise<SystemAccount | undefined> {
    this.#refresh()
    const account = this.#byName.get(name)
    if (account !== undefined || !this.#othersMayKnow(name)) return account
    const now = performance.now()
    const known = this.#answers.get(name)
    if (known !== undefined && known.until > now) return known.account
    for (const [old, { until }] of this.#answers) if (until <= now) this.#answers.delete(old)
    const asked = askNameService(name)
    this.#answers.set(name, { until: now + answerSeconds * 1000, account: asked })
    return asked
  }

  /**
   * The further groups of an account, as login(1) would give them (getgrouplist(3), by id(1)).
   *
   * @throws LookupTrouble 118 if that cannot be said now
   */
  async groupsOf({ name, gid }: SystemAccount): Promise<number[]> {
    const listed = await new Promise<string>((resolve, reject) => {
      execFile('id', ['-G', '--', name], { timeout: askMilliseconds, encoding: 'latin1' }, (cause, output) => {
        if (cause === null) resolve(output)
        else reject(new LookupTrouble(118, { cause }))
      })
    })
    return (listed.match(/\d+/g) ?? []).map(Number).filter((group) => group !== gid)
  }

  /**
   * The account of exactly this name in /etc/passwd, whoever else may know it; nobody is waited for.
   *
   * @throws LookupTrouble 118 if that cannot be said now
   */
  findInFile(name: string): SystemAccount | undefined {
    this.#refresh()
    return this.#byName.get(name)
  }

  #refresh(): void {
    try {
      const { ino, mtimeMs, ctimeMs, size } = statSync(this.#files.passwd)
      const stamp = `${ino} ${mtimeMs} ${ctimeMs} ${size}`
      if (stamp === this.#stamp) return
      this.#byName = parsePasswd(readFileSync(this.#files.passwd).toString('latin1'))
      this.#stamp = stamp
    } catch (cause) {
      throw new LookupTrouble(118, { cause })
    }
  }

  #othersMayKnow(name: string): boolean {
    if (!/^[A-Za-z0-9_][A-Za-z0-9_.@$-]*$/.test(name)) return false
    this.#asksOthers ??= namesOtherServices(this.#files.nsswitch, 'passwd')
    return this.#asksOthers
  }
}

/** The accounts of a passwd(5) text; the first of a name counts, lines that are none are passed over. */
function parsePasswd(text: string): Map<string, SystemAccount> {
  const accounts = new Map<string, SystemAccount>()
  for (const line of text.split('\n')) {
    const account = parseLine(line)
    if (account !== undefined && !accounts.has(account.name)) accounts.set(account.name, account)
  }
  return accounts
}

/** One line of a passwd(5) text; undefined if it is none. */
export function parseLine(line: string): SystemAccount | undefined {
  const [name, , uid, gid, , home, shell] = line.split(':')
  if (name === undefined || name === '' || home === undefined) return undefined
  if (!/^[0-9]+$/.test(uid ?? '') || !/^[0-9]+$/.test(gid ?? '')) return undefined
  return { name, uid: Number(uid), gid: Number(gid), home, shell: shell ?? '' }
}

/** Whether nsswitch.conf(5) has a service for passwd, or group, that the file in /etc does not answer for. @throws LookupTrouble 118 */
export function namesOtherServices(path: string, database: 'passwd' | 'group'): boolean {
  let text: string
  try {
    text = readFileSync(path, 'latin1')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false
    throw new LookupTrouble(118, { cause: error })
  }
  const services = new RegExp(`^[ \\t]*${database}:([^\\n#]*)`, 'm').exec(text)?.[1]?.replace(/\[[^[\]]*\]/g, ' ') ?? ''
  return services.split(/\s+/).some((service) => service !== '' && !ownServices.has(service))
}

const askMilliseconds = 30_000
const unknownName = 2 // getent(1): no such key

function askNameService(name: string): Promise<SystemAccount | undefined> {
  return new Promise((resolve, reject) => {
    execFile('getent', ['passwd', name], { timeout: askMilliseconds, encoding: 'latin1' }, (error, output) => {
      if (error === null) resolve(parseLine(output.split('\n', 1)[0] as string))
      else if (error.code === unknownName) resolve(undefined)
      else reject(new LookupTrouble(118, { cause: error }))
    })
  })
}
