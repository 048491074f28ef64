/**
 * Which way out mail for an address takes, and which control file says so (spec §2.5.5). The working directory is the
 * home.
 */
import {
  type Rewriting,
  type Routing,
  readLocals,
  readRewriting,
  readVirtualDomains,
  rewrite,
  virtualKey,
  withoutPercents,
} from '@yabumi/routing'

export interface Way {
  /** As it was asked for. */
  readonly recipient: string
  /** With a host, and without percent signs that percenthack undoes. */
  readonly qualified: string
  readonly channel: 'local' | 'remote'
  /** As the channel knows it. */
  readonly address: string
  /** The file that decided, and its entry. */
  readonly because: {
    readonly file: 'locals' | 'virtualdomains' | 'none'
    readonly entry: string | undefined
    readonly value: string | undefined
  }
}

let kept: { readonly routing: Routing; readonly rewriting: Rewriting } | undefined

/** @throws Trouble if a control file cannot be read */
export function wayOf(recipient: string): Way {
  kept ??= { routing: { locals: readLocals(), virtualDomains: readVirtualDomains() }, rewriting: readRewriting() }
  const { routing, rewriting } = kept
  const { address: qualified, domain } = withoutPercents(recipient, rewriting)
  const { channel, address } = rewrite(recipient, rewriting, routing)
  return { recipient, qualified, channel, address, because: reason(qualified, domain, routing) }
}

function reason(address: string, domain: string, { locals, virtualDomains }: Routing): Way['because'] {
  if (locals.has(domain)) return { file: 'locals', entry: domain, value: undefined }
  const entry = virtualKey(virtualDomains, domain, address)
  return entry === undefined
    ? { file: 'none', entry: undefined, value: undefined }
    : { file: 'virtualdomains', entry, value: virtualDomains.get(entry) }
}
