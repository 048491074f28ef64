/** Programs of the home that do a part of the work. */
import { spawn } from 'node:child_process'
import { programPath } from '@yabumi/home'
import { Trouble } from '@yabumi/trouble'

/** Where it complains itself. */
export class Failed extends Trouble {}

/**
 * Run one with our descriptors 0 and 2.
 *
 * @throws Failed with 5.5.4 where it ends with 100, else 4.3.0; it has said why
 */
export function runProgram(name: string, ...args: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(programPath(name), args, { stdio: ['inherit', 'ignore', 'inherit'] })
    child.once('error', (cause) => reject(new Trouble('4.3.0', `unable to run ${name}`, { cause })))
    child.once('close', (code) => {
      if (code === 0) resolve()
      else reject(new Failed(code === 100 ? '5.5.4' : '4.3.0', `${name} has said why`))
    })
  })
}
