/** What the sender hears of a recipient (RFC 3461 §4.1, §5.2), beside the report of the delivery. */
import { doubleBounceSender } from '@yabumi/address'
import type { Facts } from '@yabumi/facts'
import type { ChannelName } from '@yabumi/retrytimes'
import { successUntold } from '@yabumi/spawnprotocol'
import type { Controls } from '../controls.ts'
import { actionMark, originalRecipientMark } from './status.ts'
import { adviceFor } from './words.ts'

/** A delivery that is over for good. */
export interface Ended {
  readonly verdict: 'success' | 'failure'
  /** Of the spawn program, without its letter. */
  readonly report: string
  readonly channel: ChannelName
  readonly sender: string
  /** Of the delivery. */
  readonly facts: Facts
}

/** @returns what goes into bounce/N; undefined if the sender does not hear of it */
export function toldOf({ verdict, report, channel, sender, facts }: Ended, controls: Controls): string | undefined {
  const { bounceFormat, bounceLanguages, tellsSuccess } = controls
  const recipient = facts.recipients.get(0)
  const notify = recipient?.get('NOTIFY')
  const isPlain = bounceFormat === 'qsbmf'
  const original = recipient?.get('ORCPT')
  const also = original === undefined ? [] : [originalRecipientMark + original]
  if (verdict === 'failure') {
    if (notify !== undefined && !notify.includes('FAILURE')) return undefined
    return isPlain ? report : withLines(report, [...adviceFor(report, bounceLanguages), ...also])
  }
  if (isPlain || !tellsSuccess || sender === '' || sender === doubleBounceSender || !asksForSuccess(facts)) return undefined
  // a host that takes requests for reports tells the sender itself
  if (channel === 'remote' && !report.includes(successUntold)) return undefined
  return withLines(report, [`${actionMark}${channel === 'remote' ? 'relayed' : 'delivered'}`, ...also])
}

/** Whether the sender wants to hear that the only recipient of these facts was reached. */
export function asksForSuccess({ recipients }: Facts): boolean {
  return recipients.get(0)?.get('NOTIFY')?.includes('SUCCESS') === true
}

/** Lines of a report that look like ours are moved by a blank: whoever wrote them does not say what came of it. */
export function withLines(report: string, lines: readonly string[]): string {
  const plain = report.replaceAll(/^(?=Action: |Original-Recipient: )/gm, ' ')
  return `${plain === '' || plain.endsWith('\n') ? plain : `${plain}\n`}${lines.map((line) => `${line}\n`).join('')}`
}
