/** Whether the authority that we ask for certificates may sign them (RFC 8659, RFC 8657). */
import { readList } from '@yabumi/control'
import type { Ask } from '@yabumi/zonefile'

/** The authority of control/acme, as CAA records call it, and how it is shown that a name is ours. */
export interface Issuer {
  readonly name: string
  readonly method: 'http-01' | 'dns-01'
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
  return { name: letsEncrypt, method: values.get('challenge') === 'exec' ? 'dns-01' : 'http-01' }
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

function allows(value: string, { name, method }: Issuer): boolean {
  const [who = '', ...parameters] = value.split(';').map((part) => part.trim())
  const [, methods] = parameters.map((each) => /^validationmethods[ \t]*=[ \t]*(.*)$/.exec(each)).find((each) => each !== null) ?? []
  return who.toLowerCase() === name && (methods === undefined || methods.split(',').includes(method))
}
