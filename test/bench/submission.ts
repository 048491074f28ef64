/**
 * The row of submission: a user logs in for each message, which is signed and goes out over TLS.
 *
 * Beside it is Postfix with opendkim and Dovecot's SASL, as they ship: Dovecot keeps no logins, so that each costs a hash. Its hash (SHA512-CRYPT)
 * has as many rounds as take the time of our scrypt on this machine. Its cache would change nothing: Dovecot asks a passwd-file each time.
 */
import { spawn } from 'node:child_process'
import { generateKeyPairSync, scryptSync } from 'node:crypto'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { freePort } from '../support/ports.ts'
import { find } from '../support/programs.ts'
import { until } from '../support/wait.ts'
import { drained, measured } from './delivery.ts'
import { withHome } from './ownrows.ts'
import { paired, type Side } from './paired.ts'
import { startPostfix } from './postfix.ts'
import { figureOf, type RowResult, Skip } from './rows.ts'
import type { Shared } from './shared.ts'
import { hostName, makeDirectory, type System } from './system.ts'
import { certificateIn, sinkAddress, withCertificate } from './tlsboth.ts'
import { sendOverTls } from './tlsload.ts'
import { startTlsSink } from './tlssink.ts'
import { cpuSeconds, pss } from './tree.ts'

const password = 'correct horse battery'
const size = { messages: 100, sessions: 4, sizeBytes: 2_000 } as const // more at once would wait longer for Dovecot's hash than Postfix does

/** Something that belongs to a side. */
interface Part {
  readonly pid: number
  stop(): Promise<void>
}

