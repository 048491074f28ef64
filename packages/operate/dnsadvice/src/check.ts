/** What is wrong with what the DNS has of a domain whose mail is at this host. */
import { isIPv4 } from 'node:net'
import { Announced, type ServiceName, serviceNames } from '@yabumi/announced'
import { type DomainKey, findPublished, readDomainKeys, recordName } from '@yabumi/dkimkeys'
import { reverseZone } from '@yabumi/dns'
import type { Web } from '@yabumi/mtasts'
import { Trouble } from '@yabumi/trouble'
import type { Ask } from '@yabumi/zonefile'
import { ourName, outgoingAddresses } from './advice.ts'
import { forbiddenAt, ourIssuer } from './caa.ts'
import { isOf, ourCertificate } from './certificate.ts'
import { disagreements, type Views } from './disagreement.ts'
import type { Fault } from './fault.ts'
import { isSpf, SpfLook, spfLookups } from './spf.ts'
import { policyFaults } from './sts.ts'

/** Who answers. */
export interface World {
  readonly ask: Ask
  /** What each server of a name's zone says by itself. */
  readonly views: Views
  /** Where the web server of policies is, in place of what the DNS says; undefined: there. */
  readonly web: Web | undefined
  /** Whether there is one at all. */
  readonly hasWeb: boolean
}

/** @throws Trouble 4.3.0 if control/ cannot be read */
export async function checkDomain(domain: string, world: World): Promise<Fault[]> {
  return new Check(domain, world).run()
}

