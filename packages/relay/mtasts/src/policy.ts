/**
 * The policy itself, a text of lines `KEY: VALUE` (RFC 8461 §3.2), and which hosts it lets mail go to (RFC 8461 §4.1).
 */
import { withoutBlanks } from '@yabumi/blanks'
import { stsPolicyBytes, stsPolicySeconds } from '@yabumi/limits'

export interface Policy {
  readonly mode: 'enforce' | 'testing' | 'none'
  /** Names of mail hosts, lower-case; `*.` in front stands for one label. */
  readonly mx: readonly string[]
  /** Seconds for which it counts, once it is fetched. */
  readonly maxAge: number
}

/** What a web server answers. */
export interface Response {
  readonly status: number
  readonly contentType: string
  /** Bytes as characters. */
  readonly body: string
}

/** The policy in an answer of `https://mta-sts.DOMAIN/.well-known/mta-sts.txt`; a word of what is wrong with it otherwise (RFC 8461 §3.3). */
export function policyIn({ status, contentType, body }: Response): Policy | string {
  if (status !== 200) return `status ${status}`
  if (!/^text\/plain[ \t]*(?:;|$)/i.test(contentType)) return 'not text/plain'
  return parsePolicy(body) ?? 'not a policy'
}

const keyName = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$/
const host = /^(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.?$/
const digits = /^[0-9]{1,10}$/

/** The policy; undefined if the text is none. The first line of a key counts, but for mx; keys that are not known do not. */
export function parsePolicy(text: string): Policy | undefined {
  if (text.length > stsPolicyBytes) return undefined
  const lines = text.split(/\r?\n/)
  while (lines.at(-1) === '') lines.pop()
  const values = new Map<string, string>()
  const mx: string[] = []
  for (const each of lines) {
    const colon = each.indexOf(':')
    const key = each.slice(0, Math.max(colon, 0))
    const value = withoutBlanks(each.slice(colon + 1))
    if (!keyName.test(key) || value === '' || /[\0-\x1f\x7f]/.test(value)) return undefined
    if (key === 'mx') mx.push(value.toLowerCase())
    else if (!values.has(key)) values.set(key, value)
  }
  const mode = values.get('mode')
  const maxAge = values.get('max_age')
  if (values.get('version') !== 'STSv1' || maxAge === undefined || !digits.test(maxAge)) return undefined
  if ((mode !== 'enforce' && mode !== 'testing' && mode !== 'none') || !mx.every((name) => host.test(name))) return undefined
  if (mode !== 'none' && mx.length === 0) return undefined
  return { mode, mx: mx.map(withoutDot), maxAge: Math.min(Number(maxAge), stsPolicySeconds) }
}

/** Whether a mail host is one that a pattern of a policy stands for. */
export function matches(mx: string, pattern: string): boolean {
  const name = withoutDot(mx.toLowerCase())
  const wanted = withoutDot(pattern.toLowerCase())
  if (!wanted.startsWith('*.')) return name === wanted && !name.includes('*')
  const dot = name.indexOf('.')
  return dot > 0 && name.slice(dot + 1) === wanted.slice(2) && !wanted.slice(2).includes('*')
}

function withoutDot(name: string): string {
  return name.endsWith('.') ? name.slice(0, -1) : name
}
