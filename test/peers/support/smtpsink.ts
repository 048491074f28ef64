/** Postfix's smtp-sink(1), keeping what it is given. */
import { chmodSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { execa } from 'execa'
import { amRoot, type Cleaner, type ScratchHome } from '../../support/home.ts'
import { find } from '../../support/programs.ts'
import { until } from '../../support/wait.ts'

/** One transaction, as smtp-sink saw it. */
export interface Transaction {
  readonly sender: string
  readonly recipients: readonly string[]
  /** With LF line ends and an empty line more than there was. */
  readonly text: string
}

/** Start one and wait until it accepts; it ends with the test at the latest. @param options - its own, to make it refuse commands */
export async function startSmtpSink(cleaner: Cleaner, home: ScratchHome, port: number, ...options: string[]) {
  const directory = mkdtempSync(join(home.root, 'sink-'))
  chmodSync(directory, 0o777) // started by root it becomes somebody else
  const account = amRoot ? ['-u', 'nobody'] : []
  const args = [...account, ...options, '-d', `${directory}/`, `inet:127.0.0.1:${port}`, '1000']
  const child = execa(find('smtp-sink') ?? 'smtp-sink', args, { stdio: 'ignore', reject: false, cwd: directory })
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL')
    await child
  }
  cleaner.teardown(stop)
  await until('smtp-sink accepts', () => accepts(port))
  return {
    stop,
    transactions: (): Transaction[] => readdirSync(directory).map((file) => parse(readFileSync(join(directory, file), 'latin1'))),
  }
}

function parse(dump: string): Transaction {
  const addresses = (field: string): string[] =>
    [...dump.matchAll(new RegExp(`^X-${field}-Args: <(.*)>`, 'gm'))].map(([, address = '']) => address)
  const ownFields = /^(?:X-.*\n)*Received: from .*\n\tby smtp-sink .*\n\t.*\n/
  return { sender: addresses('Mail')[0] ?? '', recipients: addresses('Rcpt'), text: dump.replace(ownFields, '') }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.on('connect', () => socket.end('QUIT\r\n')).resume()
    socket.on('close', (failed) => resolve(!failed)).on('error', () => undefined)
  })
}
