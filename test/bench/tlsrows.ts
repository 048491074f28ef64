/** Rows over TLS, each beside a Postfix of its own with the same certificate. */
import { until } from '../support/wait.ts'
import { nameEnd } from './accounts.ts'
import { drained, measured, side } from './delivery.ts'
import { programMemory, withHome } from './ownrows.ts'
import { type Paired, paired, type Side } from './paired.ts'
import { figureOf, type Row, type RowResult } from './rows.ts'
import type { Shared } from './shared.ts'
import { submission } from './submission.ts'
import { delivered, emptyMaildirs, lastDelivery, type System } from './system.ts'
import { certificateIn, sinkAddress, withBoth, withCertificate } from './tlsboth.ts'
import { idleSession, sendOverTls, type TlsLoad } from './tlsload.ts'
import { startTlsSink } from './tlssink.ts'
import { cpuSeconds } from './tree.ts'
import type { Yabumi } from './yabumi.ts'

const size = { messages: 1_000, sessions: 20, sizeBytes: 2_000, from: 'load@load.example' } as const

export const tlsRows: readonly Row[] = [
  { name: 'TLS in→Maildir, resumed', load: '2 KB, 20 sessions, each a connection a message', run: (shared) => inbound(shared, 'resumed') },
  { name: 'TLS in→Maildir, full', load: '2 KB, 20 sessions, a handshake a message', run: (shared) => inbound(shared, 'full') },
  { name: 'TLS out', load: '2 KB, 20 sessions in clear, out over TLS', run: outbound },
  { name: 'TLS handshakes', load: 'STARTTLS, EHLO, QUIT; 10 at a time', run: handshakes },
  { name: 'TLS idle', load: '1,000 idle sessions', run: idle },
  { name: 'submission', load: 'TLS, AUTH PLAIN, 2 KB, signed by RSA-2048, out over TLS; 4 sessions of one user', run: submission },
]

function toMaildir(system: System, shared: Shared, tls: TlsLoad['tls']): Side {
  const accounts = shared.accounts.slice(0, 1)
  return side(system, async () => {
    emptyMaildirs(system, accounts)
    const work = async (): Promise<number> => {
      const seconds = await sendOverTls({ ...size, port: system.smtpPort, to: `1${nameEnd}@${system.host}`, tls })
      await until(`${system.name} delivers`, () => delivered(system, accounts) >= size.messages)
      return seconds
    }
    const sample = await measured(system, size.messages, work, () => lastDelivery(system, accounts))
    await drained(system)
    return sample
  })
}

/** The ratio over TLS; of sessions that are taken up again beside that in clear, by the same client. */
async function inbound(shared: Shared, tls: 'full' | 'resumed'): Promise<RowResult> {
  return withBoth(shared, certificateIn(shared), {}, async (yabumi, postfix) => {
    const compared = (how: TlsLoad['tls']): Promise<Paired> =>
      paired([toMaildir(yabumi, shared, how), toMaildir(postfix, shared, how)], shared.bounds)
    const result = await compared(tls)
    if (tls === 'full') return { unit: 'messages/s', paired: result, figures: [figureOf(result, 0, 'messages/s', 1.2)] }
    const own = figureOf(result, 0, 'messages/s', 0)
    const inClear = await compared('clear')
    const clear = figureOf(inClear, 0, 'messages/s', 0)
    const share = {
      what: `of the ratio in clear, ${clear.value.toFixed(2)}`,
      value: own.value / clear.value,
      unit: '',
      sense: '≥',
      target: 0.9,
    } as const
    const cheapness = (of: Paired): number => 1 / (of.cpuRatios[0]?.median ?? Number.NaN)
    const ofServers = {
      what: `the same of processor time a message, without the client's, in clear ${cheapness(inClear).toFixed(2)}`,
      value: cheapness(result) / cheapness(inClear),
      unit: '',
      sense: '≥',
      target: 0.9,
    } as const
    return { unit: 'messages/s', paired: result, figures: [own, share, ofServers] }
  })
}

async function outbound(shared: Shared): Promise<RowResult> {
  const pem = certificateIn(shared)
  const sink = await startTlsSink(sinkAddress, pem)
  const control = { smtproutes: `out.example:${sinkAddress}:${sink.port}\n`, tlspolicy: 'out.example:encrypt\n' }
  const settings = [
    `transport_maps = inline:{ out.example=smtp:[${sinkAddress}]:${sink.port} }`,
    'smtp_tls_security_level = encrypt',
    'smtp_tls_session_cache_database = btree:$data_directory/smtp_scache', // as Debian has it
  ]
  const out = (system: System): Side =>
    side(system, async () => {
      sink.clear()
      const work = async (): Promise<number> => {
        const seconds = await sendOverTls({ ...size, port: system.smtpPort, to: 'someone@out.example', tls: 'clear' })
        await until(`${system.name} sends`, () => sink.messages() >= size.messages)
        return seconds
      }
      const sample = await measured(system, size.messages, work, () => sink.last())
      await drained(system)
      return sample
    })
  try {
    return await withBoth(shared, pem, { control, settings }, async (yabumi, postfix) => {
      const result = await paired([out(yabumi), out(postfix)], shared.bounds)
      return { unit: 'messages/s', paired: result, figures: [figureOf(result, 0, 'messages/s', 1.5)] }
    })
  } finally {
    await sink.stop()
  }
}

async function handshakes(shared: Shared): Promise<RowResult> {
  const count = 1_000
  const shake = (system: System): Side =>
    side(system, async () => {
      const cpu = cpuSeconds(system.pid)
      const loadSeconds = await sendOverTls({ ...size, messages: count, sessions: 10, port: system.smtpPort, tls: 'full' })
      const seconds = cpuSeconds(system.pid) - cpu
      return { value: count / seconds, cpuSeconds: seconds, loadSeconds, messages: count }
    })
  return withBoth(shared, certificateIn(shared), {}, async (yabumi, postfix) => {
    const result = await paired([shake(yabumi), shake(postfix)], shared.bounds)
    return { unit: 'handshakes a CPU second', paired: result, figures: [figureOf(result, 0, 'handshakes', 0.9)] }
  })
}

async function idle(shared: Shared): Promise<RowResult> {
  const count = 1_000
  const open = async (yabumi: Yabumi): Promise<number> => {
    const address = (n: number): string => `127.0.1.${1 + (n % 50)}` // no client may have all that there are
    const warm = await Promise.all(Array.from({ length: 20 }, (_, n) => idleSession(yabumi.smtpPort, address(n))))
    const before = programMemory(yabumi, 'smtpd')
    const sessions = [...warm]
    for (let n = 0; n < count; n += 20)
      sessions.push(...(await Promise.all(Array.from({ length: 20 }, (_, k) => idleSession(yabumi.smtpPort, address(n + k))))))
    const bytes = (programMemory(yabumi, 'smtpd') - before) / count
    for (const session of sessions) session.destroy()
    return bytes
  }
  const bytes = await withHome(shared, 'tls-idle', withCertificate(certificateIn(shared)), () => undefined, open)
  return { unit: '', paired: undefined, figures: [{ what: 'memory a session', value: bytes / 1000, unit: ' KB', sense: '≤', target: 100 }] }
}
