/**
 * The keys of an alias database: where a target's commands and its owner stand, and which targets an address may be
 * under.
 */
import { lowerCase, splitAddress } from '@yabumi/address'

/** Where the commands of a target stand. Targets are compared without regard to case. */
export function commandsKey(target: string): Buffer {
  return Buffer.from(`:${lowerCase(target)}`, 'latin1')
}

/** Where the sender stands that forwards of a target get. */
export function ownerKey(target: string): Buffer {
  return Buffer.from(`?${lowerCase(target)}`, 'latin1')
}

/** The targets that an address may be under, in the order in which they count: itself, everybody of its host, that name at every host. */
export function targetsOf(address: string): readonly string[] {
  const { local, domain } = splitAddress(address)
  return domain === undefined ? [address] : [address, `@${domain}`, `${local}@`]
}
