/** Certificates for tests, made by openssl: authorities, and what they sign. All keys are EC P-256. */
import { execFileSync } from 'node:child_process'
import { randomBytes, X509Certificate } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where a certificate and its key lie, in PEM. */
export interface Certified {
  readonly certificate: string
  readonly key: string
  readonly subject: string
}

export interface Wish {
  /** Names it is for; none: it is an authority's. */
  readonly names?: readonly string[]
  /** Authorities that may stand below this one. */
  readonly pathLength?: number
  /** From now; negative: it has expired. */
  readonly days?: number
}

/**
 * Make a certificate.
 *
 * @param directory - of the test, where the files go
 * @param issuer - who signs it; without one it signs itself
 */
export function makeCertificate(directory: string, subject: string, wish: Wish = {}, issuer?: Certified): Certified {
  const { names, pathLength, days = 30 } = wish
  const stem = join(directory, randomBytes(6).toString('hex'))
  const made = { certificate: `${stem}.pem`, key: `${stem}.key`, subject }
  const limit = pathLength === undefined ? '' : `,pathlen:${pathLength}`
  const lines = names === undefined ? [`basicConstraints=critical,CA:TRUE${limit}`] : ['basicConstraints=critical,CA:FALSE']
  if (names !== undefined && names.length > 0) lines.push(`subjectAltName=${names.map((name) => `DNS:${name}`).join()}`)
  writeFileSync(`${stem}.ext`, `${lines.join('\n')}\n`)
  openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', made.key)
  openssl('req', '-new', '-key', made.key, '-subj', `/CN=${subject}`, '-out', `${stem}.csr`)
  const signer = issuer === undefined ? ['-signkey', made.key] : ['-CA', issuer.certificate, '-CAkey', issuer.key]
  const serial = ['-set_serial', `0x${randomBytes(8).toString('hex')}`]
  openssl(
    'x509',
    '-req',
    '-in',
    `${stem}.csr`,
    ...signer,
    ...serial,
    '-days',
    String(days),
    '-extfile',
    `${stem}.ext`,
    '-out',
    made.certificate,
  )
  return made
}

/** The bytes of a certificate, read. */
export function read({ certificate }: Certified): X509Certificate {
  return new X509Certificate(readFileSync(certificate))
}

/** One file with the key, its certificate and those above it, as servers read it. */
export function bundle(directory: string, own: Certified, ...above: Certified[]): string {
  const file = join(directory, `${randomBytes(6).toString('hex')}-bundle.pem`)
  writeFileSync(
    file,
    [own.key, own.certificate, ...above.map(({ certificate }) => certificate)].map((each) => readFileSync(each, 'latin1')).join(''),
  )
  return file
}

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] })
}
