/** The records of a domain whose mail is at this host, in the order in which to publish them. */
import { Announced, type ServiceName } from '@yabumi/announced'
import { readLine } from '@yabumi/control'
import { readDomainKeys, zoneLine } from '@yabumi/dkimkeys'
import { Trouble } from '@yabumi/trouble'
import { issueValue, ourIssuer } from './caa.ts'
import { ourCertificate, tlsaOf } from './certificate.ts'

export interface Advice {
  readonly sentence: string
  /** Of a zone file; a comment where it is another's to set up. */
  readonly line: string
}

/** @throws Trouble 4.3.0 if control/ cannot be read, or does not say what this host is called */
export function adviceFor(domain: string): Advice[] {
  const me = ourName()
  const announced = new Announced((line) => {
    throw new Trouble('4.3.5', line)
  })
  return [
    { sentence: `Mail for ${domain} goes to ${me}.`, line: `${domain}. IN MX 10 ${me}.` },
    ...ourAddresses(me),
    { sentence: `Only the hosts of the MX records send mail as ${domain}.`, line: text(domain, 'v=spf1 mx -all') },
    { sentence: `${me} sends bounces in its own name.`, line: text(me, 'v=spf1 a -all') },
    ...keyAdvice(domain),
    {
      sentence: 'Receivers tell what they see of mail in your name; later p=none becomes p=reject.',
      line: text(`_dmarc.${domain}`, `v=DMARC1; p=none; rua=mailto:dmarc-reports@${domain}`),
    },
    {
      sentence: 'Senders tell where TLS to your hosts fails.',
      line: text(`_smtp._tls.${domain}`, `v=TLSRPTv1; rua=mailto:tls-reports@${domain}`),
    },
    ...policyAdvice(domain, me, announced),
    ...tlsaAdvice(me),
    ...issuerAdvice(me),
    ...serviceAdvice(domain, me, announced),
  ]
}

/** @throws Trouble 4.3.0 */
export function ourName(): string {
  const me = readLine('me')
  if (me === undefined) throw new Trouble('4.3.0', 'unable to read control/me: file does not exist')
  return me.toLowerCase()
}

/** From control/outgoingip, where it says so. */
export function outgoingAddresses(): string[] {
  return (readLine('outgoingip') ?? '').split(/[ ,\t]+/).filter((address) => address !== '')
}

function ourAddresses(me: string): Advice[] {
  const known = outgoingAddresses()
  const addresses = known.length > 0 ? known : ['192.0.2.1']
  const example = known.length > 0 ? '' : ' Put the address of this host in the place of the example.'
  return addresses.flatMap((address) => [
    { sentence: `This host has this address.${example}`, line: `${me}. IN ${address.includes(':') ? 'AAAA' : 'A'} ${address}` },
    { sentence: 'The provider of the address sets up its name.', line: `; PTR of ${address}: ${me}.` },
  ])
}

function keyAdvice(domain: string): Advice[] {
  const keys = readDomainKeys(domain)
  if (keys.length === 0) return [{ sentence: 'Mail is not signed yet.', line: `; dkimkey new ${domain}` }]
  return keys.flatMap(({ selector, state, key }): Advice[] => {
    if (key === undefined) return []
    if (state === 'retired')
      return [{ sentence: `The key ${selector} is retired: its record can go.`, line: `; remove ${selector}._domainkey.${domain}` }]
    return [
      { sentence: `The key ${selector} (${state}) signs mail of ${domain}, or did so lately.`, line: zoneLine(domain, selector, key) },
    ]
  })
}

function tlsaAdvice(me: string): Advice[] {
  const certificate = ourCertificate(me)
  if (certificate === undefined) return []
  const sentence = 'Senders expect this key of TLS; only where the zone is signed by DNSSEC.'
  return [{ sentence, line: `_25._tcp.${me}. IN TLSA ${tlsaOf(certificate)}` }]
}

function policyAdvice(domain: string, me: string, { policy }: Announced): Advice[] {
  if (policy === undefined) return []
  return [
    { sentence: 'Senders fetch the policy of TLS anew when this changes.', line: text(`_mta-sts.${domain}`, `v=STSv1; id=${policy.id}`) },
    { sentence: 'The policy is handed out here.', line: `mta-sts.${domain}. IN CNAME ${me}.` },
  ]
}

function issuerAdvice(me: string): Advice[] {
  const issuer = ourIssuer()
  return issuer === undefined
    ? []
    : [{ sentence: `Nobody but ${issuer.name} signs certificates of ${me}.`, line: `${me}. IN CAA 0 issue "${issueValue(issuer)}"` }]
}

/** Those that mail readers look for first; what is not there is said, too. */
const wanted: readonly ServiceName[] = ['submissions', 'imaps', 'pop3s']

function serviceAdvice(domain: string, me: string, { services }: Announced): Advice[] {
  const there = services.map(({ name, port }) => ({
    sentence: `Mail readers ${name.startsWith('submission') ? 'send' : 'fetch'} here, over TLS.`,
    line: `_${name}._tcp.${domain}. IN SRV 0 1 ${port} ${me}.`,
  }))
  const missing = wanted.filter((name) => services.every((service) => service.name !== name))
  return [...there, ...missing.map((name) => ({ sentence: `There is no ${name} here.`, line: `_${name}._tcp.${domain}. IN SRV 0 0 0 .` }))]
}

function text(name: string, value: string): string {
  return `${name}. IN TXT "${value}"`
}
