/** Which supervisor runs this machine, and what it needs to run the home. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { listenerOn } from './listeners.ts'
import { ports } from './look.ts'
import type { Programs } from './programs.ts'
import { writeOnce } from './settings.ts'

export interface Supervisor {
  readonly name: string
  /** Whether it wants files at all. */
  readonly hasFiles: boolean
  /** Whether its files are there. */
  isServed(home: string): boolean
  /** Write them. */
  serve(home: string, programs: Programs): Promise<void>
  /** The command with which everything begins. */
  next(home: string): string
}

const everywhere = (port: number): string[] => [`0.0.0.0:${port}`, `[::]:${port}`]
const webPort = 80

/** The web's port only where no other server has it: acme needs webfiles there, and the rest does not. */
function listeners(): string[] {
  const all = { ...ports, ...(listenerOn(webPort) === undefined ? { http: webPort } : {}) }
  return Object.entries(all).flatMap(([option, port]) => everywhere(port).flatMap((address) => [`--${option}`, address]))
}

const unit = '/etc/systemd/system/yabumi.service'

/** What the operator types where no supervisor is found. */
function commandLine(home: string): string {
  return [`${home}/bin/supervise`, ...listeners().map((word) => (word.startsWith('[') ? `'${word}'` : word))].join(' ')
}

const systemd: Supervisor = {
  name: 'systemd',
  hasFiles: true,
  isServed: () => existsSync(unit),
  serve: async (home) => void writeOnce(unit, unitText(home)),
  next: () => 'systemctl daemon-reload && systemctl enable --now yabumi',
}

const nobody: Supervisor = { name: 'no supervisor', hasFiles: false, isServed: () => true, serve: async () => undefined, next: commandLine }

type Scanning = 'daemontools' | 's6' | 'runit'

/** @param kind - as `service` calls it @param scanned - where it looks for services */
function directories(kind: Scanning, scanned: string): Supervisor {
  return {
    name: kind,
    hasFiles: true,
    isServed: (home) => existsSync(`${home}/service/smtpd/run`),
    serve: async (home, programs) => void (await programs.run('service', [kind, `${home}/service`, ...listeners()])),
    next: (home) => `ln -s ${home}/service/* ${scanned}/${kind === 's6' ? ` && s6-svscanctl -a ${scanned}` : ''}`,
  }
}

/** The one that runs. */
export function findSupervisor(): Supervisor {
  if (existsSync('/run/systemd/system')) return systemd
  for (const pid of readdirSync('/proc')) {
    const [program = '', ...args] = /^\d+$/.test(pid) ? wordsOf(pid) : []
    const kind = scanners.get(basename(program))
    if (kind !== undefined) return directories(kind, args.find((word) => word.startsWith('/')) ?? '/service')
  }
  return nobody
}

const scanners: ReadonlyMap<string, Scanning> = new Map<string, Scanning>([
  ['s6-svscan', 's6'],
  ['svscan', 'daemontools'],
  ['runsvdir', 'runit'],
])

function wordsOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  } catch {
    return [] // it has ended meanwhile
  }
}

/** It stops as supervise does: within control/stoptime, which is 80 s, and some more. */
function unitText(home: string): string {
  return `[Unit]
Description=yabumi mail system
Documentation=man:supervise(8)
After=network-online.target
Wants=network-online.target

[Service]
ExecStart=${home}/bin/supervise ${listeners().join(' ')}
ExecReload=/bin/kill -HUP $MAINPID
KillMode=mixed
TimeoutStopSec=90
Restart=always
LimitNOFILE=65536

[Install]
WantedBy=multi-user.target
`
}
