/** The first two records of an envelope in todo/: who has queued it, and the facts that count (spec §14.3). */
import { believedFacts, checkedFacts, factsText, type Speaker } from '@yabumi/facts'
import { exitCode, step } from './exitcode.ts'

/** `u1000`, then `p457 v1 BODY=8BITMIME`, each ended by NUL. @param facts - as text */
export function topRecords(uid: number, number: string | number, facts: string): string {
  return `u${uid}\0p${number}${facts === '' ? '' : ` ${facts}`}\0`
}

/** @param facts - as text, as it came. @returns what of it counts. @throws QueueTrouble 91 for what are no facts */
export function believed(facts: string, speaker: Speaker): string {
  return step(exitCode.format, () => factsText(believedFacts(checkedFacts(facts), speaker)))
}
