/** Whether the authority that we ask for certificates may sign them (RFC 8659, RFC 8657). */
import { closeSync, constants, openSync, readFileSync } from 'node:fs'
import { readList } from '@yabumi/control'
import type { Ask } from '@yabumi/zonefile'

/** The authority of control/acme, as CAA records call it, and how it is shown that a name is ours. */
export interface Issuer {
  readonly name: string
  readonly method: 'http-01' | 'dns-01'
  /** How the authority calls our account; undefined as long as acme has not asked for anything. */
  readonly account: string | undefined
}

const letsEncrypt = 'letsencrypt.org'

/** @returns undefined where none is asked, or it is none whose name is known */
export function ourIssuer(): Issuer | undefined {
  const lines = readList('acme')
  if (lines === undefined) return undefined
  const values = new Map(lines.map((line) => line.split(/[ \t]+/, 2) as [string, string]))
  const directory = values.get('directory')
  const host = directory !== undefined && URL.canParse(directory) ? new URL(directory).hostname : letsEncrypt
  if (host !== letsEncrypt && !host.endsWith(`.${letsEncrypt}`)) return undefined
  return { name: letsEncrypt, method: values.get('challenge') === 'exec' ? 'dns-01' : 'http-01', account: ourAccount() }
}

/** As acme has kept it, in a directory of its account's. */
function ourAccount(): string | undefined {
  try {
    const fd = openSync('state/acme/account/url', constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      return /^(https:\/\/[!-:<-~]{1,500})\n$/.exec(readFileSync(fd, 'latin1'))?.[1]
    } finally {
      closeSync(fd)
    }
  } catch {
    return undefined // there is none, or it is not for us to see
  }
}

/** What a CAA record says of it: no other account with the authority gets a certificate (RFC 8657 §3). */
export function issueValue({ name, account }: Issuer): string {
  return account === undefined ? name : `${name}; accounturi=${account}`
}

/** The name whose records forbid it for a host; undefined if none does. */
export async function forbiddenAt(host: string, issuer: Issuer, ask: Ask): Promise<string | undefined> {
  for (let name = host; name !== ''; name = name.replace(/^[^.]*\.?/, '')) {
    const answer = await ask(name, 'CAA')
    if (answer.kind !== 'found') continue
    const issue = answer.records.filter(({ tag }) => tag.toLowerCase() === 'issue')
    return issue.length === 0 || issue.some(({ value }) => allows(value, issuer)) ? undefined : name
  }
  return undefined
}

function allows(value: string, { name, method, account }: Issuer): boolean {
  const [who = '', ...parameters] = value.split(';').map((part) => part.trim())
  const [, methods] = parameters.map((each) => /^validationmethods[ \t]*=[ \t]*(.*)$/.exec(each)).find((each) => each !== null) ?? []
  const [, uri] = parameters.map((each) => /^accounturi[ \t]*=[ \t]*(.*)$/.exec(each)).find((each) => each !== null) ?? []
  if (uri !== undefined && uri !== account) return false
  return who.toLowerCase() === name && (methods === undefined || methods.split(',').includes(method))
}
