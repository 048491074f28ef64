import { quoteLocal, splitAddress } from '@yabumi/address'

/**
 * An address as it stands between < and > of MAIL and RCPT (spec §2.8.4): the local part quoted if need be; an address
 * without @ as it is.
 *
 * @returns undefined for an address with a line break or NUL in it: on the wire it would be another command
 */
export function wireAddress(address: string): string | undefined {
  if (/[\r\n\0]/.test(address)) return undefined
  const { local, domain } = splitAddress(address)
  return domain === undefined ? local : `${quoteLocal(local)}@${domain}`
}
