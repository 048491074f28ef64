/** Show the authority that a name is ours: by a file that webfiles hands out, or by a record that a program sets. */
import { createHash, type KeyObject } from 'node:crypto'
import { startProgram } from '@yabumi/child'
import { acmeProgramSeconds } from '@yabumi/limits'
import { Trouble } from '@yabumi/trouble'
import { thumbprint } from './jws.ts'
import type { Proof } from './settings.ts'
import { putChallenge, removeChallenge } from './store.ts'

/**
 * @param token - the authority's
 * @param key - of our account there
 * @returns what takes it back
 * @throws Trouble 4.7.0 if that did not work
 */
export async function prove(proof: Proof, name: string, token: string, key: KeyObject): Promise<() => Promise<void> | void> {
  if (!/^[A-Za-z0-9_-]{1,128}$/.test(token)) throw new Trouble('4.7.0', 'the authority wants a file that has no name of a file')
  const words = `${token}.${thumbprint(key)}`
  if (proof.type === 'http-01') {
    putChallenge(token, words)
    return () => removeChallenge(token)
  }
  const record = [`_acme-challenge.${name}`, createHash('sha256').update(words).digest('base64url')] as const
  const { program } = proof
  await runProgram(program, ['set', ...record])
  return () => runProgram(program, ['unset', ...record])
}

/** It has no input, its output goes where ours does. @throws Trouble 4.7.0 if it fails, or takes too long */
async function runProgram(file: string, args: readonly string[]): Promise<void> {
  const env = ['PATH', 'YABUMI_HOME', 'TZ'].flatMap((name): [string, string][] => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value]]
  })
  const child = startProgram({ file, args, env }, { stdio: ['ignore', 2, 2], detached: true })
  const outcome = await new Promise<string | undefined>((resolve) => {
    const timer = setTimeout(() => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      resolve(`took more than ${acmeProgramSeconds} seconds`)
    }, acmeProgramSeconds * 1_000)
    const end = (problem: string | undefined): void => {
      clearTimeout(timer)
      resolve(problem)
    }
    child.once('error', (error) => end(error.message))
    child.once('exit', (code, signal) => end(code === 0 ? undefined : `ended with ${signal ?? code}`))
  })
  if (outcome !== undefined) throw new Trouble('4.7.0', `${file} ${args[0]} ${outcome}`)
}
