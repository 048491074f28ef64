/** A yabumi and a Postfix with the same certificate, for the time of a row. */
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundle, makeCertificate } from '../certificates.ts'
import { withHome } from './ownrows.ts'
import { startPostfix } from './postfix.ts'
import { Skip } from './rows.ts'
import type { Shared } from './shared.ts'
import { hostName, type System } from './system.ts'
import type { Yabumi } from './yabumi.ts'

/** Loopback, but no address that an MTA takes for its own. */
export const sinkAddress = '127.0.0.59'

/** A certificate for both. @returns a file with key and certificate */
export function certificateIn(shared: Shared): string {
  const directory = join(shared.directory, 'made')
  mkdirSync(directory, { recursive: true })
  return bundle(directory, makeCertificate(directory, hostName, { names: [hostName] }))
}

/** The file of a home that has it. */
export function withCertificate(pem: string): Record<string, string> {
  return { 'servercert.pem': readFileSync(pem, 'latin1') }
}

/** A Postfix and a yabumi for the time of `work`. @param settings - further lines of main.cf */
export async function withBoth<T>(
  shared: Shared,
  pem: string,
  { control = {}, settings = [] }: { readonly control?: Record<string, string>; readonly settings?: readonly string[] },
  work: (yabumi: Yabumi, postfix: System) => Promise<T>,
): Promise<T> {
  if (shared.isBefore || shared.other === undefined) throw new Skip(shared.otherMissing || 'these rows are beside Postfix')
  const certified = { ...withCertificate(pem), ...control }
  const tls = [`smtpd_tls_chain_files = ${pem}`, 'smtpd_tls_security_level = may', ...settings]
  const postfix = await startPostfix(join(shared.directory, 'postfix-tls'), tls)
  shared.beside.add(postfix)
  try {
    return await withHome(
      shared,
      'tls',
      certified,
      () => undefined,
      (yabumi) => work(yabumi, postfix),
    )
  } finally {
    await postfix.stop()
    shared.beside.delete(postfix)
  }
}
