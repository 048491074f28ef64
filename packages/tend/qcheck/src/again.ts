/**
 * The later looks: what was only in motion is not seen again.
 *
 * Directories are listed one after the other while programs work, so a message that moved meanwhile seems to be in no
 * state. Looked at by itself, with nothing in between, it is in one. A finding counts if every look has it.
 */
import { lstatSync } from 'node:fs'
import { asAccount } from '@yabumi/home'
import type { MessageId } from '@yabumi/queuedir'
import { envelopes } from './envelopes.ts'
import { type Finding, keyOf } from './finding.ts'
import { checkMessage, presenceOf, type Shared } from './message.ts'
import { type Accounts, checkPlaces, ownerOfDirectory } from './places.ts'

const looks = 2
const pauseMilliseconds = 250

/** Those of the findings that last. */
export async function lasting(findings: readonly Finding[], shared: Shared): Promise<Finding[]> {
  let left = [...findings]
  for (let look = 0; look < looks && left.length > 0; look += 1) {
    await new Promise((resolve) => setTimeout(resolve, pauseMilliseconds))
    left = lookAgain(left, shared)
  }
  return left
}

/** Those of the findings that hold at this moment. */
export function lookAgain(findings: readonly Finding[], shared: Shared): Finding[] {
  const { accounts } = shared
  const places = findings.some(isOfPlace) ? new Set(checkPlaces(accounts).map(keyOf)) : undefined
  const envelopeOf = envelopes(accounts.queue, findings.length)
  const messages = new Map<MessageId, Set<string>>()
  function holds(finding: Finding): boolean {
    const { kind, id, path } = finding
    if (isOfPlace(finding)) return places?.has(keyOf(finding)) === true
    if (id === undefined || kind === 'wrong-split') return isThere(path, accounts)
    let keys = messages.get(id)
    if (keys === undefined) {
      keys = new Set(checkMessage(id, presenceOf(id, envelopeOf), envelopeOf, shared).map(keyOf))
      messages.set(id, keys)
    }
    return keys.has(keyOf(finding))
  }
  return asAccount(accounts.send, () => findings.filter(holds))
}

function isOfPlace({ kind, id }: Finding): boolean {
  return id === undefined && kind !== 'wrong-split' && kind !== 'stray-file'
}

function isThere(path: string, accounts: Accounts): boolean {
  return asAccount(ownerOfDirectory(path, accounts), () => lstatSync(path, { throwIfNoEntry: false }) !== undefined)
}
