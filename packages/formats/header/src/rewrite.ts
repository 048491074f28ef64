/** Make an address complete: no source route, a host, a domain after a host that has none (spec §4.8). */
import type { Token } from './token.ts'

/** What is appended to incomplete addresses, as tokens that begin with their `@` or `.`. */
export interface HostRules {
  /** `@defaulthost`, behind an address without a host. */
  readonly defaultHost: readonly Token[]
  /** `.defaultdomain`, behind a host without a dot. */
  readonly defaultDomain: readonly Token[]
  /** `.plusdomain`, in place of a plus at the end. */
  readonly plusDomain: readonly Token[]
}

/** Rewrite one address in place. The empty address and `box@[]` stay as they are. */
export function rewriteAddress(address: Token[], rules: HostRules): void {
  if (isBounceMark(address)) return
  dropRoute(address)
  if (address.at(-1)?.kind === '.') address.pop()
  if (address.at(-1)?.kind === '@') address.pop()
  if (address.length === 0) return
  if (!address.some((token) => token.kind === '@')) address.push(...rules.defaultHost)
  expandPlus(address, rules.plusDomain)
  if (!hasDomain(address)) address.push(...rules.defaultDomain)
}

/** `#@[]` and the like, which VERP and double bounces use (spec §7.6). */
export function isBounceMark(address: readonly Token[]): boolean {
  const last = address.at(-1)
  return last?.kind === 'literal' && last.text === '' && address.at(-2)?.kind === '@'
}

/** `@a,@b:box@host` becomes `box@host`; a route without its colon leaves nothing. */
export function dropRoute(address: Token[]): void {
  if (address[0]?.kind !== '@') return
  const colon = address.findIndex((token) => token.kind === ':')
  address.splice(0, colon < 0 ? address.length : colon + 1)
}

function expandPlus(address: Token[], plusDomain: readonly Token[]): void {
  const last = address.at(-1)
  if (last?.kind !== 'atom' || !last.text.endsWith('+')) return
  address[address.length - 1] = { kind: 'atom', text: last.text.slice(0, -1) }
  address.push(...plusDomain)
}

/** Whether there is a dot or a domain literal behind the last `@`. */
function hasDomain(address: readonly Token[]): boolean {
  for (let i = address.length - 1; i >= 0; i -= 1) {
    const kind = address[i]?.kind
    if (kind === '.' || kind === 'literal') return true
    if (kind === '@') return false
  }
  return false
}
