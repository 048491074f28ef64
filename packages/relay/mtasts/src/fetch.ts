/**
 * Fetch a policy from the web server of its domain (RFC 8461 §3.3).
 *
 * Trust: whoever writes a domain into an address has us open a connection. So it goes to public addresses only, to one
 * port, for a text of limited length and time. Nothing is followed, and nothing but the policy comes of it.
 */
import { request } from 'node:https'
import { BlockList, isIP } from 'node:net'
import { findAddresses } from '@yabumi/dns'
import { stsFetchSeconds, stsPolicyBytes } from '@yabumi/limits'
import { authorities } from '@yabumi/tlsfiles'
import { type Policy, policyIn } from './policy.ts'

/** Where a test has other servers than the Internet. */
export interface Web {
  readonly port: number
  isAllowed(address: string): boolean
  /** In place of those that the DNS has. */
  readonly address?: string
  /** Authorities in PEM; undefined: those of control/cafile, else of Node. */
  readonly ca?: string
}

const internet: Web = { port: 443, isAllowed: isPublic }
const headerBytes = 16_384

/** A policy and its text; or a word of why there is none. */
export type Fetched = { readonly policy: Policy; readonly text: string } | { readonly problem: string; readonly isCertificate: boolean }

/** The policy of a domain, as its server has it now. @throws Trouble 4.3.0 if control/cafile cannot be read */
export async function fetchPolicy(domain: string, web: Web = internet): Promise<Fetched> {
  const host = `mta-sts.${domain}`
  const ca = web.ca ?? authorities()
  return new Promise((resolve) => {
    const end = (fetched: Fetched): void => {
      clearTimeout(timer)
      sent.destroy()
      resolve(fetched)
    }
    const fail = (problem: string, isCertificate = false): void => end({ problem, isCertificate })
    const timer = setTimeout(fail, stsFetchSeconds * 1000, 'the server was too slow')
    const sent = request({
      host,
      port: web.port,
      path: '/.well-known/mta-sts.txt',
      servername: host,
      agent: false,
      maxHeaderSize: headerBytes,
      lookup: (_name, options, done) => {
        void addressOf(host, web).then((address) => {
          if (address === undefined) done(new Error('no address of use'), '')
          else if (options.all === true) done(null, [{ address, family: isIP(address) }])
          else done(null, address, isIP(address))
        })
      },
      ...(ca === undefined ? {} : { ca }),
    })
    sent.on('error', (error: NodeJS.ErrnoException) =>
      fail(error.code ?? error.message, /CERT|SELF_SIGNED|ISSUER|ALTNAME/.test(error.code ?? '')),
    )
    sent.on('response', (response) => {
      const pieces: Buffer[] = []
      let bytes = 0
      response.on('data', (piece: Buffer) => {
        bytes += piece.length
        if (bytes > stsPolicyBytes) fail('the policy is too long')
        else pieces.push(piece)
      })
      response.on('end', () => {
        const text = Buffer.concat(pieces).toString('latin1')
        const read = policyIn({ status: response.statusCode ?? 0, contentType: response.headers['content-type'] ?? '', body: text })
        if (typeof read === 'string') fail(read)
        else end({ policy: read, text })
      })
      response.on('error', () => fail('the server broke off'))
    })
    sent.end()
  })
}

async function addressOf(host: string, web: Web): Promise<string | undefined> {
  if (web.address !== undefined) return web.address
  const found = await findAddresses(host)
  return found.kind === 'found' ? found.exchanges.map(({ address }) => address).find((address) => web.isAllowed(address)) : undefined
}

let inside: BlockList | undefined

/** An address that belongs to no inner network. */
export function isPublic(address: string): boolean {
  inside ??= innerNetworks()
  return !inside.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

/** RFC 6890 and its successors, and what leads from IPv6 to these. */
function innerNetworks(): BlockList {
  const networks = new BlockList()
  const v4 =
    '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.168.0.0/16 198.18.0.0/15 224.0.0.0/3'
  const v6 = '::/96 64:ff9b::/96 100::/64 2002::/16 fc00::/7 fe80::/9 ff00::/8'
  for (const [family, list] of [
    ['ipv4', v4],
    ['ipv6', v6],
  ] as const) {
    for (const network of list.split(' ')) {
      const [address = '', bits] = network.split('/')
      networks.addSubnet(address, Number(bits), family)
    }
  }
  return networks
}
