/**
 * Whom the operator lets in: the control files and variables that everything which takes mail from the network obeys
 * (spec §5.1, §5.2).
 */
import { readList, readNumber } from '@yabumi/control'
import { AllowedHosts } from './allowedhosts.ts'

export interface Admission {
  /** Largest message in bytes as stored; 0 is no limit. */
  readonly databytes: number
  /** Domains for which mail is taken; undefined takes mail for every domain. */
  readonly allowedHosts: AllowedHosts | undefined
  /** If set, clients may send to anybody, and this is appended to every recipient. */
  readonly relayClient: string | undefined
}

/**
 * Read everything anew.
 *
 * @param environment - RELAYCLIENT and DATABYTES count
 * @throws Trouble 4.3.0 that names the file
 */
export function readAdmission(environment: ReadonlyMap<string, string>): Admission {
  const hosts = readList('rcpthosts')
  const allowedHosts = hosts === undefined ? undefined : new AllowedHosts(hosts)
  return { allowedHosts, databytes: readNumber('databytes', 0), relayClient: undefined, ...admissionVariables(environment) }
}

/** What RELAYCLIENT and DATABYTES say, where they are set. */
export function admissionVariables(environment: ReadonlyMap<string, string>): Partial<Admission> {
  const databytes = environment.get('DATABYTES')
  const relayClient = environment.get('RELAYCLIENT')
  return {
    ...(databytes === undefined ? {} : { databytes: leadingNumber(databytes) }),
    ...(relayClient === undefined ? {} : { relayClient }),
  }
}

/** The digits that a variable starts with; 0 if there are none (spec §0.4, decimal scan). */
export function leadingNumber(text: string): number {
  return Number(/^[0-9]*/.exec(text)?.[0] ?? 0)
}

/** Whether mail for this address is taken from this client. @throws Trouble if that cannot be found out */
export function admits(admission: Admission, recipient: string): boolean {
  const { relayClient, allowedHosts } = admission
  const at = recipient.lastIndexOf('@')
  return relayClient !== undefined || allowedHosts === undefined || at < 0 || allowedHosts.has(recipient.slice(at + 1))
}
