/**
 * Seal what goes on to another host (spec §19.4): what a .qmail file passes on, and strangers' mail that is relayed. It
 * says what the message was worth when it came here, as our Authentication-Results say (RFC 8617).
 */
import { Sealer } from '@yabumi/arc'
import { type MethodResult, readAuthResults, speaksFor } from '@yabumi/authres'
import { keepUntilChanged, readLine, readSwitch } from '@yabumi/control'
import { nowSeconds } from '@yabumi/dates'
import { nameInDns, nameOf } from '@yabumi/dkim'
import { signingKeysFor } from '@yabumi/dkimkeys'
import { type FactMap, originOf } from '@yabumi/facts'
import { isPassedOn } from './decide.ts'

const settings = keepUntilChanged(['arc', 'me', 'srs_domain'], () => {
  const me = readLine('me') ?? ''
  return { seals: readSwitch('arc', false), me, domain: nameInDns(readLine('srs_domain') || me) }
})

/** @param facts - of the message. @returns what seals it, if its header says that it goes on; undefined where nothing is ever sealed */
export function sealerFor(facts: FactMap): Sealer | undefined {
  const { seals, me, domain } = settings()
  const key = seals && domain !== undefined ? signingKeysFor(domain)?.keys[0] : undefined
  if (key === undefined) return undefined
  return new Sealer({
    ...key,
    nowSeconds: nowSeconds(),
    id: me,
    chain: 'as said',
    wants: (fields) => goesOn(fields, facts) && isJudged(fields, me),
  })
}

function goesOn(fields: readonly string[], facts: FactMap): boolean {
  const { by } = originOf(fields[0] ?? '', facts)
  return by === 'stranger' ? facts.has('RESULTS') : (by === 'uid' || by === 'alias') && isPassedOn(fields)
}

/**
 * Why the next host will probably refuse what is passed on: by its author's DMARC policy, where nothing but SPF was right
 * here, which is about us there.
 *
 * @returns words, or undefined where nothing is known to be wrong
 */
export function refusedNext(fields: readonly string[], facts: FactMap): string | undefined {
  const { me } = settings()
  if (me === '' || !goesOn(fields, facts)) return undefined
  const own = fields.filter((field) => isOwnResults(field, me)).flatMap((field) => readAuthResults(bodyOf(field)).results)
  const dmarc = own.find(({ method }) => method === 'dmarc')
  const [domain = '', policy = 'none'] = [dmarc?.properties.get('header.from')?.toLowerCase(), dmarc?.properties.get('policy.dmarc')]
  if (domain === '' || policy === 'none' || own.some((result) => isSignedBy(domain, result))) return undefined
  return `${domain} has not signed it, and DMARC of the next host will ${policy} it`
}

/** A signature of the domain itself, or of one above or below it; a stricter look is the next host's. */
function isSignedBy(domain: string, { method, result, properties }: MethodResult): boolean {
  const signer = properties.get('header.d')?.toLowerCase() ?? ''
  return (
    method === 'dkim' && result === 'pass' && signer !== '' && (`.${domain}`.endsWith(`.${signer}`) || `.${signer}`.endsWith(`.${domain}`))
  )
}

function bodyOf(field: string): string {
  return field.slice(field.indexOf(':') + 1)
}

function isOwnResults(field: string, me: string): boolean {
  return nameOf(field) === 'authentication-results' && speaksFor(me, bodyOf(field))
}

/** Without results of ours there is nothing to be said. */
function isJudged(fields: readonly string[], me: string): boolean {
  return fields.some((field) => isOwnResults(field, me))
}
