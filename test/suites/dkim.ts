/** Kinds of suites about DKIM: forms, key records, signatures, whole messages. */
import { bodyForm, canonicalField, type Form, readKeyRecord, readSignature, type Verdict, Verifier } from '@yabumi/dkim'
import { askIn, bytesOf, type Case, isAmong, type Outcome, type Suite } from './suite.ts'

export function canonical(one: Case): Outcome {
  const { part, canonicalization, chunks } = one.input as { part: string; canonicalization: Form; chunks: string[] }
  const got: string[] = []
  if (part === 'header') got.push(canonicalField(chunks.join(''), canonicalization))
  else {
    const body = bodyForm(canonicalization, (bytes) => void got.push(bytes.toString('latin1')))
    for (const chunk of chunks) body.push(bytesOf(chunk))
    body.end()
  }
  const [made, expected] = [got.join(''), one.expect['canonical']]
  return made === expected ? undefined : `${JSON.stringify(made)}, and not ${JSON.stringify(expected)}`
}

/** Records are read strictly here: a record with a blank too many can be used, but is none that anybody should publish. */
export function keyRecord(one: Case): Outcome {
  const record = readKeyRecord(bytesOf(one.input['record']).toString('latin1'))
  const usable = !('problem' in record) && record.strict
  if (usable !== one.expect['usable']) return `usable is ${usable}: ${JSON.stringify(record)}`
  const { revoked } = one.expect
  if (!usable || typeof revoked !== 'boolean') return undefined
  return (record.key === undefined) === revoked ? undefined : `revoked is ${!revoked}`
}

export function signature(one: Case): Outcome {
  const { header, smtputf8 } = one.input as { header: string; smtputf8?: boolean }
  const reading = readSignature(header)
  const valid = 'signature' in reading && (smtputf8 !== false || /^[\0-\x7f]*$/.test(header))
  return valid === one.expect['valid'] ? undefined : `valid is ${valid}: ${JSON.stringify(reading)}`
}

/** A message of one of these suites, and whether what no longer counts is to count: then the same must be no pass without. */
export async function verify(one: Case, suite: Suite): Promise<Outcome> {
  const weak = suite.suite === 'dkim-maildkim' || one.id.startsWith('chasquid-09')
  const strict = await verdictsOn(one, suite, false)
  if (!weak) return judge(one, strict)
  const outcome = judge(one, await verdictsOn(one, suite, true))
  if (outcome !== undefined) return outcome
  if (one['uses_sha1'] === true && strict.some(({ result }) => result === 'pass')) return 'passes without --allow-weak'
  return suite.suite === 'dkim-chasquid' && judge(one, strict) === undefined ? 'is the same without --allow-weak' : undefined
}

async function verdictsOn(one: Case, suite: Suite, weak: boolean): Promise<Verdict[]> {
  const ask = askIn(one, suite)
  const verifier = new Verifier({ lookUp: (name) => ask(name, 'TXT'), nowSeconds: Date.now() / 1000, weak })
  verifier.push(bytesOf(one.input['message']))
  return verifier.end()
}

function judge({ expect }: Case, verdicts: readonly Verdict[]): Outcome {
  const said = JSON.stringify(verdicts)
  if (typeof expect['found'] === 'number') {
    if (verdicts.length !== expect['found']) return `found ${verdicts.length}: ${said}`
    const passed = verdicts.filter(({ result }) => result === 'pass').length
    if (passed !== expect['valid']) return `${passed} are valid: ${said}`
    for (const [index, { pass, domain, selector }] of (expect['each'] as Signed[]).entries()) {
      const verdict = verdicts[index] as Verdict
      const named = domain === '' || (verdict.domain === domain && verdict.selector === selector)
      if ((verdict.result === 'pass') !== pass || !named) return `number ${index + 1}: ${said}`
    }
    return undefined
  }
  const each = expect['each'] as string[] | undefined
  const readable = verdicts.filter(({ domain }) => domain !== '') // its authors passed over what is no list of tags
  if (each !== undefined && readable.map(wordOf).join() !== each.join()) return `${said}, and not ${each.join()}`
  const { best } = expect
  if (best === null) return undefined
  const words = verdicts.map(wordOf)
  const ours = ['pass', 'fail', 'invalid'].find((word) => words.includes(word)) ?? 'none'
  if (best === 'not pass') return ours === 'pass' ? `passes: ${said}` : undefined
  return isAmong(ours, best) ? undefined : `${ours}, and not ${best}: ${said}`
}

interface Signed {
  readonly pass: boolean
  readonly domain: string
  readonly selector: string
}

/** In the words of these suites, `fail` is a signature or body that is wrong; what cannot be judged is `invalid`. */
function wordOf({ result, reason }: Verdict): string {
  if (result === 'pass') return 'pass'
  return result === 'fail' && reason !== 'expired' ? 'fail' : 'invalid'
}