class Check {
  readonly #domain: string
  readonly #world: World
  readonly #ask: Ask
  readonly #announced = new Announced((line) => {
    throw new Trouble('4.3.5', line)
  })
  readonly #me = ourName()
  readonly #faults: Fault[] = []

  constructor(domain: string, world: World) {
    this.#domain = domain
    this.#world = world
    this.#ask = world.ask
  }

  async run(): Promise<Fault[]> {
    const hosts = await this.#exchanges()
    const addresses = await this.#ourAddresses()
    for (const address of addresses) await this.#reverse(address)
    await this.#spf(addresses)
    for (const key of readDomainKeys(this.#domain)) await this.#key(key)
    await this.#dmarc()
    await this.#tlsReports()
    this.#faults.push(...(await disagreements(this.#domain, this.#me, this.#world.views)))
    await this.#tlsa()
    await this.#policy(hosts)
    await this.#issuer()
    for (const service of serviceNames) await this.#service(service)
    for (const name of ['autoconfig', 'autodiscover']) await this.#setup(`${name}.${this.#domain}`, addresses)
    return this.#faults
  }

  #add(code: string, sentence: string, weight: Fault['weight'] = 2): void {
    this.#faults.push({ code, sentence, weight })
  }

  /** The texts of a name; undefined where the DNS does not answer, which is said. */
  async #texts(name: string): Promise<readonly string[] | undefined> {
    const answer = await this.#ask(name, 'TXT')
    if (answer.kind !== 'trouble') return answer.kind === 'found' ? answer.records : []
    this.#add('dns-trouble', `the DNS does not answer about ${name}`, 1)
    return undefined
  }

  async #addressesOf(host: string): Promise<string[]> {
    const answers = await Promise.all([this.#ask(host, 'A'), this.#ask(host, 'AAAA')])
    return answers.flatMap((answer) => (answer.kind === 'found' ? answer.records : []))
  }

  async #ourAddresses(): Promise<string[]> {
    const configured = outgoingAddresses()
    return configured.length > 0 ? configured : this.#addressesOf(this.#me)
  }

  /** @returns the hosts */
  async #exchanges(): Promise<string[]> {
    const answer = await this.#ask(this.#domain, 'MX')
    if (answer.kind === 'trouble') this.#add('dns-trouble', `the DNS does not answer about ${this.#domain}`, 1)
    if (answer.kind === 'trouble') return []
    const hosts = answer.kind === 'found' ? answer.records.map(({ exchange }) => exchange.toLowerCase().replace(/\.$/, '')) : []
    if (!hosts.includes(this.#me)) this.#add('mx-missing', `no MX record of ${this.#domain} leads to ${this.#me}`)
    for (const host of hosts) {
      const alias = await this.#ask(host, 'CNAME')
      if (alias.kind === 'found')
        this.#add('mx-cname', `the MX host ${host} is an alias; its name must have addresses itself (RFC 2181 §10.3)`)
    }
    return hosts
  }

  async #reverse(address: string): Promise<void> {
    const answer = await this.#ask(reverseZone(address) ?? '', 'PTR')
    if (answer.kind === 'trouble') return this.#add('dns-trouble', `the DNS does not answer about the name of ${address}`, 1)
    if (answer.kind !== 'found') {
      if (isIPv4(address)) this.#add('ptr-missing', `${address} has no name; its provider sets up ${this.#me}`)
      else this.#add('ipv6-no-ptr', `${address} has no name, so big receivers refuse mail from it: have one set up, or send by IPv4 only`)
      return
    }
    for (const name of answer.records) if ((await this.#addressesOf(name)).includes(address)) return
    this.#add('ptr-unconfirmed', `${address} is called ${answer.records[0]}, and that name does not have the address`)
  }

  async #spf(addresses: readonly string[]): Promise<void> {
    const texts = await this.#texts(this.#domain)
    if (texts === undefined) return
    const [record, ...more] = texts.filter(isSpf)
    if (record === undefined) return this.#add('spf-missing', `${this.#domain} does not say who sends its mail`)
    if (more.length > 0) return this.#add('spf-two', `${this.#domain} has several SPF records, so none of them counts`)
    for (const address of addresses) {
      const look = new SpfLook(this.#ask, address)
      const passes = await look.passes(this.#domain, record)
      if (look.lookups > spfLookups) return this.#add('spf-lookups', `the SPF record of ${this.#domain} asks more than ${spfLookups} times`)
      if (!passes) return this.#add('spf-not-us', `the SPF record of ${this.#domain} does not let ${address} send`)
    }
  }

  async #key({ domain, selector, state, key }: DomainKey): Promise<void> {
    if (key === undefined || state === 'retired') return
    const name = recordName(domain, selector)
    const found = await findPublished({ domain, selector, key }, this.#ask)
    if (found === 'none') this.#add('dkim-missing', `${name} is not there`)
    else if (found === 'other') this.#add('dkim-mismatch', `${name} has another key than control/dkim`)
    else if (found === 'unknown') this.#add('dns-trouble', `the DNS does not answer about ${name}`, 1)
  }

  async #dmarc(): Promise<void> {
    const texts = await this.#texts(`_dmarc.${this.#domain}`)
    if (texts === undefined) return
    const [record, ...more] = texts.filter((text) => /^v=DMARC1(?:[ \t]*;|$)/.test(text))
    if (record === undefined) return this.#add('dmarc-missing', `${this.#domain} has no DMARC record`, 1)
    if (more.length > 0) return this.#add('dmarc-two', `${this.#domain} has several DMARC records, so none of them counts`)
    const rua = /;[ \t]*rua[ \t]*=([^;]*)/.exec(record)?.[1] ?? ''
    for (const address of rua.split(',')) {
      const host = /^[ \t]*mailto:[^@]+@([A-Za-z0-9._-]+)/.exec(address)?.[1]
      if (host !== undefined) await this.#grant(host.toLowerCase())
    }
  }

  /** RFC 9990: who gets reports about another domain must say so. */
  async #grant(host: string): Promise<void> {
    if (host === this.#domain || host.endsWith(`.${this.#domain}`) || this.#domain.endsWith(`.${host}`)) return
    const texts = await this.#texts(`${this.#domain}._report._dmarc.${host}`)
    if (texts !== undefined && !texts.some((text) => text.startsWith('v=DMARC1')))
      this.#add('rua-not-granted', `${host} does not say that it takes reports about ${this.#domain}, so it gets none`, 1)
  }

  async #tlsReports(): Promise<void> {
    const texts = await this.#texts(`_smtp._tls.${this.#domain}`)
    const records = texts?.filter((text) => text.startsWith('v=TLSRPTv1')) ?? []
    const isRight = records.length === 1 && /^v=TLSRPTv1[ \t]*;[ \t]*rua=(?:mailto:[^ ,;@]+@|https:\/\/)[^ ,;]+/.test(records[0] ?? '')
    if (records.length > 0 && !isRight) this.#add('tlsrpt-bad', `the record of _smtp._tls.${this.#domain} cannot be used`, 1)
  }

  /** RFC 7672: what a TLSA record says of our certificate counts where the zone is signed, and then it must be right. */
  async #tlsa(): Promise<void> {
    const name = `_25._tcp.${this.#me}`
    const answer = await this.#ask(name, 'TLSA')
    if (answer.kind !== 'found') return
    if (answer.secure !== true) return this.#add('tlsa-unsigned-zone', `${name} is not verified by DNSSEC, so nobody looks at it`, 1)
    const certificate = ourCertificate(this.#me)
    if (certificate === undefined) return
    const ownKeys = answer.records.filter(({ usage }) => usage === 3) // usage 2 is about whoever signed the certificate
    if (ownKeys.length > 0 && !ownKeys.some((record) => isOf(certificate, record)))
      this.#add('tlsa-stale', `${name} is of another certificate than smtpd has`)
  }

  async #policy(hosts: readonly string[]): Promise<void> {
    const texts = this.#world.hasWeb ? await this.#texts(`_mta-sts.${this.#domain}`) : undefined
    if (texts !== undefined) this.#faults.push(...(await policyFaults(this.#domain, texts, hosts, this.#world.web)))
  }

  async #issuer(): Promise<void> {
    const issuer = ourIssuer()
    const name = issuer && (await forbiddenAt(this.#me, issuer, this.#ask))
    if (name !== undefined) this.#add('caa-forbids', `the CAA records of ${name} do not let ${issuer?.name} sign for ${this.#me}`)
  }

  /** What the DNS says of a service that programs of people look for; nothing is as good as the truth. */
  async #service(service: ServiceName): Promise<void> {
    const name = `_${service}._tcp.${this.#domain}`
    const answer = await this.#ask(name, 'SRV')
    if (answer.kind !== 'found') return
    const ports = this.#announced.services.filter((each) => each.name === service).map(({ port }) => port)
    const isRight = answer.records.every(({ port, target }) => {
      const host = target.toLowerCase().replace(/\.$/, '')
      return host === '' ? ports.length === 0 : host === this.#me && ports.includes(port)
    })
    if (!isRight) this.#add('srv-wrong', `${name} leads elsewhere than control/mailaccess says`, 1)
  }

  /** A name that mail readers ask for, and that may still be a former provider's. */
  async #setup(name: string, ours: readonly string[]): Promise<void> {
    const addresses = await this.#addressesOf(name)
    if (addresses.length > 0 && !addresses.some((address) => ours.includes(address)))
      this.#add('autoconfig-stale', `${name} leads to another host, from which mail readers take their settings`, 1)
  }
}
