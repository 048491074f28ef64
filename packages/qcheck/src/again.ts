/**
 * The later looks: what was only in motion is not seen again.
 *
 * Directories are listed one after the other while programs work, so a message that moved meanwhile seems to be in no state.
 * Looked at by itself, with nothing in between, it is in one. A finding counts if every look has it.
 */
import { lstatSync } from 'node:fs'
import type { MessageId } from '@yabumi/queuedir'
import { type Finding, keyOf } from './finding.ts'
import { type Circumstances, checkMessage, presenceOf } from './message.ts'
import { checkPlaces } from './places.ts'

const looks = 2
const pauseMilliseconds = 250

/** Those of the findings that last. */
export async function lasting(findings: readonly Finding[], circumstances: Circumstances): Promise<Finding[]> {
  let left = [...findings]
  for (let look = 0; look < looks && left.length > 0; look += 1) {
    await new Promise((resolve) => setTimeout(resolve, pauseMilliseconds))
    left = lookAgain(left, circumstances)
  }
  return left
}

/** Those of the findings that hold at this moment. */
export function lookAgain(findings: readonly Finding[], circumstances: Circumstances): Finding[] {
  const messages = new Map<MessageId, Set<string>>()
  let places: Set<string> | undefined
  function holds(finding: Finding): boolean {
    const { kind, id, path } = finding
    if (kind === 'wrong-split' || kind === 'stray-file') return lstatSync(path, { throwIfNoEntry: false }) !== undefined
    if (id === undefined) {
      places ??= new Set(checkPlaces(circumstances.accounts).map(keyOf))
      return places.has(keyOf(finding))
    }
    let keys = messages.get(id)
    if (keys === undefined) {
      keys = new Set(checkMessage(id, presenceOf(id), circumstances).map(keyOf))
      messages.set(id, keys)
    }
    return keys.has(keyOf(finding))
  }
  return findings.filter(holds)
}
