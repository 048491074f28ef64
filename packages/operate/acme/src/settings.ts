/** control/acme, a list of lines `KEY VALUE`. */
import { readFileSync } from 'node:fs'
import { readList } from '@yabumi/control'
import { errorText, Trouble } from '@yabumi/trouble'
import { readNames } from './names.ts'

export type KeyType = 'ec256' | 'rsa2048'

/** How the authority is shown that a name is ours: by a file of webfiles, or by a program that sets a record of the DNS. */
export type Proof = { readonly type: 'http-01' } | { readonly type: 'dns-01'; readonly program: string }

export interface Settings {
  readonly directory: string
  readonly email: string | undefined
  /** The authorities of the authority's own server, in PEM; undefined: those that Node knows. */
  readonly ca: string | undefined
  readonly keyType: KeyType
  readonly proof: Proof
  /** Each gets a certificate of its own. */
  readonly names: readonly string[]
}

const usualDirectory = 'https://acme-v02.api.letsencrypt.org/directory'
const mostNames = 100
const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?'
const hostName = new RegExp(`^(?:\\*\\.)?${label}(?:\\.${label})+$`)

/** The working directory is the home. Undefined without the file. @throws Trouble 4.3.5 that names the line that is none */
export function readSettings(): Settings | undefined {
  const lines = readList('acme')
  if (lines === undefined) return undefined
  const values = new Map<string, string>()
  const names: string[] = []
  for (const line of lines) {
    const [, key = '', value = ''] = /^([a-z]+)[ \t]+([^ \t].*)$/.exec(line) ?? []
    const problem = problemOf(key, value)
    if (problem !== undefined) throw new Trouble('4.3.5', `control/acme: ${JSON.stringify(line)}: ${problem}`)
    if (key === 'names') names.push(...value.toLowerCase().split(/[ \t]+/))
    else values.set(key, value)
  }
  const [, program] = /^exec[ \t]+(\/.*)$/.exec(values.get('challenge') ?? '') ?? []
  const proof: Proof = program === undefined ? { type: 'http-01' } : { type: 'dns-01', program }
  const all = names.length > 0 ? [...new Set(names)] : readNames()
  if (all.length > mostNames) throw new Trouble('4.3.5', `control/acme: more than ${mostNames} names`)
  if (proof.type === 'http-01' && all.some((name) => name.startsWith('*')))
    throw new Trouble('4.3.5', 'control/acme: a name with * needs a challenge by exec: no file can show that it is ours')
  return {
    directory: values.get('directory') ?? usualDirectory,
    email: values.get('email'),
    ca: readAuthorities(values.get('cafile')),
    keyType: values.get('keytype') === 'rsa2048' ? 'rsa2048' : 'ec256',
    proof,
    names: all,
  }
}

function problemOf(key: string, value: string): string | undefined {
  switch (key) {
    case 'directory':
      return URL.canParse(value) && new URL(value).protocol === 'https:' ? undefined : 'is no https address'
    case 'email':
      return /^[!-~]{1,64}@[!-~]{1,253}$/.test(value) ? undefined : 'is no address'
    case 'challenge':
      return value === 'http-01' || /^exec[ \t]+\//.test(value) ? undefined : 'is neither http-01 nor exec /PROGRAM'
    case 'keytype':
      return value === 'ec256' || value === 'rsa2048' ? undefined : 'is neither ec256 nor rsa2048'
    case 'names':
      return value
        .toLowerCase()
        .split(/[ \t]+/)
        .every((name) => name.length <= 253 && hostName.test(name))
        ? undefined
        : 'is no list of hosts'
    case 'cafile':
      return undefined
    default:
      return 'is not KEY VALUE with directory, email, challenge, keytype, names or cafile'
  }
}

function readAuthorities(path: string | undefined): string | undefined {
  try {
    return path === undefined ? undefined : readFileSync(path, 'latin1')
  } catch (cause) {
    throw new Trouble('4.3.5', `control/acme: cafile ${path}: ${errorText(cause)}`, { cause })
  }
}
