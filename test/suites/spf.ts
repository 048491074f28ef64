/** Kinds of suites about SPF: records, and what they say of a client. */
import { checkSpf, readSpfRecord } from '@yabumi/spf'
import { askIn, type Case, isAmong, type Outcome, type Suite } from './suite.ts'

export function record(one: Case): Outcome {
  const reading = readSpfRecord(one.input['record'] as string)
  const valid = !('problem' in reading)
  return valid === one.expect['valid'] ? undefined : `valid is ${valid}: ${JSON.stringify(reading)}`
}

export async function check(one: Case, suite: Suite): Promise<Outcome> {
  const { ip, helo, mailfrom, receiver } = one.input as Record<string, string | null>
  const client = { ip: ip ?? '', helo: helo ?? '', sender: mailfrom ?? '' }
  const options = { ask: askIn(one, suite), nowSeconds: 0, ...(typeof receiver === 'string' ? { receiver } : {}) }
  const verdict = await checkSpf(client, options)
  const said = JSON.stringify(verdict)
  if (!isAmong(verdict.result, one.expect['result'])) return `${said}, and not ${one.expect['result']}`
  const { explanation, explanation_is_default: isDefault } = one.expect
  if (isDefault === true && verdict.explanation !== undefined) return `explains: ${said}`
  if (typeof explanation === 'string' && verdict.explanation?.includes(explanation) !== true) return `explains otherwise: ${said}`
  return undefined
}
