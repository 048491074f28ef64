/** Whole messages, judged by the program. What it does not say yet is skipped. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { bytesOf, type Case, isAmong, type Outcome, type Suite, type Values, zoneOf } from './suite.ts'

const program = join(import.meta.dirname, '../../bin/authcheck')
const methods = ['dkim', 'spf', 'dmarc'] as const

interface Signed {
  readonly result: string
  readonly domain: string
  readonly selector: string
}

interface Results {
  readonly dkim: readonly Signed[]
  readonly spf?: { readonly result: string }
  readonly dmarc?: { readonly result: string; readonly policy?: string }
}

export async function authcheck(one: Case, suite: Suite): Promise<Outcome> {
  const results = await ask(one, suite)
  const said: Record<(typeof methods)[number], string | undefined> = {
    dkim: bestOf(results.dkim.map(({ result }) => result)),
    spf: results.spf?.result,
    dmarc: results.dmarc?.result === 'fail' ? `fail:${results.dmarc.policy}` : results.dmarc?.result,
  }
  const expected = methods.filter((method) => one.expect[method] !== undefined)
  const missing = expected.filter((method) => said[method] === undefined)
  if (missing.length > 0) return { skipped: `authcheck says nothing of ${missing.join(', ')}` }
  if (said.dkim !== 'pass' && one.expect['dkim'] === 'pass' && lacksKeys(results.dkim, zoneOf(one, suite))) {
    return { skipped: 'the zone has no key of the signature: its source asks the public DNS' }
  }
  for (const method of expected) {
    if (!isAmong(said[method], one.expect[method]))
      return `${method} is ${said[method]}, and not ${one.expect[method]}: ${JSON.stringify(results)}`
  }
  for (const [method, result] of (one.expect['not'] ?? []) as [(typeof methods)[number], string][]) {
    if (said[method] === result) return `${method} is ${result}`
  }
  return undefined
}

async function ask(one: Case, suite: Suite): Promise<Results> {
  const home = mkdtempSync(join(tmpdir(), 'yabumi-suite-'))
  try {
    const zone = join(home, 'zone.json')
    writeFileSync(zone, JSON.stringify(zoneOf(one, suite)))
    const { ip, helo, mailfrom } = one.input as Record<string, string | null | undefined>
    const args = Object.entries({ ip, helo, sender: mailfrom }).flatMap(([name, value]) =>
      typeof value === 'string' ? [`--${name}=${value}`] : [],
    )
    const { stdout } = await execa(program, ['--json', `--zone=${zone}`, ...args], {
      input: bytesOf(one.input['message'] ?? ''),
      env: { YABUMI_HOME: home },
    })
    return JSON.parse(stdout) as Results
  } finally {
    rmSync(home, { recursive: true })
  }
}

function lacksKeys(signatures: readonly Signed[], zone: Values): boolean {
  const names = new Set(Object.keys(zone).map((name) => name.toLowerCase()))
  return !signatures.some(({ domain, selector }) => names.has(`${selector}._domainkey.${domain}`.toLowerCase()))
}

function bestOf(results: readonly string[]): string {
  return results.includes('pass') ? 'pass' : (results[0] ?? 'none')
}
