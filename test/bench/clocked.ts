/** What other programs cost: the shell's own clock of its children. */
import { execa } from 'execa'

/**
 * Run a command of bash and add up the processor time of all that it starts.
 *
 * The shell reads no start-up files: with a socket as its standard input, which is what Node gives, it takes itself for rshd's and reads ~/.bashrc.
 *
 * @param words - $1, $2 and so on
 * @returns user and system time in seconds
 * @throws if it ends with another code than 0
 */
export async function clocked(command: string, words: readonly string[], env: Record<string, string> = {}): Promise<number> {
  const script = `TIMEFORMAT='%U %S'; time ${command}`
  const { stderr } = await execa('bash', ['--norc', '-c', script, 'bash', ...words], { stdin: 'ignore', env: { ...env, LC_ALL: 'C' } })
  const [user = 0, system = 0] = (stderr.trim().split('\n').pop() ?? '').split(' ').map(Number)
  return user + system
}