function run(program: string, args: readonly string[]): Part {
  const child = spawn(program, args, { stdio: 'ignore' })
  const ended = new Promise<void>((done) => child.once('exit', () => done()))
  return {
    pid: child.pid ?? 0,
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

async function secondsOf(rounds: number): Promise<number> {
  const times: number[] = []
  for (let n = 0; n < 5; n += 1) {
    const start = performance.now()
    await execa('doveadm', ['pw', '-s', 'SHA512-CRYPT', '-r', String(rounds), '-p', password])
    times.push((performance.now() - start) / 1000)
  }
  return Math.min(...times)
}

/** Rounds of SHA512-CRYPT that take as long as our hash. */
async function roundsOfOurs(): Promise<number> {
  const times = Array.from({ length: 5 }, () => {
    const start = performance.now()
    scryptSync(password, 'sixteen bytes ok', 32, { N: 2 ** 15, r: 8, p: 1, maxmem: 2 ** 28 })
    return (performance.now() - start) / 1000
  })
  const [few, many] = [5_000, 205_000]
  const perRound = ((await secondsOf(many)) - (await secondsOf(few))) / (many - few)
  return Math.max(5_000, Math.round(Math.min(...times) / perRound))
}

async function startDovecotSasl(directory: string, user: string, rounds: number): Promise<Part & { readonly socket: string }> {
  makeDirectory(directory)
  const { stdout } = await execa('doveadm', ['pw', '-s', 'SHA512-CRYPT', '-r', String(rounds), '-p', password])
  writeFileSync(join(directory, 'users'), `${user}:${stdout}\n`)
  const socket = join(directory, 'auth')
  writeFileSync(
    join(directory, 'conf'),
    `base_dir = ${directory}/run
log_path = ${directory}/log
protocols =
ssl = no
auth_mechanisms = plain
passdb {
  driver = passwd-file
  args = ${directory}/users
}
userdb {
  driver = static
  args = uid=65534 gid=65534 home=/
}
service auth {
  unix_listener ${socket} {
    mode = 0666
  }
}
`,
  )
  const dovecot = run('/usr/sbin/dovecot', ['-F', '-c', join(directory, 'conf')])
  await until('Dovecot listens', () => existsSync(socket))
  return { ...dovecot, socket }
}

async function startSigner(directory: string, key: string): Promise<Part & { readonly port: number }> {
  makeDirectory(directory)
  const port = await freePort()
  writeFileSync(join(directory, 'key'), key, { mode: 0o600 })
  const words = `Socket inet:${port}@127.0.0.1\nMode s\nDomain ${hostName}\nSelector r1\nKeyFile ${directory}/key\nInternalHosts 127.0.0.1\n`
  writeFileSync(join(directory, 'conf'), `${words}UserID root\nRequireSafeKeys no\nCanonicalization relaxed/relaxed\nSyslog no\n`)
  return { ...run(find('opendkim') ?? 'opendkim', ['-x', join(directory, 'conf'), '-f']), port }
}

export async function submission(shared: Shared): Promise<RowResult> {
  if (shared.isBefore || shared.other === undefined) throw new Skip(shared.otherMissing || 'this row is beside Postfix')
  if (find('doveadm') === undefined || find('opendkim') === undefined) throw new Skip('Dovecot or opendkim is not installed')
  const user = shared.accounts[0]?.name ?? ''
  const pem = certificateIn(shared)
  const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'pem', type: 'pkcs8' }) as string
  const sink = await startTlsSink(sinkAddress, pem)
  const signer = await startSigner(join(shared.directory, 'opendkim'), key)
  const rounds = await roundsOfOurs()
  const parts: { stop(): unknown }[] = [sink, signer]
  const side = (name: string, system: System, port: number, login: string, beside: readonly Part[]): Side => {
    const pids = [system.pid, ...beside.map(({ pid }) => pid)]
    const cpu = (): number => pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0)
    return {
      name,
      peak: () => pids.reduce((sum, pid) => sum + pss(pid), 0),
      async round() {
        sink.clear()
        const before = cpu()
        const work = async (): Promise<number> => {
          const load = {
            ...size,
            port,
            from: `${user}@${hostName}`,
            to: 'someone@out.example',
            tls: 'resumed',
            login: { user: login, password },
          } as const
          const seconds = await sendOverTls(load)
          await until(`${name} sends`, () => sink.messages() >= size.messages)
          return seconds
        }
        const sample = await measured(system, size.messages, work, () => sink.last())
        await drained(system)
        return { ...sample, cpuSeconds: cpu() - before }
      },
    }
  }
  const postfixSide = async (): Promise<Side> => {
    const sasl = await startDovecotSasl(join(shared.directory, 'sasl'), user, rounds)
    const port = await freePort()
    const options = [
      'smtpd_sasl_auth_enable=yes',
      'smtpd_sasl_type=dovecot',
      `smtpd_sasl_path=${sasl.socket}`,
      'smtpd_tls_security_level=encrypt',
      'smtpd_recipient_restrictions=permit_sasl_authenticated,reject',
      `smtpd_milters=inet:127.0.0.1:${signer.port}`,
      'milter_default_action=tempfail',
    ]
    const service = `127.0.0.1:${port} inet n - n - - smtpd ${options.map((option) => `-o ${option}`).join(' ')}`
    const settings = [
      `smtpd_tls_chain_files = ${pem}`,
      `transport_maps = inline:{ out.example=smtp:[${sinkAddress}]:${sink.port} }`,
      'smtp_tls_security_level = encrypt',
      'smtp_tls_session_cache_database = btree:$data_directory/smtp_scache', // as Debian has it
    ]
    const postfix = await startPostfix(join(shared.directory, 'postfix-submission'), settings, undefined, [service])
    parts.push(sasl, postfix)
    return side('postfix', postfix, port, user, [sasl, signer])
  }
  const prepare = (home: string): void => {
    const directory = join(home, 'control/dkim', hostName)
    mkdirSync(directory, { recursive: true, mode: 0o755 })
    writeFileSync(join(directory, 'r1.key'), key, { mode: 0o600 })
    writeFileSync(join(directory, 'r1.state'), 'active 2026-12-01T00:00:00Z\n', { mode: 0o600 })
    rmSync(join(home, 'control/userlimits'), { force: true })
  }
  const control = { smtproutes: `out.example:${sinkAddress}:${sink.port}\n`, tlspolicy: 'out.example:encrypt\n', ...withCertificate(pem) }
  const port = await freePort()
  try {
    const other = await postfixSide()
    return await withHome(
      shared,
      'submission',
      control,
      prepare,
      async (yabumi) => {
        await execa(join(yabumi.home, 'bin/setpassword'), [user], { env: yabumi.environment, input: `${password}\n` })
        const result = await paired([side('yabumi', yabumi, port, user, []), other], shared.bounds)
        return { unit: 'messages/s', paired: result, figures: [figureOf(result, 0, 'messages/s', 1.5)] }
      },
      false,
      ['--submission', `127.0.0.1:${port}`],
    )
  } finally {
    for (const part of parts.reverse()) await part.stop()
  }
}
