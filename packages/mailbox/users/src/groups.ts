/**
 * Whether a group is one account's alone. It asks /etc/passwd and /etc/group, read again when they change. Then it
 * asks, through getent(1), whatever else the name service is configured to ask.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { namesOtherServices, parseLine } from './accounts.ts'

/** Which files to read; other ones in tests only. */
export interface GroupFiles {
  readonly passwd: string
  readonly group: string
  readonly nsswitch: string
}

interface Group {
  readonly name: string
  readonly gid: number
  readonly members: readonly string[]
}

const answerMilliseconds = 60_000 // how long an answer is believed that other services had a part in
const askMilliseconds = 10_000

export class Groups {
  readonly #files: GroupFiles
  #stamp = ''
  #until = 0
  readonly #answers = new Map<string, boolean>()

  constructor(files: GroupFiles = { passwd: '/etc/passwd', group: '/etc/group', nsswitch: '/etc/nsswitch.conf' }) {
    this.#files = files
  }

  /**
   * Whether nobody but one account, and root, is in a group: none has it as its own, and it has no members. Where not all accounts can be listed, the
   * group must have the account's name as well.
   *
   * @param user - the account's name
   * @returns false also where that cannot be said
   */
  isPrivate(gid: number, user: string, uid: number): boolean {
    try {
      this.#refresh()
      const key = `${gid} ${uid} ${user}`
      let answer = this.#answers.get(key)
      if (answer === undefined) {
        answer = this.#look(gid, user, uid)
        this.#answers.set(key, answer)
      }
      return answer
    } catch {
      return false
    }
  }

  /** The name of a group, or its number. */
  nameOf(gid: number): string {
    try {
      return groupsIn(this.#files.group).find((group) => group.gid === gid)?.name ?? String(gid)
    } catch {
      return String(gid)
    }
  }

  #refresh(): void {
    const stamp = [this.#files.passwd, this.#files.group].map(stampOf).join(' ')
    if (stamp === this.#stamp && performance.now() < this.#until) return
    this.#answers.clear()
    this.#stamp = stamp
    this.#until = performance.now() + answerMilliseconds
  }

  #look(gid: number, user: string, uid: number): boolean {
    const names = new Set([user])
    for (const line of readFileSync(this.#files.passwd, 'latin1').split('\n')) {
      const account = parseLine(line)
      if (account?.uid === uid) names.add(account.name)
      else if (account?.gid === gid && account.uid !== 0) return false
    }
    const own = groupsIn(this.#files.group).filter((group) => group.gid === gid)
    const listsAll = !(['passwd', 'group'] as const).some((database) => namesOtherServices(this.#files.nsswitch, database))
    const all = listsAll ? own : [...own, ...ask(gid)]
    return (listsAll || all.some(({ name }) => name === user)) && all.every(({ members }) => members.every((member) => names.has(member)))
  }
}

function stampOf(path: string): string {
  const { ino, mtimeMs, ctimeMs, size } = statSync(path)
  return `${ino} ${mtimeMs} ${ctimeMs} ${size}`
}

function groupsIn(path: string): Group[] {
  return parseGroups(readFileSync(path, 'latin1'))
}

/** The groups of a group(5) text. Lines that are none are passed over. */
function parseGroups(text: string): Group[] {
  return text.split('\n').flatMap((line) => {
    const [name, , gid, members] = line.split(':')
    if (name === undefined || name === '' || members === undefined || !/^[0-9]+$/.test(gid ?? '')) return []
    return [{ name, gid: Number(gid), members: members.split(',').filter((member) => member !== '' && member !== 'root') }]
  })
}

/** @throws if there is no such group, or no answer */
function ask(gid: number): Group[] {
  const stdio: ('ignore' | 'pipe')[] = ['ignore', 'pipe', 'ignore']
  return parseGroups(execFileSync('getent', ['group', String(gid)], { timeout: askMilliseconds, encoding: 'latin1', stdio }))
}
