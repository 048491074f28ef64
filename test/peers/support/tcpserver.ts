/** ucspi-tcp's tcpserver(1) around a program of a home, on a port of its own choice. */
import { join } from 'node:path'
import { execa } from 'execa'
import type { Cleaner, ScratchHome } from '../../support/home.ts'
import { find } from '../../support/programs.ts'
import { until } from '../../support/wait.ts'
import { runPeer } from './peer.ts'

/** Compile a table of rules. @returns the path of the cdb file */
export async function tcprules(directory: string, ...rules: string[]): Promise<string> {
  const path = join(directory, 'tcp.cdb')
  await runPeer(directory, 'tcprules', [path, join(directory, 'tcp.tmp')], { input: rules.map((rule) => `${rule}\n`).join('') })
  return path
}

/** Start it and wait until it accepts; it ends with the test. @param command - run with the home as working directory */
export async function startTcpserver(cleaner: Cleaner, home: ScratchHome, options: readonly string[], command: readonly string[]) {
  const args = ['-1', '-v', '-H', '-R', '-l', 'local.example', ...options, '127.0.0.1', '0', ...command]
  const child = execa(find('tcpserver') ?? 'tcpserver', args, {
    cwd: home.directory,
    env: home.environment,
    extendEnv: false,
    stdio: ['ignore', 'pipe', 'pipe'],
    reject: false,
    buffer: false,
  })
  cleaner.teardown(async () => {
    child.kill('SIGTERM')
    await child
  })
  let log = ''
  let port = ''
  child.stderr.on('data', (text: Buffer) => {
    log += text.toString('latin1')
  })
  child.stdout.on('data', (text: Buffer) => {
    port += text.toString('latin1')
  })
  await until('tcpserver has told its port', () => port.includes('\n'))
  return {
    port: Number(port),
    /** Wait for this many connections whose command ended with this exit code. */
    ended: (count: number, code: number) => {
      const line = new RegExp(`^tcpserver: end \\d+ status ${code * 256}$`, 'gm')
      return until(
        () => `${count} connections that ended with ${code}:\n${log}`,
        () => [...log.matchAll(line)].length >= count,
      )
    },
  }
}
