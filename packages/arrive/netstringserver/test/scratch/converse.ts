/** Run a program with the network on pipes. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { checkout, type ScratchHome } from '../../../smtpd/test/scratch/home.ts'

export interface End {
  readonly code: number | null
  readonly said: string
  readonly complaints: string
}

/** Give a program all of its input at once, a byte string, and wait for its end. */
export async function converse(
  program: string,
  home: ScratchHome,
  input: string,
  environment: Record<string, string> = {},
  args: readonly string[] = [],
): Promise<End> {
  const child = spawn(join(checkout, 'bin', program), args, { env: home.environment(environment), stdio: 'pipe' })
  let said = ''
  let complaints = ''
  child.stdout.on('data', (bytes: Buffer) => {
    said += bytes.toString('latin1')
  })
  child.stderr.on('data', (bytes: Buffer) => {
    complaints += bytes.toString('latin1')
  })
  child.stdin.on('error', () => undefined)
  child.stdin.end(Buffer.from(input, 'latin1'))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, said, complaints }
}
