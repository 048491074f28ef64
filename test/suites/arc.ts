/** Kinds of suites about what others found out: chains of seals, and the fields that say so. */
import { createPrivateKey } from 'node:crypto'
import { Chain, type ChainWord, Sealer } from '@yabumi/arc'
import { readAuthResults } from '@yabumi/authres'
import { nameOf, parseTags, Verifier } from '@yabumi/dkim'
import { askIn, bytesOf, type Case, type Outcome, type Suite } from './suite.ts'

/** A chain that was broken before is `fail` here, where the suite expects no answer. */
export async function validate(one: Case, suite: Suite): Promise<Outcome> {
  const { result, reason } = await verdictOn(one, suite)
  const { cv } = one.expect
  const expected = cv === null ? 'fail' : cv
  return result === expected ? undefined : `${result} (${reason}), and not ${expected}`
}

async function verdictOn(one: Case, suite: Suite) {
  const ask = askIn(one, suite)
  const options = { lookUp: (name: string) => ask(name, 'TXT'), nowSeconds: Date.now() / 1000 }
  const chain = new Chain(options)
  const verifier = new Verifier({ ...options, companion: chain })
  verifier.push(bytesOf(one.input['message']))
  await verifier.end()
  return chain.end()
}

/** What the chain was worth stands in the receiver's own field, as after smtpd. */
export async function seal(one: Case, suite: Suite): Promise<Outcome> {
  const input = one.input as Record<'message' | 'domain' | 'selector' | 'privatekey' | 'headers' | 'authserv_id', string> & { time: number }
  const { authserv_id: id, domain, selector, headers } = input
  const sealer = new Sealer({
    ...{ id, domain, selector, key: createPrivateKey(input.privatekey), nowSeconds: input.time, names: headers.split(':') },
    chain: saidOf(input.message, id) ?? (await verdictOn(one, suite)).result,
  })
  sealer.push(bytesOf(input.message))
  const fields = new Map((await sealer.end()).split(/\r\n(?![ \t])/).map((field) => [nameOf(field), field.slice(field.indexOf(':') + 1)]))
  const made = { as: 'arc-seal', ams: 'arc-message-signature', aar: 'arc-authentication-results' } as const
  for (const [short, name] of Object.entries(made)) {
    const [got, expected] = [fields.get(name) ?? '', one.expect[short] as string].map(short === 'aar' ? withoutBlanks : inOrder)
    if (got !== expected) return `${short} is ${got}, and not ${expected}`
  }
  return undefined
}

function saidOf(message: string, id: string): ChainWord | undefined {
  const [header = ''] = message.split('\r\n\r\n', 1)
  const ours = header.split(/\r\n(?![ \t])/).filter((field) => nameOf(field) === 'authentication-results')
  const read = ours.map((field) => readAuthResults(field.slice(field.indexOf(':') + 1))).filter((each) => each.id === id)
  return read.flatMap(({ results }) => results).find(({ method }) => method === 'arc')?.result as ChainWord | undefined
}

function withoutBlanks(text: string): string {
  return text.replace(/\s+/g, '')
}

function inOrder(text: string): string {
  const tags = [...(parseTags(text)?.values ?? [])].map(([name, value]) => `${name}=${withoutBlanks(value)}`)
  return tags.sort().join('; ')
}

export function results(one: Case): Outcome {
  const { id, results } = readAuthResults(one.input['value'] as string)
  const said = results.map(({ method, result, reason, properties }) => ({
    ...{ method, result },
    props: { ...(reason === undefined ? {} : { reason }), ...Object.fromEntries(properties) },
  }))
  const read = { authserv_id: id, results: said }
  return JSON.stringify(sorted(read)) === JSON.stringify(sorted(one.expect))
    ? undefined
    : `${JSON.stringify(read)}, and not ${JSON.stringify(one.expect)}`
}

/** The same value with the names of each object in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([name, each]): [string, unknown] => [name, sorted(each)])
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}
