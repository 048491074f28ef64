/** `local [-nN] user homedir local dash ext domain sender aliasempty`: one delivery of the message on descriptor 0. */
import { writeSync } from 'node:fs'
import { byteArguments, byteEnvironment, calledName, Getopt } from '@yabumi/commandline'
import { deliver, type Output } from './deliver.ts'
import { parseRequest, recordedName, usage } from './request.ts'

/** @returns the exit code */
export async function deliverOnce(): Promise<number> {
  const options = new Getopt(byteArguments(), 'nN')
  let dryRun = false
  for (let letter = options.next(); letter !== undefined; letter = options.next()) {
    if (letter === '?') return misused(`${recordedName}: ${options.complaint}\n`)
    dryRun = letter === 'n'
  }
  const request = parseRequest(options.rest())
  if (request === undefined) return misused()
  return await deliver(request, 0, { dryRun, alone: true, environment: byteEnvironment(), output: descriptors })
}

function misused(complaint = ''): number {
  write(2, `${complaint}${usage}\n`.replaceAll(recordedName, calledName('local', recordedName)))
  return 100
}

const descriptors: Output = {
  say: (text) => write(1, text),
  complain: (text) => write(2, text),
  forPrograms: () => [1, 2],
}

/** Whether somebody reads what is said makes no difference to the delivery. */
function write(fd: number, text: string): void {
  try {
    writeSync(fd, Buffer.from(text, 'latin1'))
  } catch {
    // nobody does
  }
}
