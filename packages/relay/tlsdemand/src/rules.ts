/**
 * control/tlspolicy: what the operator demands for a destination, a line `DOMAIN:LEVEL[:OPTION...]` each (spec §17.1).
 *
 * A line that cannot be understood guards what it names all the same: mail for that waits. One that names nothing
 * guards everything.
 */
import { withoutEnd } from '@yabumi/blanks'
import { findByHost } from '@yabumi/control'

/** From nothing to the most. `opportunistic` is what holds without a line. */
export const levels = ['none', 'may', 'opportunistic', 'encrypt', 'dane', 'dane-only', 'sts', 'verify', 'fingerprint'] as const
export type Level = (typeof levels)[number]

/** What a line says. */
export interface Rule {
  readonly level: Level
  /** Names of which the host's certificate must have one, in place of its own. */
  readonly match: readonly string[]
  /** A file of authorities, relative to the home, that count in place of all others. */
  readonly ca?: string
  /** SHA-256 of a certificate or of its public key, in hexadecimal capitals. */
  readonly pins: readonly string[]
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3'
  /** In place of the usual one; 465 is TLS from the first byte. */
  readonly port?: number
  /** Where it stands: `control/tlspolicy line 3`. */
  readonly from: string
}

/** A line that cannot be understood. */
export interface BrokenRule {
  /** With file and line. */
  readonly problem: string
}

/** The lines of the file. */
export interface Rules {
  /** The line for the first of these names that has one, else that for all others. */
  of(...names: string[]): Rule | BrokenRule | undefined
}

const file = 'control/tlspolicy'

/** @param text - of the file; lines end in LF */
export function parseRules(text: string): Rules {
  const rules = new Map<string, Rule | BrokenRule>()
  let closed: BrokenRule | undefined
  for (const [index, raw] of text.split('\n').entries()) {
    const line = withoutEnd(raw)
    if (line === '' || line.startsWith('#')) continue
    const from = `${file} line ${index + 1}`
    const colon = line.indexOf(':')
    const key = line.slice(0, Math.max(colon, 0)).toLowerCase()
    if (colon < 0 || !/^[a-z0-9._-]*$/.test(key)) closed ??= { problem: `${from}: not DOMAIN:LEVEL` }
    else rules.set(key, ruleOf(line.slice(colon + 1), from))
  }
  const others = rules.get('')
  rules.delete('')
  const known = (name: string): Rule | BrokenRule | undefined => findByHost(name.toLowerCase(), rules)
  return { of: (...names) => closed ?? names.map(known).find((rule) => rule !== undefined) ?? others }
}

/** Which options a level can have; any may have `port`. */
const fitting: Readonly<Record<string, readonly Level[]>> = {
  match: ['dane', 'dane-only', 'verify'],
  ca: ['verify'],
  pin: ['fingerprint'],
  min: levels.filter((level) => level !== 'none'),
  port: levels,
}

function ruleOf(text: string, from: string): Rule | BrokenRule {
  const [word = '', ...options] = wordsOf(text)
  const level = levels.find((each) => each === word)
  if (level === undefined) return { problem: `${from}: no level is called ${word === '' ? 'nothing' : word}` }
  const values = new Map<string, string[]>()
  for (const option of options) {
    const [, name = '', value = ''] = /^([a-z]+)=(.+)$/.exec(option) ?? []
    if (fitting[name]?.includes(level) !== true) return { problem: `${from}: ${option} is no option of ${level}` }
    values.set(name, [...(values.get(name) ?? []), value])
  }
  const [ca] = values.get('ca') ?? []
  const [min = '1.2'] = values.get('min') ?? []
  const [port] = values.get('port') ?? []
  const pins = (values.get('pin') ?? []).map(pinOf)
  if (min !== '1.2' && min !== '1.3') return { problem: `${from}: min is 1.2 or 1.3` }
  if (port !== undefined && !isPort(port)) return { problem: `${from}: ${port} is no port` }
  if (level === 'fingerprint' && pins.length === 0) return { problem: `${from}: fingerprint needs pin=SHA256:...` }
  if (pins.includes('')) return { problem: `${from}: pin is SHA256: and 64 hexadecimal digits` }
  return {
    level,
    match: values.get('match') ?? [],
    ...(ca === undefined ? {} : { ca }),
    pins,
    minVersion: `TLSv${min}`,
    ...(port === undefined ? {} : { port: Number(port) }),
    from,
  }
}

/** A pin has colons of its own: what is no `name=value` belongs to what is before it. */
function wordsOf(text: string): string[] {
  const [level = '', ...rest] = text.split(':')
  const options: string[] = []
  for (const piece of rest) {
    if (/^[a-z]+=/.test(piece) || options.length === 0) options.push(piece)
    else options.push(`${options.pop()}:${piece}`)
  }
  return [level, ...options]
}

/** Empty for what is none. */
function pinOf(value: string): string {
  return (
    /^SHA256:([0-9A-F]{64})$/.exec(
      value
        .toUpperCase()
        .replaceAll(/(?<=[0-9A-F]):(?=[0-9A-F]{2})/g, '')
        .replace(/^SHA256:?/, 'SHA256:'),
    )?.[1] ?? ''
  )
}

function isPort(text: string): boolean {
  return /^[0-9]{1,5}$/.test(text) && Number(text) > 0 && Number(text) <= 65_535
}
